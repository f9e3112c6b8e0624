"""The edge's pages as HTML, without template engine: few, small, escaped, no script or style inside (CSP)."""

import re
from collections.abc import Iterable, Mapping
from html import escape

from beffroi.edge.contact_watch import Standing
from beffroi.edge.texts import HAZARDS, NATURES, POSTURES, ROLES, named, text
from beffroi.safety.core.alerts import ALL_ZONES, Alert
from beffroi.safety.core.events import AlertFile
from beffroi.safety.core.phone_code import reference_of
from beffroi.safety.core.plans import TEACHER, Group, MissionKind, Plan, Room, instructions_for, steps_by_role
from beffroi.safety.core.rollcall import Answer, Line, LineState, Totals
from beffroi.safety.core.words import AlertState, Hazard, Nature, Posture

FAULTS = frozenset(
    {
        *("code_wrong", "code_paused", "code_impossible", "first_key_first", "authority_missing"),
        *("person_missing", "no_session", "alert_is_over", "not_in_this_state", "same_person", "same_key"),
        *("journal_unwritable", "journal_unreadable"),
        *("group_unknown", "count_out_of_range", "no_such_zone", "no_such_page", "key_wrong"),
    }
)
"""Failures that the box names in its own language; the others are for devices and whoever looks after it."""
ORDERS = (Posture.SHELTER, Posture.SEAL_IN, Posture.EVACUATE, Posture.ESCAPE_OR_HIDE, Posture.TAKE_COVER)


def _t(language: str, key: str) -> str:
    return escape(text(language, key))


def page(language: str, title: str, body: str, *, nature: Nature | None = None, script: str = "") -> str:
    """A whole page. ``nature`` colours its frame: red for the real, blue for a drill, grey for a test."""
    frame = f' class="{nature.value}"' if nature else ""
    code = f'<script src="/static/{script}" defer></script>' if script else ""
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/static/edge.css">{code}</head>'
        f"<body{frame}><main>{body}</main></body></html>"
    )


def banner(language: str, alert: Alert | None, zone: str, plan: Plan) -> str:
    """What to do now, in the largest letters: the steps that the plan has for it, else the usual ones; for a while
    after its end, that it is over."""
    if alert is not None and not alert.active:
        return _over(language, alert)
    if alert is None:
        calm, hint = text(language, "calm"), text(language, "calm_hint")
        return f'<section class="calm" role="status"><h1>{escape(calm)}</h1><p>{escape(hint)}</p></section>'
    posture = alert.posture_of(zone)
    title, usual = POSTURES[language][posture]
    steps = instructions_for(plan, hazard=alert.hazard, posture=posture, role=TEACHER) or usual
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    return (
        f'<section class="posture" role="alert"><p class="nature">{escape(NATURES[language][alert.nature])}</p>'
        f"<h1>{escape(title)}</h1><ol>{items}</ol>"
        f'<p class="hazard">{escape(HAZARDS[language][alert.hazard])}</p></section>'
    )


def _over(language: str, alert: Alert) -> str:
    ended = "over_false" if alert.state is AlertState.CANCELLED else "over"
    title = text(language, ended if alert.nature is Nature.REAL else "over_drill")
    items = "".join(f"<li>{escape(step)}</li>" for step in POSTURES[language][Posture.RELEASED][1])
    return (
        f'<section class="over" role="status"><p class="nature">{escape(NATURES[language][alert.nature])}</p>'
        f"<h1>{escape(title)}</h1><ol>{items}</ol></section>"
    )


