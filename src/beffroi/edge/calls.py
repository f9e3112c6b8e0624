"""The pages of a quiet call for an adult (see ``assistance``): amber, two taps, a soft chime at the tablet alone."""

from html import escape
from zoneinfo import ZoneInfo

from beffroi.edge.assistance import Assistance, Call
from beffroi.edge.engine import Edge
from beffroi.edge.texts import text
from beffroi.kernel.clock import from_us


class Calls:
    """What rooms and the tablet show of the open calls."""

    def __init__(self, edge: Edge, assistance: Assistance) -> None:
        self._edge, self.assistance = edge, assistance

    def of_room(self, room: str) -> str:
        """How far the room's own call has come, in words; empty without one."""
        call = self.assistance.of(f"page:{room}")
        if call is None:
            return ""
        key, at_us = ("help_coming", call.coming_us) if call.coming_us else ("help_asked", call.at_us)
        return f"{text(self._edge.language, key)} {self._hour(at_us)}"

    def section(self, room: str) -> str:
        """The amber part of a room's page: the first tap asks whether it is meant, the second calls."""
        words = {key: text(self._edge.language, key) for key in ("help", "help_sure", "help_failed")}
        data = " ".join(f'data-{key.replace("_", "-")}="{escape(value)}"' for key, value in words.items())
        hint = text(self._edge.language, "help_hint")
        return (
            f'<section class="help"><button id="help" type="button" {data}>{escape(words["help"])}</button>'
            f'<p id="help-state" role="status">{escape(self.of_room(room))}</p>'
            f'<p class="small">{escape(hint)}</p></section>'
        )

    def at_the_cell(self, form_token: str) -> str:
        """The open calls as the crisis cell sees and answers them; ``data-chime`` rings softly while nobody goes."""
        calls = self.assistance.open_calls()
        if not calls:
            return ""
        language = self._edge.language
        rows = "".join(self._row(one, form_token) for one in calls)
        chime = ' data-chime="/help.wav"' if any(not one.coming_us for one in calls) else ""
        return (
            f'<section class="help-calls" role="status"{chime}><h2>{escape(text(language, "help_calls"))}</h2>'
            f"{rows}</section>"
        )

    def _row(self, call: Call, form_token: str) -> str:
        language = self._edge.language
        going = f'<button name="step" value="coming">{escape(text(language, "help_go"))}</button>'
        said = ""
        if call.coming_us:
            going, said = "", f"{text(language, 'help_coming')} {self._hour(call.coming_us)}"
        return (
            f'<form method="post" action="/cell/help"><input type="hidden" name="token" value="{escape(form_token)}">'
            f'<input type="hidden" name="call" value="{escape(call.id)}">'
            f"<p><strong>{escape(call.place)}</strong> {self._hour(call.at_us)} {escape(said)}</p>"
            f'{going}<button name="step" value="settled">{escape(text(language, "help_settled"))}</button></form>'
        )

    def _hour(self, at_us: int) -> str:
        return f"{from_us(at_us).astimezone(ZoneInfo(self._edge.plan.zone_info)):%H:%M}"
