"""What tests of the requisition pages share: a village, a recorder in memory behind the page, what a browser sends."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.requisition_world import PDF

RECORDER = "tests.surface.requisition_pages.memory"
_memory: list[Any] = []


def memory() -> Any:
    """What ``settings.BEFFROI_RECORDER`` names in these tests."""
    return _memory[-1]


def remember(recorder: Any) -> None:
    """From now on pages ask this one."""
    _memory[:] = [recorder]


def typed(**changes: Any) -> dict[str, Any]:
    """The form as an officer types it from a paper."""
    values: dict[str, Any] = {
        "channel": "mail",
        "unit_name": "BTA Saint-Aubin",
        "officer_name": "Camille Ferrand",
        "rank": "Adjudant",
        "quality": "OPJ",
        "matricule": "271828",
        "procedure_number": "12345/00678/2026",
        "legal_basis": "CPP_60_1",
        "offence": "vol à l’arraché",
        "place": "place de la Halle",
        "numbers": "3",
        "since_day": "2026-11-22",
        "since_time": "21:00",
        "until_time": "21:30",
        "things": ["copie"],
        "confidential": "on",
        "tolerance": "0",
        "send": "1",
        "document": SimpleUploadedFile("requisition.pdf", PDF, content_type="application/pdf"),
    }
    values.update(changes)
    return {name: value for name, value in values.items() if value is not None}


def asked(**changes: Any) -> dict[str, Any]:
    """The form as an investigator fills it: who she is comes from the account."""
    mine = ("channel", "unit_name", "officer_name", "rank", "quality", "matricule", "document")
    return typed(**dict.fromkeys(mine), **changes)
