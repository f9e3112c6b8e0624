"""The worker: a table of reconcilers, each reading a state from the database, acting, and writing the new state.

Each runs in a thread of its own, so that a long extraction never delays the audit sequencer, and one that fails
waits longer before its next try and disturbs no other. What happened last is written to ``RUN/worker.json`` for
``beffroi doctor`` and ``/metrics``.
"""

import json
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

import structlog
from django.db import OperationalError

from beffroi.kernel.clock import Clock, SystemClock, iso
from beffroi.kernel.errors import Unavailable

MAX_PAUSE_S = 60.0
WAIT_S = 4.0
"""Longest pause where another part merely does not answer yet, or the database cannot write: an alarm waits for it."""
KEPT_S = 600
"""Age at which a thread's database connection is made anew; one a round was a third of what the worker cost."""

log = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Reconciler:
    """One line of the table: a name, what it does, and how often."""

    name: str
    act: Callable[[datetime], object]
    every_s: float


@dataclass(slots=True)
class Standing:
    """How a reconciler fares."""

    last_good: str | None = None
    failures: int = 0
    error: str = ""
    runs: int = 0


@dataclass(slots=True)
class Worker:
    """Runs reconcilers until told to stop."""

    table: Sequence[Reconciler]
    clock: Clock
    standing_file: Path
    after_each: Callable[[], None]  # gives the thread's database connection back
    stopping: threading.Event = field(default_factory=threading.Event)
    standings: dict[str, Standing] = field(default_factory=dict)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a name that stands twice: two threads would do the same work side by side."""
        names = [line.name for line in self.table]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"reconcilers named twice: {', '.join(twice)}")

    def run(self) -> None:
        """Start one thread a reconciler and publish their standing each second until ``stopping`` is set."""
        threads = [threading.Thread(target=self._repeat, args=(line,), name=line.name) for line in self.table]
        for thread in threads:
            thread.start()
        while not self.stopping.wait(1.0):
            self.publish()
        for thread in threads:
            thread.join()
        self.standing_file.unlink(missing_ok=True)

    def once(self, line: Reconciler) -> float:
        """Run one reconciler once; returns the pause before its next run, in seconds."""
        standing = self.standings.setdefault(line.name, Standing())
        now = self.clock.now()
        standing.runs += 1
        try:
            line.act(now)
        except (
            Exception
        ) as error:  # a fault in one reconciler must stop neither it nor the others: it is told, counted, retried
            standing.failures += 1
            standing.error = f"{type(error).__name__}: {error}"[:500]
            most = WAIT_S if isinstance(error, (Unavailable, OperationalError)) else MAX_PAUSE_S
            pause = float(min(most, max(line.every_s, 0.5) * 2 ** min(standing.failures, 10)))
            told = {"reconciler": line.name, "failures": standing.failures, "again_in_s": pause}
            if standing.failures == 1:
                log.exception("reconciler failed", **told)
            else:
                log.warning("reconciler failed again", error=standing.error, **told)
            return pause
        else:
            if standing.failures:
                log.info("reconciler works again", reconciler=line.name, after=standing.failures)
            standing.failures, standing.error, standing.last_good = 0, "", iso(now)
            return line.every_s
        finally:
            self.after_each()

    def publish(self) -> None:
        """Write the standing of all."""
        with self._writing:
            body = {
                name: {"last_good": s.last_good, "failures": s.failures, "error": s.error, "runs": s.runs}
                for name, s in sorted(self.standings.items())
            }
            beside = self.standing_file.with_suffix(".new")
            beside.write_text(json.dumps(body))
            beside.replace(self.standing_file)

    def _repeat(self, line: Reconciler) -> None:
        while not self.stopping.is_set():
            self.stopping.wait(self.once(line))


OF_THE_RECORDER = frozenset(
    {"sites.push_cameras", "sites.ask_devices", "sites.note_masks", "governance.reconcile_holds"}
)
"""What a centre without recorder has no use for. The door's journal is pulled all the same: packages leave by it."""
OF_THE_CHEST = frozenset({"governance.settle_elsewhere"})
"""What only a centre without recorder does."""


