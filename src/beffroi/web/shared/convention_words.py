"""A convention in plain words, in the user's language: for the office's page and for ``beffroi convention explain``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from beffroi.governance.core.convention_diff import Change, Direction
from beffroi.governance.core.conventions import CRISIS, PPMS_ALERT, Convention, Grant, Use
from beffroi.governance.core.yaml_nodes import Fault
from beffroi.web.shared import gate_words as words

_BETWEEN = gettext_lazy("; ")

TAGS: dict[str, Promise] = {
    "voie_publique": gettext_lazy("public road"),
    "ecole": gettext_lazy("school"),
    "erp_interieur": gettext_lazy("inside a building open to the public"),
    "ppms": gettext_lazy("school safety plan"),
}

USES: dict[Use, Promise] = {
    Use.LIVE_VIEW: gettext_lazy("watch live pictures"),
    Use.REPLAY: gettext_lazy("look back at the recording"),
    Use.EXTRACTION: gettext_lazy("receive a sealed copy"),
}

FAULTS: dict[str, Promise] = {
    "too_long": gettext_lazy("The text is too long"),
    "control_character": gettext_lazy("An invisible character stands here"),
    "not_yaml": gettext_lazy("This is not YAML"),
    "empty_text": gettext_lazy("There is nothing in the text"),
    "not_a_mapping": gettext_lazy("Lines of the form “name: value” are expected here"),
    "alias": gettext_lazy("References (& and *) are not used here: write the value out"),
    "tag": gettext_lazy("Tags (!) are not used here"),
    "too_deep": gettext_lazy("The text is nested too deep"),
    "too_many_values": gettext_lazy("The text has too many values"),
    "duplicate_key": gettext_lazy("This name stands twice"),
    "unknown_key": gettext_lazy("This name is not known here"),
    "missing": gettext_lazy("This is missing"),
    "empty": gettext_lazy("This has no value"),
    "empty_list": gettext_lazy("This list is empty"),
    "not_text": gettext_lazy("This is read as a number or a date: put it in quotes"),
    "not_one_of": gettext_lazy("This word is not one of those allowed"),
    "not_a_flag": gettext_lazy("Write true or false"),
    "not_a_number": gettext_lazy("Write a whole number"),
    "not_a_day": gettext_lazy("Write a day as 2026-01-31"),
    "not_a_value": gettext_lazy("There is no such day or value"),
    "not_a_duration": gettext_lazy("Write a duration as PT30M, PT2H or P8D"),
    "not_one_value": gettext_lazy("One value is expected here"),
    "not_a_list": gettext_lazy("A list is expected here"),
    "not_hours": gettext_lazy("Write hours as 20:00-06:00"),
    "twice": gettext_lazy("This stands twice"),
    "overlap": gettext_lazy("Two grants answer the same question"),
    "contradiction": gettext_lazy("This contradicts another line"),
    "below_the_law": gettext_lazy("The law asks for more than this"),
    "unknown_zone": gettext_lazy("There is no such time zone"),
    "not_an_insee_code": gettext_lazy("This is no INSEE code"),
    "commune_is_no_party": gettext_lazy("This commune is no party to the convention"),
    "ends_before_it_begins": gettext_lazy("It ends before it begins"),
    "too_long_a_term": gettext_lazy("The term is too long"),
    "too_long_a_look": gettext_lazy("One live access lasts twelve hours at most"),
}

FACETS: dict[str, Promise] = {
    "communes": gettext_lazy("communes"),
    "parties": gettext_lazy("parties"),
    "valid": gettext_lazy("term"),
    "order_refs": gettext_lazy("prefect’s orders"),
    "unit_in": gettext_lazy("units"),
    "quality_in": gettext_lazy("judicial quality"),
    "persons": gettext_lazy("persons"),
    "numbers": gettext_lazy("cameras"),
    "tags_any": gettext_lazy("kinds of cameras"),
    "exclude_tags": gettext_lazy("cameras left out"),
    "purposes": gettext_lazy("purposes"),
    "event_kind_in": gettext_lazy("kinds of events"),
    "basis_in": gettext_lazy("legal bases"),
    "named_agents_only": gettext_lazy("only agents named in the order"),
    "cameras_from_case": gettext_lazy("only cameras of the case or incident"),
    "window_from_case": gettext_lazy("only the span of the case"),
    "event_required": gettext_lazy("an open incident is needed"),
    "case_required": gettext_lazy("a case is needed"),
    "requisition_required": gettext_lazy("a requisition is needed"),
    "auto_stop_on": gettext_lazy("stops with the incident or case"),
    "ptz": gettext_lazy("moving the camera"),
    "copy": gettext_lazy("taking a copy"),
    "renewable": gettext_lazy("renewable"),
    "max_duration": gettext_lazy("length of one access"),
    "reach": gettext_lazy("how far back"),
    "max_window": gettext_lazy("length of the span"),
    "expires": gettext_lazy("age of the case"),
    "margin": gettext_lazy("margin around the span"),
    "hours": gettext_lazy("hours of the day"),
    "automatic": gettext_lazy("opens without approval"),
    "approval_by": gettext_lazy("who approves"),
    "approval_second": gettext_lazy("second approval"),
    "emergency": gettext_lazy("emergency access"),
    "notify": gettext_lazy("who is told"),
    "obligations": gettext_lazy("obligations"),
}

DIRECTIONS: dict[Direction, tuple[Promise, str]] = {
    Direction.ADDED: (gettext_lazy("new"), "warn"),
    Direction.REMOVED: (gettext_lazy("taken away"), "bad"),
    Direction.WIDER: (gettext_lazy("wider"), "warn"),
    Direction.NARROWER: (gettext_lazy("narrower"), "info"),
    Direction.CHANGED: (gettext_lazy("changed"), "warn"),
}


@dataclass(frozen=True, slots=True)
class GrantWords:
    """One grant as sentences."""

    id: str
    article: str
    title: str
    summary: str
    lines: tuple[tuple[str, str], ...]  # question, answer


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One difference as words."""

    who: str
    direction: str
    level: str
    what: str
    before: str
    after: str


