"""What opens the routes of the door, of the recorder and of the box in a building: machines, not roles."""

DOOR: dict[str, str] = {
    "GET /door/session": "nothing",
    "GET /door/office": "nothing",
    "POST /door/lease": "lease",
    "WS /door/live": "ticket",
    "WS /door/ptz": "ticket",
    "GET /door/timeline": "ticket",
    "GET /door/replay/<camera>/index.m3u8": "ticket",
    "GET /door/replay/<camera>/<run>/init.mp4": "ticket",
    "GET /door/replay/<camera>/<segment>/<first:n>-<last:n>.m4s": "ticket",
    "GET /door/still/<camera>": "ticket",
    "GET /door/preview/<camera>": "ticket",
    "GET /door/trials/<trial>": "ticket",
    "GET /door/movement/<camera>": "ticket",
    "POST /door/packages/<package>/open": "ticket",
    "GET /door/packages/<package>/file": "opened",
}
"""What opens each public route of the door. Roles mean nothing there: a gate's ticket does (I1)."""

RECORDER: frozenset[str] = frozenset(
    {
        "PUT /recorder/cameras",
        "GET /recorder/timeline",
        "POST /recorder/discoveries",
        "POST /recorder/trials/<trial>",
        "GET /recorder/trials/<trial>",
        "GET /recorder/status",
        "GET /recorder/devices/<camera>",
        "PUT /recorder/holds/<hold>",
        "DELETE /recorder/holds/<hold>",
        "POST /recorder/extractions",
        "GET /recorder/extractions/<id_>",
        "DELETE /recorder/extractions/<id_>",
        "GET /recorder/extractions/<id_>/<number:n>",
        "GET /recorder/journal",
        "POST /recorder/heartbeat",
        "GET /recorder/sessions",
    }
)
"""Routes that only a call signed by the office opens; they are not on the public port."""

EDGE: dict[str, tuple[str, int]] = {
    "GET /healthz": ("nothing", 200),
    "GET /state.json": ("room card", 404),
    "GET /tone/{nature}/{posture}.wav": ("nothing", 404),
    "GET /room/{room}/{token}": ("room card", 404),
    "POST /room/{room}/{token}/raise": ("room card", 404),
    "POST /room/{room}/{token}/help": ("room card", 404),
    "GET /help.wav": ("nothing", 200),
    "GET /appel/{room}/{token}": ("room card", 404),
    "POST /appel/{room}/{token}": ("room card", 404),
    "POST /trigger": ("device signature", 422),
    "GET /cell": ("code of the crisis cell", 200),
    "POST /cell/enter": ("code of the crisis cell", 403),
    "GET /cell/cards": ("code of the crisis cell", 303),
    "POST /cell/{act}": ("code of the crisis cell", 403),
    "GET /static": ("nothing", 307),
}
"""Routes of the box in a building: what opens each, and the answer to whoever has none of it."""
