"""A box, a centre or its worker that kills itself (SIGKILL) at a named point of its code path, deterministically.

``python -m tests.edge.boundaries box|centre|worker DATA PORT`` imports the program once and then reads lines
``PLACE TIMES SKEW_US`` from its standard input: each is a life, a fork that wraps the functions below, serves, and dies
when it comes to that place for that time (``-`` for a life that goes on until it is killed from outside). The shipped
code knows nothing of this.
"""

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

BOX = (
    "journal walked at a start",
    "press read",
    "event written, press not",
    "press written, not committed",
    "about to commit",
    "committed",
    "about to sound",
    "about to acknowledge",
    "acknowledged",
    "exchange sealed, not sent",
    "exchange sent, answer not read",
    "answer read, not taken in",
    "answer taken in, not remembered",
    "exchange over",
)
CENTRE = (
    "exchange read",
    "event written, fact not",
    "fact written, alert not",
    "alert written, not committed",
    "exchange about to commit",
    "exchange committed",
    "about to answer",
    "answered",
)
WORKER = (
    "messages written, fact not",
    "about to hand a message over",
    "message handed over, not written down",
    "message written down",
    "rung written, its fact not",
    "fact of the rung written, alert not",
    "alert of the rung written, not committed",
    "worker about to commit",
    "worker committed",
)

_wanted: list[Any] = ["-", 0]


def here(place: str) -> None:
    """This place was reached: the end, if it is the one and the time has come."""
    if _wanted[0] == place:
        _wanted[1] -= 1
        if _wanted[1] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, place: str) -> None:
    """Die before this function."""
    real = getattr(owner, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        here(place)
        return real(*given, **named)

    setattr(owner, name, wrapped)


def after(owner: Any, name: str, place: str) -> None:
    """Die after it, before whoever called it goes on."""
    real = getattr(owner, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        here(place)
        return found

    setattr(owner, name, wrapped)


def answering(application: Any, path: str, place: str) -> Any:
    """The same application that dies when the last byte of an answer to ``path`` is with the kernel."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            await send(message)
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if last and scope.get("path", "") == path:
                here(place)

        await application(scope, receive, sent)

    return served


class _Disk(sqlite3.Connection):
    """The journal's connection, which dies between its statements."""

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        found = super().execute(sql, *given)
        if sql.startswith("INSERT INTO event"):
            here("event written, press not")
        if sql.startswith("INSERT INTO press"):
            here("press written, not committed")
        return found

    def __exit__(self, *given: Any) -> Any:
        here("about to commit")
        found = super().__exit__(*given)
        here("committed")
        return found


def box(data: Path, port: int) -> Callable[[int], None]:
    """One life of the box, its clock off by so much."""
    import uvicorn

    from beffroi.edge import daemon, engine, journal, sounder, sync
    from beffroi.kernel.clock import SystemClock

    class Skewed(SystemClock):
        off_us = 0

        def now(self) -> datetime:
            return super().now() + timedelta(microseconds=self.off_us)

        def now_us(self) -> int:
            return super().now_us() + self.off_us

    def live(off_us: int) -> None:
        journal.sqlite3.connect = partial(sqlite3.connect, factory=_Disk)  # type: ignore[assignment]
        after(journal.Journal, "check", "journal walked at a start")
        before(engine.Edge, "trigger", "press read")
        after(engine.Edge, "trigger", "about to acknowledge")
        after(engine.Edge, "take_in", "answer taken in, not remembered")
        before(sounder.ScreenSounder, "play", "about to sound")
        before(sync.Sync, "_post", "exchange sealed, not sent")
        before(sync.http.client.HTTPConnection, "getresponse", "exchange sent, answer not read")
        after(sync.Sync, "_post", "answer read, not taken in")
        after(sync.Sync, "exchange", "exchange over")
        clock = Skewed()
        Skewed.off_us = off_us
        made = daemon.assemble(data, clock)
        made.sync.start()
        application = answering(made.app.asgi, "/trigger", "acknowledged")
        uvicorn.run(application, host="127.0.0.1", port=port, log_level="critical")

    return live


def centre(port: int) -> Callable[[int], None]:
    """One life of the centre; its clock is the machine's."""
    import django
    import uvicorn

    django.setup()
    from django.db import connections
    from django.db.backends.base.base import BaseDatabaseWrapper

    from beffroi.config import asgi
    from beffroi.safety import actions
    from beffroi.safety.actions import events

    connections.close_all()

    def live(off_us: int) -> None:
        del off_us
        before(actions, "exchange", "exchange read")
        before(events, "record", "event written, fact not")
        after(events, "record", "fact written, alert not")
        after(events, "_project", "alert written, not committed")
        before(BaseDatabaseWrapper, "_commit", "exchange about to commit")
        after(BaseDatabaseWrapper, "_commit", "exchange committed")
        after(actions, "exchange", "about to answer")
        application = answering(asgi.application, "/api/v1/edge/exchange", "answered")
        uvicorn.run(application, host="127.0.0.1", port=port, log_level="critical", ws="none", lifespan="off")

    return live


def worker(data: Path) -> Callable[[int], None]:
    """One life of the office's worker, with what it does for the bell; its clock is ahead by so much."""
    import django

    django.setup()
    from django.db import close_old_connections, connections
    from django.db.backends.base.base import BaseDatabaseWrapper

    from beffroi.config.worker import Worker, table
    from beffroi.kernel.clock import SystemClock
    from beffroi.safety.actions import events, notices

    class Ahead(SystemClock):
        off_us = 0

        def now(self) -> datetime:
            return super().now() + timedelta(microseconds=self.off_us)

    lines = [line for line in table() if line.name.removeprefix("safety.") in OF_THE_BELL]
    connections.close_all()

    def live(off_us: int) -> None:
        Ahead.off_us = off_us
        before(notices, "record", "messages written, fact not")
        before(notices, "hand_over", "about to hand a message over")
        before(notices, "_move", "message handed over, not written down")
        after(notices, "_move", "message written down")
        before(events, "record", "rung written, its fact not")
        after(events, "record", "fact of the rung written, alert not")
        after(events, "_project", "alert of the rung written, not committed")
        before(BaseDatabaseWrapper, "_commit", "worker about to commit")
        after(BaseDatabaseWrapper, "_commit", "worker committed")
        Worker(lines, Ahead(), data / "worker.json", close_old_connections).run()

    return live


OF_THE_BELL = frozenset({"plan_notices", "send_notices", "escalate"})


def main(what: str, data: Path, port: int) -> None:
    """Live again for each line read; tell the number of each life, and how it ended."""
    made = {"box": lambda: box(data, port), "centre": lambda: centre(port), "worker": lambda: worker(data)}
    live = made[what]()
    print("ready", flush=True)
    for line in sys.stdin:
        place, times, off_us = json.loads(line)
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)  # what the program tells is not for whoever counts its lives
            _wanted[:] = [place, times]
            live(off_us)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