def explain(convention: Convention) -> list[GrantWords]:
    """Every grant in plain words."""
    return [_grant(grant) for grant in convention.grants]


def fault_words(fault: Fault) -> str:
    """What is wrong, in the user's language, with what was written there."""
    said = str(FAULTS.get(fault.code, fault.code))
    return f"{said} ({fault.given})" if fault.given else said


def remedy_words(fault: Fault) -> str:
    """What to write instead. The fixed sentences of the core are message ids like any other."""
    for start, words_of in (
        ("Did you mean ", _("Did you mean %(word)s?")),
        ("Use one of: ", _("Use one of: %(word)s.")),
        ("Add ", _("Add %(word)s")),
    ):
        if fault.remedy.startswith(start):
            return words_of % {"word": fault.remedy.removeprefix(start).rstrip("?." if start != "Add " else ".")}
    return _said(fault.remedy)


def _said(sentence: str) -> str:
    """The translation of a sentence made in a core; the sentence itself where there is none."""
    return _(sentence) if sentence else ""


def change_words(change: Change, old: Convention, new: Convention) -> ChangeWords:
    """A difference between two texts in the user's language; of a whole grant, all that it gave or gives."""
    label, level = DIRECTIONS[change.direction]
    who = _units(change.force, list(change.units)) if change.force else _("the whole convention")
    what = str(FACETS.get(change.facet, change.facet)) if change.facet else _("the whole grant")
    if change.grant:
        what = f"{change.article} ({change.grant}) · {what}"
    before, after = _value(change, change.before), _value(change, change.after)
    if change.grant and not change.facet:
        before, after = _whole(old, change.grant), _whole(new, change.grant)
    return ChangeWords(who, str(label), level, what, before, after)


def _whole(convention: Convention, grant: str) -> str:
    """What a grant gives, as one sentence; nothing where the text has no such grant."""
    found = next((one for one in convention.grants if one.id == grant), None)
    if found is None:
        return ""
    said = (_use(found), _where(found), _why(found), _when(found), _approval(found))
    return str(_BETWEEN).join(one for one in said if one)


def lasting(value: timedelta) -> str:
    """``2 hours``, ``8 days``, ``30 minutes`` in the user's language."""
    if value.days and not value.seconds:
        return ngettext("%(count)s day", "%(count)s days", value.days) % {"count": value.days}
    minutes = int(value.total_seconds()) // 60
    if minutes and not minutes % 60:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def party_words(name: str) -> str:
    """``commune:99123`` as a reader says it."""
    kind, _colon, rest = name.partition(":")
    known = {"commune": _("commune %(code)s"), "prefecture": _("prefecture of département %(code)s")}
    if kind in known:
        return known[kind] % {"code": rest}
    return f"{rest} ({words.FORCES.get(kind, kind)})"


def _grant(grant: Grant) -> GrantWords:
    who = _units(grant.who.force, sorted(grant.who.unit_in))
    summary = _("%(who)s may %(use)s.") % {"who": who[:1].upper() + who[1:], "use": _use(grant)}
    lines = (
        (_("Who"), _who(grant)),
        (_("Which pictures"), _where(grant)),
        (_("For what reason"), _why(grant)),
        (_("When and how long"), _when(grant)),
        (_("Who says yes"), _approval(grant)),
        (_("Who is told"), words.listed([str(words.NOTIFIED.get(one, one)) for one in grant.notify]) or _("the room")),
        (_("Conditions"), words.listed([str(words.OBLIGATIONS.get(one, one)) for one in grant.obligations])),
    )
    title = words.titled(grant.title, grant.id)
    return GrantWords(grant.id, grant.article, title, summary, tuple(line for line in lines if line[1]))


def _by_alert(grant: Grant) -> bool:
    return PPMS_ALERT in grant.why.event_kind_in


def _use(grant: Grant) -> str:
    use = str(USES[grant.what.mode])
    return _("%(use)s and move the camera") % {"use": use} if grant.what.ptz else use


def _units(force: str, units: list[str]) -> str:
    name = str(words.FORCES.get(force, force))
    return f"{name} ({words.listed(units)})" if units else name


