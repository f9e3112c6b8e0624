"""What a paper's fonts can set: French and its neighbours stay as typed, the rest is shown as a question mark."""

from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.legible import legible


def test_french_stays_as_it_is_typed():
    text = "« Où l’œuvre s’achève, l’été — ça coûte 3 € : n° 12 ; voilà ! »\n(à Saint-Aubin…)"
    assert legible(text) == text


def test_what_has_no_glyph_is_shown_and_structure_kept():
    assert legible({"note": ["Vu 👮 ici", "\u202eénoncé", 3, None, True]}) == {
        "note": ["Vu ? ici", "?énoncé", 3, None, True]
    }


@given(st.text())
def test_every_letter_keeps_its_place(text):
    assert len(legible(text)) == len(text)
