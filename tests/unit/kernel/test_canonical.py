"""One byte form: RFC 8785, base64url, digests and ids."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.canonical import b64, canonical_bytes, unb64
from beffroi.kernel.digest import GENESIS, digest_of, link
from beffroi.kernel.ids import is_safe_name, new_id
from beffroi.kernel.signing import SigningKey, VerifyKey

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_bytes_read_back_as_the_same_value(value):
    assert json.loads(canonical_bytes(value)) == value


@given(JSON | JSON.map(lambda value: {"plain": value, "list": [1, 'a\x7f\n"\\']}))
def test_the_quick_way_gives_the_bytes_of_the_standard(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_bytes(value) == canonical_bytes(dict(reversed(list(value.items()))))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError):
        canonical_bytes(value)


@given(st.binary())
def test_base64url_goes_there_and_back(data):
    assert unb64(b64(data)) == data
    assert "=" not in b64(data)


@pytest.mark.parametrize("text", ["a+b", "a/b", "ab\n", "é"])
def test_other_letters_are_refused(text):
    with pytest.raises(ValueError):
        unb64(text)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_changed_value_changes_the_chain(one, other):
    assert (link(GENESIS, one) == link(GENESIS, other)) == (one == other)


def test_digest_of_a_known_value():
    # sha256 of the two bytes {}
    assert digest_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@given(st.lists(st.integers(0, 2**47), min_size=2, max_size=6, unique_by=lambda us: us // 1_000))
def test_ids_sort_by_birth(births):
    made = [new_id(us) for us in sorted(births)]
    assert made == sorted(made)
    assert all(is_safe_name(one) for one in made)
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "é", "a" * 64, "-a"])
def test_unsafe_file_names_are_refused(name):
    assert not is_safe_name(name)


@given(st.binary(min_size=32, max_size=32), st.binary(), st.integers(0, 511))
def test_a_signature_dies_with_one_flipped_bit(seed, data, bit):
    key = SigningKey(seed)
    signature = bytearray(key.sign(data))
    assert VerifyKey(key.public_bytes).verifies(bytes(signature), data)
    signature[bit // 8] ^= 1 << (bit % 8)
    assert not VerifyKey(key.public_bytes).verifies(bytes(signature), data)