def room_screen(language: str, room: Room, alert: Alert | None, token: str, plan: Plan, aid: str) -> str:
    """The screen of a room: posture, roll-call, and the two-gesture alert."""
    choices = "".join(
        f'<option value="{hazard.value}">{escape(label)}</option>' for hazard, label in HAZARDS[language].items()
    )
    words = {key: text(language, key) for key in ("hold", "raised", "not_raised", "unknown", "unknown_hint")}
    data = " ".join(f'data-{key.replace("_", "-")}="{escape(value)}"' for key, value in words.items())
    body = (
        f'<p class="room">{_unbroken(room.name)}</p>'
        f'<div id="state" data-room="{escape(room.id)}" data-token="{escape(token)}" {data}>'
        f"{banner(language, alert, room.zone, plan)}</div>"
        f'<p class="roll"><a class="button" href="/appel/{escape(room.id)}/{escape(token)}">'
        f"{_t(language, 'roll_call')}</a></p>"
        f'<section class="raise"><label for="hazard">{_t(language, "choose")}</label>'
        f'<select id="hazard">{choices}</select>'
        f'<button id="raise" type="button">{_t(language, "raise")}</button>'
        f'<p id="raise-state" role="status">{_t(language, "raise_hint")}</p></section>{aid}'
        f'<p class="small">{_t(language, "fire")}</p>'
    )
    nature = alert.nature if alert is not None and alert.active else None
    return page(language, room.name, body, nature=nature, script="room.js")


def roll_call(
    language: str,
    *,
    plan: Plan,
    room: Room,
    token: str,
    alert: Alert | None,
    answers: Mapping[str, Answer],
    sent_at: str,
    faults: Iterable[str],
) -> str:
    """The form of a room's classes, as each answered last; works without script."""
    groups = [group for group in plan.groups if group.room == room.id]
    head = f"<h2>{_t(language, 'roll_call')} — {_unbroken(room.name)}</h2>"
    if alert is None:
        return page(language, room.name, f"{head}<p>{_t(language, 'no_alert')}</p>")
    notes = "".join(f'<p class="fault" role="alert">{escape(named(language, "wrong", one))}</p>' for one in faults)
    if sent_at:
        received = f"{text(language, 'sent')} {sent_at}. {text(language, 'sent_hint')}"
        notes += f'<p class="done" role="status">{escape(received)}</p>'
    forms = "".join(_group_form(language, room, token, group, answers.get(group.id)) for group in groups)
    body = f"{banner(language, alert, room.zone, plan)}{head}{notes}{forms}"
    return page(language, room.name, body, nature=alert.nature)


def _group_form(language: str, room: Room, token: str, group: Group, last: Answer | None) -> str:
    size = group.size
    counts: tuple[int | str, int, int] = (size if size is not None else "", 0, 0)
    if last is not None:  # what was sent stands there, so that sending it again to correct one number keeps the others
        counts = (last.present, last.missing, last.injured)

    def field(key: str, value: int | str) -> str:
        return (
            f'<label>{_t(language, key)}<input name="{key}" inputmode="numeric" type="number" min="0" max="99"'
            f' value="{value}" required></label>'
        )

    expected = f"{size} {text(language, 'expected')}" if size is not None else text(language, "size_unknown")
    return (
        f'<form method="post" action="/appel/{escape(room.id)}/{escape(token)}"><fieldset>'
        f"<legend>{escape(group.name)} ({escape(expected)})</legend>"
        f'<input type="hidden" name="group" value="{escape(group.id)}">'
        f"{field('present', counts[0])}{field('missing', counts[1])}{field('injured', counts[2])}"
        f"<button>{_t(language, 'send')}</button></fieldset></form>"
    )


