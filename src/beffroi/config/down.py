"""The page that the front shows while the office is down; with a shift lease, the officer's wall goes on in it (I14).

The texts stand here in both languages: the office, with its catalogues, is what is missing.
"""

import html
import json
import re
from importlib import resources

from beffroi.media.door.asgi import Scope, Send, reply

_TEXTS = {
    "fr": {
        "title": "Le service est momentanément interrompu",
        "lead": "Le bureau de Beffroi ne répond pas. Les caméras continuent d’enregistrer.",
        "next": "Il redémarre de lui-même ; cette page se recharge dès qu’il répond.",
        "call": "Si l’interruption dure plus de quelques minutes, prévenez le technicien.",
        "wall": "Mur d’images de votre service",
        "wall_lead": "Votre prise de service reste valable : les images en direct continuent ici. "
        "Chaque consultation est inscrite au journal.",
    },
    "en": {
        "title": "The service is interrupted for a moment",
        "lead": "Beffroi’s office does not answer. The cameras go on recording.",
        "next": "It restarts by itself; this page reloads as soon as it answers.",
        "call": "If this lasts more than a few minutes, call the technician.",
        "wall": "Your shift’s wall",
        "wall_lead": "Your shift still counts: live pictures go on here. Every look is written to the journal.",
    },
}
_CSP = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    b"img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
_STATIC = re.compile(r"/door/static/((?:dist/)?[a-zA-Z0-9_-]+\.(js|css|svg))")
STYLES = ("tokens.css", "base.css", "components.css", "players.css")
SCRIPT = "dist/main.js"
_LIVE = {
    "fr": {
        "connecting": "Connexion…",
        "live": "Direct",
        "late": "En retard : dernière image à {time}",
        "none": "Pas d’image depuis {time}",
        "stopped.stopped": "Arrêté par la salle",
        "stopped.refused": "Non affiché : votre prise de service ne couvre pas cette caméra",
        "stopped.codec": "Ce navigateur ne peut pas afficher les images de cette caméra",
        "converted": "Converti pour cet écran",
        "synthetic": "Images de démonstration",
    },
    "en": {
        "connecting": "Connecting…",
        "live": "Live",
        "late": "Late: last picture at {time}",
        "none": "No picture since {time}",
        "stopped.stopped": "Stopped by the room",
        "stopped.refused": "Not shown: your shift does not cover this camera",
        "stopped.codec": "This browser cannot show this camera’s pictures",
        "converted": "Converted for this screen",
        "synthetic": "Demonstration footage",
    },
}


class DownPage:
    """Answers in place of the office, and serves the few files this page needs."""

    def __init__(self) -> None:
        self._root = resources.files("beffroi.web.shared") / "static" / "beffroi"

    async def answer(self, scope: Scope, send: Send) -> None:
        """503: a page for people, JSON for programs."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        retry = (b"retry-after", b"5")
        if scope["method"] != "GET" or "text/html" not in headers.get(b"accept", ""):
            body = json.dumps({"code": "office_down", "message": "The office does not answer.", "hint": "Try again."})
            await reply(send, 503, body.encode(), kind="application/json", headers=(retry,))
            return
        language = _language(headers.get(b"accept-language", ""))
        page = _page(language).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 503,
                "headers": [
                    (b"content-type", b"text/html; charset=utf-8"),
                    (b"content-length", str(len(page)).encode()),
                    (b"cache-control", b"no-store"),
                    (b"content-security-policy", _CSP),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"content-language", language.encode()),
                    retry,
                ],
            }
        )
        await send({"type": "http.response.body", "body": page})

    async def static(self, scope: Scope, send: Send) -> None:
        """``GET /door/static/<name>``: style and script of this page, from the installed package."""
        match = _STATIC.fullmatch(scope["path"])
        if scope["type"] != "http" or match is None:
            await reply(send, 404, b"", kind="text/plain")
            return
        name, kind = match.groups()
        try:
            data = self._root.joinpath(*name.split("/")).read_bytes()
        except OSError:
            await reply(send, 404, b"", kind="text/plain")
            return
        await reply(send, 200, data, kind=_KINDS[kind])


def _language(accepted: str) -> str:
    """The first of our languages that the browser names; French by default, as the commune's."""
    for part in accepted.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in _TEXTS:
            return code
    return "fr"


def _page(language: str) -> str:
    texts = {name: html.escape(text) for name, text in _TEXTS[language].items()}
    styles = "".join(f'<link rel="stylesheet" href="/door/static/{name}">' for name in STYLES)
    return f"""<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="htmx-config" content='{{"allowEval":false,"includeIndicatorStyles":false}}'>
<title>{texts["title"]} · Beffroi</title>{styles}
<script type="module" src="/door/static/{SCRIPT}"></script></head>
<body><main id="main" class="page">
<h1>{texts["title"]}</h1>
<p>{texts["lead"]}</p><p>{texts["next"]}</p><p>{texts["call"]}</p>
<section data-island="lease-wall" data-island-data="wall-texts" hidden aria-labelledby="wall-title">
<h2 id="wall-title">{texts["wall"]}</h2><p>{texts["wall_lead"]}</p><div class="tiles" data-part="tiles"></div>
</section>
<script id="wall-texts" type="application/json">{json.dumps({"texts": _LIVE[language]})}</script>
</main></body></html>
"""