def table() -> list[Reconciler]:
    """All reconcilers of the office. Django must be set up."""
    from django.conf import settings

    from beffroi.audit import jobs as audit
    from beffroi.config.recorder import recorder_client
    from beffroi.config.ways_out import channels
    from beffroi.governance import jobs as governance
    from beffroi.governance.queries import access
    from beffroi.operations import jobs as operations
    from beffroi.safety import jobs as safety
    from beffroi.sites import jobs as sites
    from beffroi.web.office.bundle_sheets import sheets

    recorder, ways_out = recorder_client(), channels()
    lines = [
        Reconciler("audit.sequence", audit.sequence, 0.5),
        Reconciler("audit.keep_lived", audit.keep_lived, 15),
        Reconciler("audit.pull_journals", lambda now: audit.pull_journals(recorder, now), 1),
        Reconciler("audit.forget", audit.forget, 3_600),
        Reconciler(
            "sites.push_cameras", lambda now: sites.push_cameras(recorder, now, access.lifted_by_alerts(now)), 1
        ),
        Reconciler("sites.note_masks", lambda now: sites.note_masks(recorder, now), 20),
        Reconciler("sites.ask_devices", lambda now: sites.ask_devices(recorder, now), 60),
        Reconciler("safety.plan_notices", safety.plan_notices, 0.5),
        Reconciler("safety.escalate", safety.escalate, 1),
        Reconciler("safety.follow_pictures", safety.follow_pictures, 0.5),
        Reconciler("safety.settle_drills", safety.settle_drills, 1),
        Reconciler("safety.send_notices", lambda now: safety.send_notices(ways_out, now), 0.5),
        Reconciler("operations.end_elapsed", operations.end_elapsed, 1),
        Reconciler("governance.expire_grants", governance.expire_grants, 0.5),
        Reconciler("governance.stop_idle", lambda now: governance.stop_idle(recorder, now), 5),
        Reconciler("governance.call_next", governance.call_next, 5),
        Reconciler("governance.send_notices", lambda now: governance.send_notices(ways_out, now), 1),
        Reconciler("governance.tell_late_reviews", governance.tell_late_reviews, 10),
        Reconciler("safety.watch_plans", safety.watch_plans, 60),
        Reconciler("safety.mail_reminders", safety.mail_reminders, 60),
        Reconciler("safety.make_packs", safety.make_packs, 300),
        Reconciler("governance.settle_elsewhere", governance.settle_elsewhere, 5),
        Reconciler("governance.reconcile_holds", lambda now: governance.reconcile_holds(recorder, now), 1),
        Reconciler("governance.reconcile_extractions", lambda now: governance.reconcile_extractions(recorder, now), 1),
        Reconciler("governance.reconcile_bundles", lambda now: governance.reconcile_bundles(recorder, sheets, now), 2),
        Reconciler("governance.forget_told", governance.forget_told, 3_600),
        Reconciler("governance.forget_rights", governance.forget_rights, 3_600),
        Reconciler("governance.drop_outlived_intake", governance.drop_outlived_intake, 600),
        Reconciler("governance.read_mailbox", governance.read_mailbox, 5),
        Reconciler("governance.make_papers", governance.make_papers, 20),
        Reconciler("governance.mail_renewals", governance.mail_renewals, 600),
        Reconciler("governance.ask_outcomes", governance.ask_outcomes, 600),
        Reconciler("governance.reconcile_copies", governance.reconcile_copies, 1),
    ]
    left_out = OF_THE_CHEST if settings.BEFFROI_RECORDING else OF_THE_RECORDER
    return [line for line in lines if line.name not in left_out]


def run_worker(run: Path) -> None:
    """The process ``beffroi worker``: runs the table until SIGTERM or SIGINT."""
    from django.db import close_old_connections, connections

    log_as_json()
    for database in connections.settings.values():
        database["CONN_MAX_AGE"] = KEPT_S
    worker = Worker(table(), SystemClock(), run / "worker.json", close_old_connections)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    worker.run()


def log_as_json(to: TextIO | None = None) -> None:
    """One JSON object a line, on standard error or into ``to``."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=to or sys.stderr),
    )