def board(language: str, lines: Iterable[Line], sums: Totals, plan: Plan) -> str:
    """The roll-call board of the crisis cell: counts, and who is silent."""
    names = {group.id: group.name for group in plan.groups}
    zones = {zone.id: zone.name for zone in plan.zones}

    def cell(value: int | None) -> str:
        return "<td>?</td>" if value is None else f"<td>{value}</td>"

    rows = "".join(
        f'<tr class="{line.state.value}"><th scope="row">{escape(names.get(line.group, line.group))}'
        f' <span class="small">{escape(zones.get(line.zone, line.zone))}</span></th>'
        f"{cell(line.expected)}{cell(line.present)}"
        f"{cell(line.missing)}"
        f"{cell(line.injured)}<td>{_t(language, _STATE_TEXT[line.state])}</td></tr>"
        for line in lines
    )
    heads = "".join(f"<th scope='col'>{_t(language, key)}</th>" for key in ("present", "missing", "injured"))
    summary = f"{sums.answered} / {sums.answered + sums.silent} {text(language, 'answered')}"
    return (
        f"<section><h2>{escape(named(language, 'totals', summary))}</h2>"
        f"<p class='totals'><span>{_t(language, 'present')} {sums.present}</span>"
        f" <span>{_t(language, 'missing')} {sums.missing}</span>"
        f" <span>{_t(language, 'injured')} {sums.injured}</span></p>"
        f"<table class='board'><thead><tr><td></td><th scope='col'>{_t(language, 'expected')}</th>"
        f"{heads}<td></td></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


_STATE_TEXT = {
    LineState.NOT_RECEIVED: "not_received",
    LineState.PARTIAL: "partial",
    LineState.COMPLETE: "complete",
    LineState.DISCREPANCY: "discrepancy",
    LineState.NO_NEWS: "no_news",
}


def living(name: str, body: str) -> str:
    """A part of the tablet that its script brings up to date; ``name`` says of what it is."""
    return f'<div data-live="{escape(name)}">{body}</div>'


def contacts(language: str, standings: Iterable[Standing]) -> str:
    """The wired contacts: which are not well and why, and which are only simulated."""
    rows = []
    for one in standings:
        name = f"{one.name} ({one.place})" if one.place else one.name
        said = [text(language, "simulated")] if one.simulated else []
        said += [text(language, f"contact_{one.fault}")] if one.fault else [text(language, "contact_well")]
        said += [one.reason] if one.fault and one.reason else []
        kind = "fault" if one.fault else "done"
        rows.append(f'<li class="{kind}">{escape(named(language, "contact", name))} {escape("; ".join(said))}</li>')
    return f'<ul class="contacts">{"".join(rows)}</ul>' if rows else ""


def cell_roles(language: str, alert: Alert, plan: Plan) -> str:
    """The steps of everybody beside the teachers, in each posture in force: the cell's own first."""
    if not alert.active:
        return ""
    parts = []
    postures = dict.fromkeys(map(alert.posture_of, (ALL_ZONES, *alert.zones)))
    for posture in postures:
        said = f" · {POSTURES[language][posture][0]}" if len(postures) > 1 else ""
        steps = [one for one in steps_by_role(plan, hazard=alert.hazard, posture=posture) if one[0] != TEACHER]
        for role, lines in sorted(steps, key=lambda one: one[0] != MissionKind.CRISIS_CELL):
            items = "".join(f"<li>{escape(line)}</li>" for line in lines)
            parts.append(f"<h3>{escape(ROLES[language].get(role, role) + said)}</h3><ol>{items}</ol>")
    return f'<section class="roles"><h2>{_t(language, "roles")}</h2>{"".join(parts)}</section>' if parts else ""


def cell_head(language: str, link: str) -> str:
    """The head of the tablet: the link, and what is said when the box does not answer it."""
    silent = f"<strong>{_t(language, 'unknown')}</strong> {_t(language, 'unknown_hint')}"
    return (
        f'<h1>{_t(language, "cell")}</h1><p class="unknown" id="silent" role="alert" hidden>{silent}</p>'
        f"{living('link', link)}"
    )


def cell_sign_in(language: str, fault: str) -> str:
    """The crisis cell's door."""
    note = f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    form = (
        f'<form method="post" action="/cell/enter"><label>{_t(language, "code")}'
        '<input name="code" type="password" inputmode="numeric" autocomplete="off" required></label>'
        f"<button>{_t(language, 'enter')}</button></form>"
    )
    return page(language, text(language, "cell"), f"<h1>{_t(language, 'cell')}</h1>{note}{form}")


def cell_standing(language: str, file: AlertFile) -> str:
    """How far the end of the alert has come, and whether the sounder was stopped: what was asked for is seen here."""
    state, said = file.alert.state, []
    if state is AlertState.LIFT_REQUESTED:
        said.append("key_turned" if file.alert.keys else "lift_asked")
    elif state is AlertState.LIFTING:
        said.append("lifting")
    if file.silenced_at is not None:
        said.append("silenced")
    return "".join(f'<p class="done" role="status">{_t(language, key)}</p>' for key in said)


def fault(language: str, words: str, back: str) -> str:
    """What went wrong, and the way back to where it was asked."""
    way = f'<p><a class="button" href="{escape(back)}">{_t(language, "back")}</a></p>' if back else ""
    return page(
        language, text(language, "title"), f'<h1>{_t(language, "wrong")}</h1><p class="fault">{escape(words)}</p>{way}'
    )


def cell_orders(language: str, plan: Plan, form_token: str, alert: Alert) -> str:
    """What the head may do: order a posture, silence, ask for the all-clear and turn her key."""
    hidden = (
        f'<input type="hidden" name="token" value="{escape(form_token)}">'
        f'<input type="hidden" name="alert" value="{escape(alert.id)}">'
    )
    name = f'<label>{_t(language, "name")}<input name="person" required maxlength="80"></label>'
    zones = f'<option value="{ALL_ZONES}">{_t(language, "zone_all")}</option>' + "".join(
        f'<option value="{escape(zone.id)}">{escape(zone.name)}</option>' for zone in plan.zones
    )
    options = "".join(f'<option value="{one.value}">{escape(POSTURES[language][one][0])}</option>' for one in ORDERS)
    return (
        f'<form method="post" action="/cell/posture">{hidden}<h2>{_t(language, "postures")}</h2>'
        f'<select name="posture" aria-label="{_t(language, "postures")}">{options}</select>'
        f'<select name="zone" aria-label="{_t(language, "zone_all")}">{zones}</select>'
        f"{name}<button>{_t(language, 'order')}</button></form>"
        f'<form method="post" action="/cell/silence">{hidden}<h2>{_t(language, "sounder")}</h2>'
        f"<label>{_t(language, 'code')}"
        f'<input name="code" type="password" inputmode="numeric" autocomplete="off" required></label>'
        f"<button>{_t(language, 'silence')}</button></form>"
        f'<form method="post" action="/cell/lift">{hidden}<h2>{_t(language, "all_clear")}</h2>{name}'
        f'<button name="act" value="ask">{_t(language, "ask_lift")}</button>'
        f'<button name="act" value="key">{_t(language, "first_key")}</button></form>'
        f'<form method="post" action="/cell/lift">{hidden}<h2>{_t(language, "false_alarm_by_code")}</h2>'
        f'<input type="hidden" name="key" value="cancel">{name}'
        f'<button name="act" value="key">{_t(language, "false_alarm")}</button></form>'
        f"{_telephone(language, hidden, zones, alert)}"
    )


def _telephone(language: str, hidden: str, zones: str, alert: Alert) -> str:
    """The second key by telephone: what is read out, what is read back."""
    acts = "".join(
        f'<option value="{value}">{_t(language, words)}</option>'
        for value, words in (("lift", "by_code"), ("cancel", "false_alarm_by_code"))
    )
    return (
        f'<form method="post" action="/cell/code">{hidden}<h2>{_t(language, "telephone")}</h2>'
        f'<p>{_t(language, "telephone_hint")} <strong class="reference">{reference_of(alert.id)}</strong></p>'
        f'<select name="key" aria-label="{_t(language, "telephone")}">{acts}</select>'
        f'<select name="zone" aria-label="{_t(language, "zone_all")}">{zones}</select>'
        f'<label>{_t(language, "authority")}<input name="authority" maxlength="200"></label>'
        f"<label>{_t(language, 'phone_code')}"
        '<input name="code" inputmode="numeric" autocomplete="off" required></label>'
        f"<button>{_t(language, 'second_key')}</button></form>"
    )


def _unbroken(name: str) -> str:
    """A room's number stays beside its word."""
    return re.sub(r" (?=\d)", "\u00a0", escape(name))


def hazard_of(value: str) -> Hazard | None:
    """The hazard a form names, if it is one."""
    return Hazard(value) if value in set(Hazard) else None
