"""Box and centre die (SIGKILL) at every named boundary of their code: nothing acknowledged is lost, nothing is doubled,
no state is changed by a restart. ``make bell-kills`` does the same with ten thousand presses."""

from tests.edge import boundaries
from tests.edge.lives import Lives, each_place


def test_killed_at_every_boundary(tmp_path):
    lives = Lives(tmp_path)
    try:
        each_place(lives, 0, presses=2)
        lives.check()
        assert set(lives.deaths) == {*boundaries.BOX, *boundaries.CENTRE}
        assert lives.repeated, "no press ever met a dead box: this tried nothing"
    finally:
        lives.close()
