"""OASIS Common Alerting Protocol 1.2: read leniently, written strictly (research/ppms.md §3.1, §8).

Real feeds reorder elements and leave some out, so reading asks only for what a decision needs. A document with a
DOCTYPE, whatever it declares, is refused before anything in it is expanded: no entity, no inclusion, no style sheet
is ever fetched. Signatures are not verified here; a message is only as good as the road it came by.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from beffroi.kernel.errors import Invalid
from beffroi.safety.core.words import Hazard, Nature, Posture

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MAX_BYTES = 4 * 1024 * 1024
MAX_INFOS = 64
_E = TypeVar("_E", bound=StrEnum)
_READ_NAMESPACES = frozenset({NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1", ""})


class Status(StrEnum):
    """How a message is to be handled."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MessageType(StrEnum):
    """What a message is to the ones before it."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


STATUS_OF = {Nature.REAL: Status.ACTUAL, Nature.DRILL: Status.EXERCISE, Nature.TEST: Status.TEST}

RESPONSE_OF = {
    Posture.SHELTER: "Shelter",
    Posture.SEAL_IN: "Shelter",
    Posture.TAKE_COVER: "Execute",
    Posture.ESCAPE_OR_HIDE: "Execute",
    Posture.EVACUATE: "Evacuate",
    Posture.RELEASED: "AllClear",
    Posture.NORMAL: "None",
}

CATEGORY_OF = {
    Hazard.INTRUSION: "Security",
    Hazard.VIOLENCE_NEARBY: "Security",
    Hazard.BOMB_THREAT: "Security",
    Hazard.EARTHQUAKE: "Geo",
    Hazard.FLOOD: "Met",
    Hazard.STORM: "Met",
    Hazard.TOXIC_CLOUD: "CBRNE",
    Hazard.NUCLEAR: "CBRNE",
    Hazard.DAM_FAILURE: "Infra",
    Hazard.OTHER: "Safety",
}


@dataclass(frozen=True, slots=True)
class Area:
    """A place a block speaks of. Outlines are kept as they were written: judging them is another matter."""

    name: str
    polygons: tuple[str, ...] = ()  # "latitude,longitude latitude,longitude …"
    circles: tuple[str, ...] = ()  # "latitude,longitude kilometres"
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """One ``info`` block: the message in one language."""

    language: str
    event: str
    category: str
    response: str
    urgency: str
    severity: str
    certainty: str
    headline: str = ""
    description: str = ""
    instruction: str = ""
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    event_codes: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One CAP alert."""

    identifier: str
    sender: str
    sent: datetime
    status: Status
    message_type: MessageType
    scope: str
    infos: tuple[Info, ...]
    restriction: str = ""
    references: str = ""
    incidents: str = ""
    note: str = ""

    @property
    def nature(self) -> Nature:
        """Real only for ``Actual``; everything else can raise no alarm."""
        if self.status is Status.ACTUAL:
            return Nature.REAL
        return Nature.DRILL if self.status is Status.EXERCISE else Nature.TEST


def read(data: bytes) -> Message:
    """The message in ``data``. Raises ``Invalid`` with what is wrong and where."""
    root = _tree(data)
    values = {_local(child): _text(child) for child in root if isinstance(child.tag, str)}
    missing = [name for name in ("identifier", "sender", "sent", "status", "msgType") if not values.get(name)]
    if missing:
        raise Invalid(f"This CAP message lacks {', '.join(missing)}.", code="cap_incomplete")
    infos = tuple(_info(child) for child in root if isinstance(child.tag, str) and _local(child) == "info")
    if len(infos) > MAX_INFOS:
        raise Invalid(f"This CAP message has more than {MAX_INFOS} info blocks.", code="cap_too_large")
    return Message(
        identifier=values["identifier"],
        sender=values["sender"],
        sent=_time(values["sent"], "sent"),
        status=_member(Status, values["status"], "status"),
        message_type=_member(MessageType, values["msgType"], "msgType"),
        scope=values.get("scope", ""),
        restriction=values.get("restriction", ""),
        references=values.get("references", ""),
        incidents=values.get("incidents", ""),
        note=values.get("note", ""),
        infos=infos,
    )


def write(message: Message) -> bytes:
    """The message as XML that is valid against the OASIS schema. Raises ``Invalid`` for what the schema cannot say:
    an update or cancellation without reference, a restricted scope without restriction, a time without zone."""
    _check(message)
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    top = [
        ("identifier", message.identifier),
        ("sender", message.sender),
        ("sent", stamp(message.sent)),
        ("status", message.status.value),
        ("msgType", message.message_type.value),
        ("scope", message.scope),
        ("restriction", message.restriction),
        ("note", message.note),
        ("references", message.references),
        ("incidents", message.incidents),
    ]
    _add(root, top)
    for info in message.infos:
        _write_info(etree.SubElement(root, f"{{{NAMESPACE}}}info"), info)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _write_info(block: etree._Element, info: Info) -> None:
    rows = [
        ("language", info.language),
        ("category", info.category),
        ("event", info.event),
        ("responseType", info.response),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
    ]
    _add(block, rows)
    _add_pairs(block, "eventCode", info.event_codes)
    rows = [
        ("onset", stamp(info.onset) if info.onset else ""),
        ("expires", stamp(info.expires) if info.expires else ""),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
    ]
    _add(block, rows)
    _add_pairs(block, "parameter", info.parameters)
    for area in info.areas:
        part = etree.SubElement(block, f"{{{NAMESPACE}}}area")
        _add(part, [("areaDesc", area.name)])
        _add(part, [("polygon", one) for one in area.polygons] + [("circle", one) for one in area.circles])
        _add_pairs(part, "geocode", area.geocodes)


