"""Box and centre die (SIGKILL) at every named boundary of their code, and at random microseconds; another transaction
locks what the centre needs, its PostgreSQL crashes under it: nothing acknowledged is lost, nothing is doubled, no state
is changed by a restart. ``make bell-kills`` does the same with ten thousand presses."""

from tests import postgres
from tests.edge import boundaries
from tests.edge.lives import ANYWHERE, Lives, each_lock, each_place
from tests.edge.worker_lives import WorkerLives
from tests.edge.worker_lives import each_place as each_place_of_the_worker

SEED = 20261123


def test_killed_at_every_boundary(tmp_path):
    lives = Lives(tmp_path)
    try:
        each_place(lives, 0, presses=2)
        for mortal in (lives.box, lives.centre):
            lives.anywhere(mortal, seed=SEED, times=3)
        lives.check()
        assert set(lives.deaths) == {*boundaries.BOX, *boundaries.CENTRE, ANYWHERE}
        assert lives.repeated, "no press ever met a dead box: this tried nothing"
    finally:
        lives.close()


def test_locks_and_crashes_of_postgresql_lose_and_double_nothing(tmp_path):
    lives = Lives(tmp_path, postgres.start())
    try:
        each_lock(lives, presses=2)
        for place in ("alert written, not committed", "exchange committed"):
            lives.through(lives.centre, place, times=1, presses=1)
        lives.check()
    finally:
        lives.close()


def test_a_worker_killed_at_every_boundary_passes_each_rung_once_and_tells_everybody(tmp_path):
    lives = WorkerLives(tmp_path)
    try:
        each_place_of_the_worker(lives)
        lives.check()
        assert set(lives.deaths) == set(boundaries.WORKER)
    finally:
        lives.close()
