"""Everything a package says that the office knows: gathered once, before the recorder is asked."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from beffroi.audit import queries as audit
from beffroi.audit.core.facts import Fact
from beffroi.governance import models
from beffroi.governance.core.evidence import CameraSheet, ExternalSheet
from beffroi.governance.core.evidence_custody import CustodyActor, CustodyEvent
from beffroi.governance.core.intake import Probe, TakenFile
from beffroi.governance.documents import store
from beffroi.governance.files.packages import PackageOrder, Proofs
from beffroi.governance.files.slips import Heading
from beffroi.governance.files.verifier.custody import canonical
from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import BeffroiError, NotFound
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts

ACTS = {
    "requisition:receive": "receive",
    "requisition:accept": "decide",
    "requisition:accept-partly": "decide",
    "hold:place": "hold",
    "hold:confirm": "hold",
    "intake:take": "take-in",
    "extraction:request": "order",
    "extraction:retry": "order",
}
"""Facts of the log that belong to the custody of these pictures, and the act each is there."""
TRIES = 3


def order_of(extraction: str) -> PackageOrder:
    """The order of one extraction as things stand; ``NotFound``."""
    row = models.Extraction.objects.select_related("requisition").filter(pk=extraction).first()
    if row is None:
        raise NotFound("There is no such extraction.", code="no_such_extraction")
    asked = row.requisition
    cameras = tuple(_sheet(sites.camera(camera), Span(row.footage_from, row.footage_until)) for camera in row.cameras)
    executor = people.person_facts(row.requested_by, row.requested_at)
    clearance = executor.clearance_for(cameras[0].insee, row.requested_at)
    events = tuple(_events(row))
    decision = asked.decisions.order_by("-at").first()
    document, digest = _request(asked)
    basis = basis_text(asked.legal_basis)
    return PackageOrder(
        heading=Heading(
            package=row.package,
            centre=str(settings.BEFFROI_CENTRE),
            requisition=asked.number,
            procedure=asked.procedure_number,
            basis=basis,
            recipient=", ".join(part for part in (asked.officer_name, asked.unit_name) if part),
            made_by=row.requested_by_name,
            asked=Span(row.footage_from, row.footage_until),
            zone=asked.zone,
            synthetic=False,
            language=row.language,
        ),
        asked=Span(row.footage_from, row.footage_until),
        cameras=cameras,
        insee=cameras[0].insee,
        requested_by=CustodyActor(
            executor.id, executor.called, executor.matricule, executor.force.value, executor.unit,
            clearance.id if clearance else "",
        ),
        basis=basis,
        requisition=asked.number,
        decision=decision.gate_decision if decision else "",
        persons=((executor, "extracted"), *_viewers(row)),
        events=events,
        proofs=_proofs([event.fact for event in events]),
        request_document=document,
        request_sha256=digest,
        taken=tuple(_taken(row, cameras)),
    )  # fmt: skip


def basis_text(legal_basis: str) -> str:
    """``CPP_77_1_1`` as it is written: ``CPP 77-1-1``."""
    code, _, number = legal_basis.partition("_")
    return f"{code} {number.replace('_', '-')}".strip()


def _sheet(camera: CameraFacts, span: Span) -> CameraSheet:
    order = camera.authorisation_at(span.start)
    return CameraSheet(
        id=camera.id,
        number=camera.number,
        name=camera.name,
        insee=camera.insee,
        latitude=f"{camera.latitude:.6f}",
        longitude=f"{camera.longitude:.6f}",
        authorisation=order.reference if order else "",
        retention_days=camera.retention_days,
    )


def _taken(row: models.Extraction, cameras: tuple[CameraSheet, ...]) -> Iterable[TakenFile]:
    """The files of another video system that the package is made of; none: the recorder is asked."""
    sheets = {camera.id: camera for camera in cameras}
    for one in models.Intake.objects.filter(id__in=row.intake).order_by("footage_from", "id"):
        probe = Probe(**one.probe)
        sheet = ExternalSheet(
            one.name, one.system, one.handed_by, one.taken_by_name, iso(one.taken_at), probe.container,
            probe.audio_tracks, one.clock,
        )  # fmt: skip
        path = str(intake_folder() / one.id)
        start = to_us(one.footage_from)
        yield TakenFile(one.id, sheets[one.camera], path, one.bytes, one.sha256, start, probe, sheet)


def intake_folder() -> Path:
    """Where files of other systems lie until a package has taken them, and a month at most."""
    return Path(settings.BEFFROI_DATA_DIR) / "intake"


def _viewers(row: models.Extraction) -> Iterable[tuple[PersonFacts, str]]:
    """Who of the centre looked at these pictures for this requisition (R-22): their clearance is attested too."""
    grants = models.AccessGrant.objects.filter(
        basis_kind="requisition",
        basis_reference=row.requisition_id,
        mode__in=[Mode.REPLAY.value, Mode.STILL.value],
        opened_at__isnull=False,
    )
    seen = {row.requested_by}
    for grant in grants.order_by("opened_at"):
        if grant.person not in seen:
            seen.add(grant.person)
            yield people.person_facts(grant.person, grant.opened_at or row.requested_at), "viewed"


def _request(asked: models.Requisition) -> tuple[bytes | None, str]:
    """The paper that came in, when it is a PDF, and its digest."""
    paper = asked.documents.filter(kind="request").order_by("-stored_at").first()
    if paper is None:
        return None, ""
    if paper.media_type != "application/pdf":
        return None, paper.sha256
    return store.get(paper.sha256), paper.sha256


def _events(row: models.Extraction) -> Iterable[CustodyEvent]:
    subjects = [f"requisition:{row.requisition.number}", f"extraction:{row.package}"]
    holds = models.Hold.objects.filter(requisition=row.requisition_id, camera__in=row.cameras)
    subjects += [f"hold:{hold}" for hold in holds.values_list("id", flat=True)]
    basis = basis_text(row.requisition.legal_basis)
    for subject in subjects:
        for line in audit.facts(subject=subject, name=list(ACTS), limit=200):
            if not line.erased_rule:
                yield _event(line.fact, row.requisition.number, basis)


def _event(fact: Fact, requisition: str, basis: str) -> CustodyEvent:
    actor = fact.actor
    thing: dict[str, Json] = {"subject": fact.subject}
    for name in ("camera", "cameras", "from", "to"):
        if name in fact.body:
            thing[name] = fact.body[name]
    return CustodyEvent(
        at=fact.at,
        actor=CustodyActor(actor.id, actor.name, "", actor.force, actor.unit),
        act=ACTS[fact.name],
        object=thing,
        basis=basis,
        requisition=requisition,
        station=actor.station,
        fact=fact.id,
        detail={"name": fact.name},
    )


def _proofs(facts: list[str]) -> Proofs:
    """The facts that the newest checkpoint covers, each with its path; what is not chained yet is left out."""
    for _ in range(TRIES):
        newest = audit.latest_checkpoint()
        if newest is None:
            return Proofs("", ())
        found = [proof for fact in facts if (proof := _proof(fact, newest.size)) is not None]
        now = audit.latest_checkpoint()
        if now is not None and now.size == newest.size:
            return Proofs(newest.note, tuple(found))
    return Proofs("", ())


def _proof(fact: str, size: int) -> Json:
    """One fact, salted, with its path under the tree of ``size``; ``None`` where there is none to show."""
    try:
        index, of, path = audit.proof(fact)
        document, salt = audit.disclosure(fact)
    except BeffroiError:
        return None
    if of != size or canonical(document) != canonical_bytes(document):
        return None  # the tree has grown meanwhile, or a stranger could not tell the canonical form again
    return {
        "index": index,
        "path": [step.hex() for step in path],
        "salt": salt.hex(),
        "document": dict(document),
    }