def _tree(data: bytes) -> etree._Element:
    if len(data) > MAX_BYTES:
        raise Invalid(f"This CAP message is larger than {MAX_BYTES // 1024 // 1024} MiB.", code="cap_too_large")
    # A declaration hidden by UTF-16 is decoded by the parser; nothing is resolved and nothing loaded.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid(f"This is not XML: {error}", code="cap_not_xml") from error
    document = root.getroottree()
    if document.docinfo.internalDTD is not None or document.docinfo.externalDTD is not None:
        raise Invalid("This document declares a DOCTYPE, which a CAP message never needs: refused.", code="cap_hostile")
    name = etree.QName(root)
    if name.localname != "alert" or (name.namespace or "") not in _READ_NAMESPACES:
        raise Invalid("This XML is not a CAP alert.", code="cap_not_cap")
    return root


def _info(block: etree._Element) -> Info:
    values: dict[str, str] = {}
    for child in _children(block):
        values.setdefault(_local(child), _text(child))
    return Info(
        language=values.get("language", "en-US"),
        event=values.get("event", ""),
        category=values.get("category", ""),
        response=values.get("responseType", ""),
        urgency=values.get("urgency", "Unknown"),
        severity=values.get("severity", "Unknown"),
        certainty=values.get("certainty", "Unknown"),
        headline=values.get("headline", ""),
        description=values.get("description", ""),
        instruction=values.get("instruction", ""),
        onset=_time(values["onset"], "onset") if values.get("onset") else None,
        expires=_time(values["expires"], "expires") if values.get("expires") else None,
        sender_name=values.get("senderName", ""),
        event_codes=_pairs(block, "eventCode"),
        parameters=_pairs(block, "parameter"),
        areas=tuple(_area(child) for child in _children(block, "area")),
    )


def _area(block: etree._Element) -> Area:
    name = next((_text(child) for child in _children(block, "areaDesc")), "")
    polygons = tuple(_text(child) for child in _children(block, "polygon"))
    circles = tuple(_text(child) for child in _children(block, "circle"))
    return Area(name, polygons, circles, _pairs(block, "geocode"))


def _pairs(block: etree._Element, name: str) -> tuple[tuple[str, str], ...]:
    """The named values under one element: CAP 1.2 writes a name and a value, CAP 1.0 ``name=value``."""
    found = []
    for child in _children(block, name):
        parts = {_local(part): _text(part) for part in _children(child)}
        first, _, rest = _text(child).partition("=")
        found.append((parts.get("valueName", first), parts.get("value", rest)))
    return tuple(found)


def _children(block: etree._Element, name: str = "") -> list[etree._Element]:
    return [one for one in block if isinstance(one.tag, str) and name in ("", _local(one))]


def _check(message: Message) -> None:
    if message.message_type in (MessageType.UPDATE, MessageType.CANCEL, MessageType.ACK) and not message.references:
        raise Invalid(f"A CAP {message.message_type.value} names the message it refers to.", code="cap_no_reference")
    if message.scope not in ("Public", "Restricted", "Private"):
        raise Invalid("The scope of a CAP message is Public, Restricted or Private.", code="cap_scope")
    if (message.scope == "Restricted") != bool(message.restriction):
        raise Invalid("A restricted CAP message says to whom; another one does not.", code="cap_scope")
    if any(letter in message.identifier + message.sender for letter in " ,<&"):
        raise Invalid("CAP identifiers and senders hold no space, comma, < or &.", code="cap_identifier")


def _add(parent: etree._Element, rows: Iterable[tuple[str, str]]) -> None:
    for name, value in rows:
        if value:
            etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = value


def _add_pairs(parent: etree._Element, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    for key, value in pairs:
        _add(etree.SubElement(parent, f"{{{NAMESPACE}}}{name}"), [("valueName", key), ("value", value)])


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def stamp(at: datetime) -> str:
    """A time as CAP writes it."""
    # CAP 1.2 wants seconds and a numeric offset; Z is not allowed (§3.3.2).
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _time(text: str, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{name} is not a time: {text[:40]!r}.", code="cap_time") from None
    if at.tzinfo is None:
        raise Invalid(f"{name} has no zone: {text[:40]!r}.", code="cap_time")
    return at


def _member(kind: type[_E], text: str, name: str) -> _E:
    try:
        return kind(text)
    except ValueError:
        raise Invalid(f"{name} is {text[:40]!r}, which CAP does not know.", code="cap_value") from None
