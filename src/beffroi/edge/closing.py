"""Ending an alert on site: the second key by telephone, and what a code of duress does (ppms.md §4.5, F24).

The code is checked here without any link: the secret behind it was agreed on when there was one. A duress code is
taken wherever a code is asked for; the page that follows is the one that a right code brings, in that session only.
"""

import structlog

from beffroi.edge.access import Access
from beffroi.edge.engine import Edge
from beffroi.edge.settings import code_is_right
from beffroi.kernel.canonical import Json, unb64
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, Unavailable
from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.authority import Act
from beffroi.safety.core.events import Kind
from beffroi.safety.core.phone_code import PURPOSE, number_of, reference_of
from beffroi.safety.core.words import AlertState, Party

log = structlog.get_logger("beffroi.edge.closing")
AGREEMENT = "centre-agreement"
"""The setting that keeps the centre's half of the agreement, as its last signed answer gave it."""


class Closing:
    """The ends that the crisis cell may bring about."""

    def __init__(self, edge: Edge, access: Access) -> None:
        self._edge, self._access = edge, access

    def is_duress(self, code: str) -> bool:
        """Whether this is the code of duress."""
        return code_is_right(code, self._edge.settings.duress_code)

    def forced_to_enter(self) -> None:
        """The code of duress opened the tablet: the room is told of the alert that goes on, or of the code alone."""
        active = self._edge.active()
        try:
            for file in active:
                self._edge.duress(file.alert.id, silence=False)
            if not active:
                self._edge.duress_in_calm("/cell")
        except Unavailable as error:  # more than memory holds: the page that follows must look as ever
            log.error("a code of duress was typed and could not be kept", reason=str(error))  # noqa: TRY400  the reason is enough

    def silence(self, alert: str, code: str, *, session: str, peer: str) -> None:
        """Stop the sounder with the on-site key, or seem to end the matter under duress."""
        self._access.check_not_paused(peer)
        if self.is_duress(code):
            self._seem_over(alert, session, peer)
            return
        try:
            self._edge.silence(alert, code=code)
        except Forbidden:
            self._access.note_code(peer, right=False)
            raise
        self._access.note_code(peer, right=True)

    def by_telephone(
        self, alert: str, *, act: Act, zone: str, code: str, authority: str, session: str, peer: str
    ) -> None:
        """The second key from the chief's mouth: eight digits for this alert, zone and act. ``Forbidden`` for a wrong
        or used code, ``Conflict`` when the head's key is not turned yet."""
        self._access.check_not_paused(peer)
        if self.is_duress(code) or self._access.under_duress(session):
            self._seem_over(alert, session, peer)
            return
        file = self._edge.files().get(alert)
        if file is None or not file.alert.active:
            raise Conflict("This alert is over.", code="alert_is_over")
        if zone != ALL_ZONES and zone not in file.alert.zones:
            raise Invalid("There is no such zone.", code="no_such_zone")
        theirs = self._edge.journal.setting(AGREEMENT)
        if not theirs:
            raise Conflict("This box has never heard its centre.", code="code_impossible")
        number = number_of(
            self._edge.journal.key.agree(unb64(theirs), purpose=PURPOSE),
            code,
            reference=reference_of(alert),
            act=act,
            zone=zone,
            last=max(file.codes, default=0),
        )
        self._access.note_code(peer, right=bool(number))
        if not number:
            raise Forbidden("This code is not good here.", code="code_wrong")
        if file.alert.state is not AlertState.LIFTING:
            if not file.alert.keys or file.alert.keys_for is not act:
                raise Conflict("The head turns her key first.", code="first_key_first")
            self._turn(alert, act, number, authority)
        if act is Act.LIFT and self._edge.files()[alert].alert.state is AlertState.LIFTING:
            self._edge.act(Kind.RELEASE, alert, {"zone": zone, "code": number, "person": f"telephone:{number}"})

    def lift(self, alert: str, *, kind: Kind, act: Act, person: str, session: str) -> None:
        """The head asks for the end, or turns her key."""
        if self._access.under_duress(session):
            return  # the room knows; here everything looks as it should
        self._edge.act(kind, alert, {"person": person, "party": Party.HEAD.value, "act": act.value})
        refused = self._edge.files()[alert].log[-1].without_effect
        if refused and refused != "under_duress":  # what a duress voids looks done here
            raise Conflict("The alert's rules do not allow this now.", code=refused)

    def _turn(self, alert: str, act: Act, number: int, authority: str) -> None:
        body: dict[str, Json] = {
            "person": f"telephone:{number}",
            "party": Party.CHIEF.value,
            "act": act.value,
            "authority": authority.strip()[:200],
            "code": number,
        }
        self._edge.act(Kind.KEY, alert, body)
        line = self._edge.files()[alert].log[-1]
        if line.without_effect:
            raise Conflict("The alert's rules do not allow this now.", code=line.without_effect)

    def _seem_over(self, alert: str, session: str, peer: str) -> None:
        self._access.note_code(peer, right=True)
        self._access.seem_over(session, alert)
        self._edge.duress(alert, silence=True)
