"""The edge's web application: room screens, roll-call, crisis cell, triggers over the building's own network.

Nothing here waits for the centre. Every answer is made from the engine's memory; every act is in the journal before
its page comes back.
"""

from collections.abc import Callable
from datetime import timedelta
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from beffroi.edge import pages
from beffroi.edge.access import Access
from beffroi.edge.assistance import Assistance
from beffroi.edge.calls import Calls
from beffroi.edge.closing import Closing
from beffroi.edge.contact_watch import Standings
from beffroi.edge.engine import Edge, Press
from beffroi.edge.requests import count_of, form_of, is_number, json_of, with_headers
from beffroi.edge.settings import code_is_right
from beffroi.edge.sounds import help_chime, tone
from beffroi.edge.texts import named, text
from beffroi.kernel.errors import BeffroiError, Conflict, Forbidden, Invalid, NotFound
from beffroi.safety.core import rollcall
from beffroi.safety.core.alerts import Alert
from beffroi.safety.core.authority import Act
from beffroi.safety.core.events import Kind
from beffroi.safety.core.plans import Room
from beffroi.safety.core.words import Hazard, Nature, Party, Posture

STATIC = Path(__file__).parent / "static"
COOKIE = "beffroi_cell"
OVER_SHOWN, OVER_SOUNDED = timedelta(minutes=15), timedelta(seconds=30)
"""How long screens say that an alert is over, and how long they sound it (the national signal's end lasts as long)."""
STATUS = {NotFound: 404, Forbidden: 403, Invalid: 422, Conflict: 409}