def _who(grant: Grant) -> str:
    parts = [_units(grant.who.force, sorted(grant.who.unit_in))]
    if grant.who.quality_in:
        qualities = [str(words.QUALITIES.get(one, one)) for one in sorted(grant.who.quality_in)]
        parts.append(words.either(qualities))
    if grant.who.persons:
        parts.append(_("only %(persons)s") % {"persons": words.listed(sorted(grant.who.persons))})
    if grant.who.named_agents_only:
        parts.append(_("only agents that the prefect’s order names one by one"))
    parts.append(_("each with an individual clearance in force"))
    return str(_BETWEEN).join(parts)


def _tags(tags: Iterable[str]) -> str:
    return words.either([_("“%(text)s”") % {"text": TAGS.get(one, one)} for one in sorted(tags)])


def _where(grant: Grant) -> str:
    where = grant.where
    parts = [_("cameras of %(communes)s") % {"communes": words.listed(sorted(where.communes))}]
    if where.from_case:
        parts = [_("only the cameras of the case, incident or requisition")]
        if _by_alert(grant):
            parts = [_("only the cameras of the building in alert, those inside it too unless they are left out")]
    if where.numbers:
        parts.append(_("numbers %(numbers)s") % {"numbers": words.listed([str(one) for one in sorted(where.numbers)])})
    if where.tags_any:
        parts.append(_("only those marked %(tags)s") % {"tags": _tags(where.tags_any)})
    if where.exclude_tags:
        parts.append(_("never those marked %(tags)s") % {"tags": _tags(where.exclude_tags)})
    if where.window_from_case:
        span = (
            _("only the minutes of the alert, from five before it")
            if _by_alert(grant)
            else _("only the span of the case")
        )
        parts.append(span)
        if where.margin:
            parts.append(_("with a margin of %(time)s") % {"time": lasting(where.margin)})
    return str(_BETWEEN).join(parts)


def _why(grant: Grant) -> str:
    why = grant.why
    parts = [words.either([str(words.BASES.get(one, one)) for one in sorted(why.basis_in)])]
    if why.purposes:
        purposes = [str(words.PURPOSES[one]) for one in sorted(why.purposes)]
        parts.append(_("for %(purposes)s") % {"purposes": words.either(purposes)})
    if _by_alert(grant):
        parts.append(_("only while a real alert of a building goes on; a drill opens nothing"))
    elif why.event_kind_in == {CRISIS}:
        parts.append(_("only while a crisis is declared on an open incident"))
    elif why.event_required:
        parts.append(_("only while an incident of the centre is open"))
    if why.case_required:
        parts.append(_("only on an open case of the unit"))
    if why.requisition_required:
        parts.append(_("only on a requisition"))
    return str(_BETWEEN).join(parts)


def _when(grant: Grant) -> str:
    when = grant.when
    parts = [_("%(time)s at most each time") % {"time": lasting(when.max_duration)}]
    if when.renewable:
        parts.append(_("may be asked again"))
    if when.reach is not None:
        parts.append(_("no further back than %(time)s") % {"time": lasting(when.reach)})
    if when.max_window is not None:
        parts.append(_("%(time)s of recording at once") % {"time": lasting(when.max_window)})
    if when.expires is not None:
        parts.append(_("within %(time)s of the opening of the case") % {"time": lasting(when.expires)})
    if when.hours is not None:
        first, last = (f"{one // 60:02}:{one % 60:02}" for one in when.hours)
        parts.append(_("from %(first)s to %(last)s") % {"first": first, "last": last})
    if _by_alert(grant):
        parts.append(_("ends five minutes after the all-clear, at once after a false alarm"))
    elif when.auto_stop_on:
        parts.append(_("ends with the incident or the case"))
    return str(_BETWEEN).join(parts)


def _approval(grant: Grant) -> str:
    approval = grant.approval
    if approval.automatic:
        within = lasting(approval.review_within or timedelta(hours=24))
        parts = [_("opens without anyone’s yes; announced to the room and reviewed within %(time)s") % {"time": within}]
    else:
        parts = [words.either([str(words.APPROVERS.get(one, one)) for one in approval.by]) + _(", never who asks")]
    if approval.second:
        second = words.either([str(words.APPROVERS.get(one, one)) for one in approval.second])
        parts.append(_("then %(second)s") % {"second": second})
    if approval.emergency:
        within = lasting(approval.regularise_within)
        parts.append(_("in danger of life at once, for two hours at most; reviewed within %(time)s") % {"time": within})
    return str(_BETWEEN).join(parts)


def _value(change: Change, text: str) -> str:
    if text in {"True", "False"}:
        return _("yes") if text == "True" else _("no")
    tables: dict[str, dict[str, Promise]] = {
        "purposes": words.PURPOSES,
        "basis_in": words.BASES,
        "quality_in": words.QUALITIES,
        "approval_by": words.APPROVERS,
        "approval_second": words.APPROVERS,
        "automatic": words.APPROVERS,
        "notify": words.NOTIFIED,
        "obligations": words.OBLIGATIONS,
    }
    table = tables.get(change.facet)
    if table is None or not text:
        return text
    return ", ".join(str(table.get(one, one)) for one in text.split(", "))