class EdgeApp:
    """The routes over one edge."""

    def __init__(
        self,
        edge: Edge,
        access: Access,
        assistance: Assistance,
        *,
        link: Callable[[], bool | None],
        contacts: Standings,
    ) -> None:
        self.edge, self.access, self.link, self.contacts = edge, access, link, contacts
        self.closing = Closing(edge, access)
        self.calls = Calls(edge, assistance)
        self.asgi = Starlette(
            routes=[
                Route("/healthz", self.health),
                Route("/state.json", self.state),
                Route("/tone/{nature}/{posture}.wav", self.sound),
                Route("/room/{room}/{token}", self.room),
                Route("/room/{room}/{token}/raise", self.raise_alert, methods=["POST"]),
                Route("/appel/{room}/{token}", self.roll_call, methods=["GET", "POST"]),
                Route("/room/{room}/{token}/help", self.help, methods=["POST"]),
                Route("/help.wav", self.chime),
                Route("/trigger", self.press, methods=["POST"]),
                Route("/cell", self.cell),
                Route("/cell/enter", self.enter, methods=["POST"]),
                Route("/cell/cards", self.cards),
                Route("/cell/{act}", self.order, methods=["POST"]),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=with_headers)],
            exception_handlers={BeffroiError: self.fault},
        )

    @property
    def language(self) -> str:
        """The language of the building, as the centre or the box's own settings say it."""
        return self.edge.language

    async def fault(self, request: Request, error: Exception) -> Response:
        """An anticipated failure as JSON for devices and a page for people."""
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 503)
        code = error.code if isinstance(error, BeffroiError) else "error"
        if request.headers.get("accept", "").startswith("text/html"):
            back = "/cell" if request.url.path.startswith("/cell") else ""
            return HTMLResponse(pages.fault(self.language, self._words(error), back), status)
        return JSONResponse({"code": code, "detail": str(error)}, status)

    def _words(self, error: Exception) -> str:
        code = error.code if isinstance(error, BeffroiError) else ""
        return text(self.language, code) if code in pages.FAULTS else str(error)

    async def health(self, request: Request) -> Response:
        """Whether the box is well, for the centre's supervision; no secrets."""
        return JSONResponse(
            {
                "edge": self.edge.settings.id,
                "active": [file.alert.id for file in self.edge.active()],
                "sounder": self.edge.sounder.fault() or "ok",
                "link": self.link(),
                "contacts": [one.to_json() | {"reason": one.reason} for one in self.contacts()],
            }
        )

    async def state(self, request: Request) -> Response:
        """What a room screen must show and sound now."""
        room = self._room(request.query_params.get("room", ""), request.query_params.get("token", ""))
        alert, silenced = self._alert()
        sound = None
        if alert is not None and not silenced:
            posture = alert.posture_of(room.zone) if alert.active else Posture.RELEASED
            sound = f"/tone/{alert.nature.value}/{posture.value}.wav"
        return JSONResponse(
            {
                "html": pages.banner(self.language, alert, room.zone, self.edge.plan),
                "nature": alert.nature.value if alert and alert.active else "",
                "help": self.calls.of_room(room.id),
                "sound": sound,
            },
            headers={"Cache-Control": "no-store"},
        )

    async def sound(self, request: Request) -> Response:
        """The tone of a posture."""
        try:
            nature, posture = Nature(request.path_params["nature"]), Posture(request.path_params["posture"])
            data = tone(posture, nature)
        except (ValueError, KeyError):
            raise NotFound("There is no such sound.") from None
        return Response(data, media_type="audio/wav", headers={"Cache-Control": "max-age=86400"})

    async def room(self, request: Request) -> Response:
        """The screen of a room."""
        room = self._room(request.path_params["room"], request.path_params["token"])
        alert, _ = self._alert()
        aid, token = self.calls.section(room.id), request.path_params["token"]
        return HTMLResponse(pages.room_screen(self.language, room, alert, token, self.edge.plan, aid))

    async def raise_alert(self, request: Request) -> Response:
        """A teacher's alert from a page: the second gesture. The page numbers its presses, so a repeat is one."""
        room = self._room(request.path_params["room"], request.path_params["token"])
        data = await json_of(request)
        hazard = pages.hazard_of(str(data.get("hazard", "")))
        boot = data.get("boot")
        if hazard is None or not isinstance(boot, str) or not boot.isalnum() or not is_number(data.get("sequence")):
            raise Invalid("This is not an alert.", code="press_malformed")
        press = Press(f"page:{room.id}", boot[:40], int(data["sequence"]), hazard, room.name, self.edge.clock.now_us())
        return JSONResponse({"alert": self.edge.trigger(press)}, 201)

    async def help(self, request: Request) -> Response:
        """A quiet call for an adult from a room's page."""
        room = self._room(request.path_params["room"], request.path_params["token"])
        data = await json_of(request)
        self.calls.assistance.ask(f"page:{room.id}", room.name, f"page:{room.id}/{str(data.get('press', ''))[:80]}")
        return JSONResponse({"help": self.calls.of_room(room.id)}, 201)

    async def chime(self, request: Request) -> Response:
        """What the tablet plays for it."""
        return Response(help_chime(), media_type="audio/wav", headers={"Cache-Control": "max-age=86400"})

    async def press(self, request: Request) -> Response:
        """A fixed button or call point of the building's network; 201 only when it is durable."""
        data = await json_of(request)
        if not is_number(data.get("sequence")) or not is_number(data.get("at_us")):
            raise Invalid("This press has no number.", code="press_malformed")
        try:
            press = Press(
                device=str(data["device"]),
                boot=str(data["boot"]),
                sequence=int(data["sequence"]),
                hazard=Hazard(data["hazard"]),
                place=str(data.get("place", ""))[:80],
                at_us=int(data["at_us"]),
            )
            signature = str(data["signature"])
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid(f"This is not a press: {error}", code="press_malformed") from error
        if press.device in self.edge.settings.assistance:
            self.edge.believe(press, signature)
            pressed = f"{press.device}/{press.boot}/{press.sequence}"
            call = self.calls.assistance.ask(press.device, press.place or press.device, pressed)
            return JSONResponse({"help": call.id}, 201)
        return JSONResponse({"alert": self.edge.take_press(press, signature)}, 201)

    async def roll_call(self, request: Request) -> Response:
        """The classes of a room answer."""
        room = self._room(request.path_params["room"], request.path_params["token"])
        alert = next((file.alert for file in self.edge.active()), None)
        sent_at, faults = "", []
        if request.method == "POST" and alert is not None:
            form = await form_of(request)
            group = form.get("group", "")
            try:
                if group not in {one.id for one in self.edge.plan.groups if one.room == room.id}:
                    raise Invalid("This class is not in this room.", code="group_unknown")
                counts = {key: count_of(form.get(key, "")) for key in ("present", "missing", "injured")}
                self.edge.answer(alert.id, group=group, counts=counts, by=f"room:{room.id}", zone=room.zone)
                here = self.edge.clock.now().astimezone(ZoneInfo(self.edge.plan.zone_info))
                sent_at = here.strftime("%H:%M:%S")
            except (Invalid, Conflict) as error:
                faults.append(self._words(error))
        body = pages.roll_call(
            self.language,
            plan=self.edge.plan,
            room=room,
            token=request.path_params["token"],
            alert=alert,
            answers={one.group: one for one in self.edge.files()[alert.id].answers} if alert else {},
            sent_at=sent_at,
            faults=faults,
        )
        return HTMLResponse(body, 422 if faults else 200)

    async def cell(self, request: Request) -> Response:
        """The crisis cell's tablet."""
        session = request.cookies.get(COOKIE, "")
        if not self.access.session_is_open(session):
            return HTMLResponse(pages.cell_sign_in(self.language, ""))
        parts = [pages.cell_head(self.language, self._link_line())]
        parts.append(pages.living("contacts", pages.contacts(self.language, self.contacts())))
        parts.append(pages.living("help", self.calls.at_the_cell(self.access.form_token(session))))
        now = self.edge.clock.now()
        nature = None
        for file in self.edge.open_files():
            alert = file.alert
            if alert.secret or self.access.seems_over(session, alert.id):
                continue
            nature = nature or alert.nature
            lines = [
                rollcall.line(
                    group.id, self._zone_of(group.room), group.size, file.answers, opened_at=alert.opened_at, now=now
                )
                for group in self.edge.plan.groups
            ]
            standing = pages.cell_standing(self.language, file)
            board = pages.board(self.language, lines, rollcall.totals(lines), self.edge.plan)
            told = pages.banner(self.language, alert, "", self.edge.plan)
            roles = pages.cell_roles(self.language, alert, self.edge.plan)
            parts.append(pages.living(alert.id, f"{told}{standing}{board}{roles}"))
            parts.append(pages.cell_orders(self.language, self.edge.plan, self.access.form_token(session), alert))
        if nature is None:
            parts.append(pages.banner(self.language, None, "", self.edge.plan))
            parts.append(f'<p><a class="button" href="/cell/cards">{escape(text(self.language, "cards"))}</a></p>')
        title = text(self.language, "cell")
        return HTMLResponse(pages.page(self.language, title, "".join(parts), nature=nature, script="cell.js"))

    async def enter(self, request: Request) -> Response:
        """Open the crisis cell with its code."""
        peer = request.client.host if request.client else ""
        self.access.check_not_paused(peer)
        form = await form_of(request)
        duress = self.closing.is_duress(form.get("code", ""))
        right = duress or code_is_right(form.get("code", ""), self.edge.settings.key_code)
        self.access.note_code(peer, right=right)
        if not right:
            return HTMLResponse(pages.cell_sign_in(self.language, text(self.language, "code_wrong")), 403)
        if duress:
            self.closing.forced_to_enter()
        answer = RedirectResponse("/cell", 303)
        answer.set_cookie(
            COOKIE, self.access.open_session(duress=duress), httponly=True, samesite="strict", max_age=43_200
        )
        return answer

    async def cards(self, request: Request) -> Response:
        """One card a room, to be printed and hung on its wall."""
        if not self.access.session_is_open(request.cookies.get(COOKIE, "")):
            return RedirectResponse("/cell", 303)
        base = f"{request.url.scheme}://{request.url.netloc}"
        cards = "".join(
            f'<section class="card"><h2>{escape(room.name)}</h2>'
            f"{segno.make(self._card(base, room)).svg_inline(scale=4)}"
            f'<p><a href="{escape(self._card(base, room))}">{escape(text(self.language, "roll_call"))}</a></p>'
            f"<p>{escape(text(self.language, 'card_hint'))}</p></section>"
            for room in self.edge.plan.rooms
        )
        title = text(self.language, "cards")
        return HTMLResponse(pages.page(self.language, title, f"<h1>{escape(title)}</h1>{cards}"))

    async def order(self, request: Request) -> Response:
        """An act of the crisis cell: ``posture``, ``silence``, ``lift`` or ``code``."""
        session = request.cookies.get(COOKIE, "")
        form = await form_of(request)
        if not self.access.session_is_open(session) or form.get("token") != self.access.form_token(session):
            raise Forbidden("Enter the crisis cell first.", code="no_session")
        alert, person, act = form.get("alert", ""), form.get("person", "")[:80], request.path_params["act"]
        peer = request.client.host if request.client else ""
        key = Act.CANCEL if form.get("key") == Act.CANCEL.value else Act.LIFT
        if act == "silence":
            self.closing.silence(alert, form.get("code", ""), session=session, peer=peer)
        elif act == "posture" and person:
            posture = next((one for one in pages.ORDERS if one.value == form.get("posture")), Posture.SHELTER)
            if not self.access.under_duress(session):  # nobody is lured out of a room by force
                self.edge.order_posture(
                    alert, zone=form.get("zone", ""), posture=posture, person=person, party=Party.HEAD
                )
        elif act == "help":
            step = self.calls.assistance.coming if form.get("step") == "coming" else self.calls.assistance.settle
            step(form.get("call", ""))
        elif act == "lift" and person:
            kind = Kind.KEY if form.get("act") == "key" else Kind.REQUEST_LIFT
            self.closing.lift(alert, kind=kind, act=key, person=person, session=session)
        elif act == "code":
            self.closing.by_telephone(
                alert,
                act=key,
                zone=form.get("zone", ""),
                code=form.get("code", ""),
                authority=form.get("authority", ""),
                session=session,
                peer=peer,
            )
        else:
            raise Invalid("Say who orders it.", code="person_missing")
        return RedirectResponse("/cell", 303)

    def _card(self, base: str, room: Room) -> str:
        return f"{base}/room/{room.id}/{self.access.room_token(room.id)}"

    def _link_line(self) -> str:
        up = self.link()
        if up is None:
            return ""
        state = text(self.language, "link_ok" if up else "link_lost")
        kind = "done" if up else "fault"
        fault = self.edge.sounder.fault()
        more = f'<p class="fault">{escape(text(self.language, "sounder_fault"))} {escape(fault)}</p>' if fault else ""
        return f'<p class="{kind}">{escape(named(self.language, "link", state))}</p>{more}'

    def _alert(self) -> tuple[Alert | None, bool]:
        """What screens show: the gravest alert, or for a while the end of the last one; and whether in silence."""
        active = self.edge.active()
        if active:
            return active[0].alert, active[0].silenced_at is not None
        over = self.edge.just_ended(OVER_SHOWN)
        if over is None or over.alert.ended_at is None:
            return None, False
        told = self.edge.clock.now() - over.alert.ended_at >= OVER_SOUNDED
        return over.alert, told or over.silenced_at is not None

    def _room(self, room: str, token: str) -> Room:
        found = next((one for one in self.edge.plan.rooms if one.id == room), None)
        if found is None or not self.access.room_is_open(room, token):
            raise NotFound("There is no such page.", code="no_such_page")
        return found

    def _zone_of(self, room: str) -> str:
        return next((one.zone for one in self.edge.plan.rooms if one.id == room), "")
