"""What the convention wants told is told: a real mail server, one that is away, who is told in which capacity, once."""

import smtplib
from datetime import timedelta

import pytest

from beffroi.audit import queries as audit
from beffroi.audit.core.facts import SYSTEM
from beffroi.channels.mail import Mail
from beffroi.governance.actions import access, forgetting
from beffroi.governance.actions import notices as acts
from beffroi.governance.jobs import forget_told, send_notices, tell_late_reviews
from beffroi.governance.models import Notice
from beffroi.governance.queries import notices
from beffroi.kernel.delivery import Delivery
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.operations import actions as operations
from beffroi.operations import queries as room
from beffroi.operations.core.words import RotaLine
from beffroi.people.core.roles import Role
from tests.conftest import NOW
from tests.mailbox import post  # noqa: F401  a fixture
from tests.plane.governance.conftest import actor, begin
from tests.plane.governance.test_access import approve, ask

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def addressed(world, convention, make_person):
    """Chief, mayor and DPO with an address and an account."""
    found = {}
    for role, name in ((Role.CHIEF, "chef"), (Role.MAYOR, "maire"), (Role.DPO, "dpo")):
        given = {"name": name.title(), "account": name, "email": f"{name}@saint-aubin.example"}
        found[name] = make_person(role, cleared=role is Role.CHIEF, **given)
    return found


def board(grant):
    return {(line.person_name, line.channel.value): line.state.value for line in notices.of_access(grant.id)}


def test_an_opened_access_tells_the_chief_by_mail_and_the_room_on_its_page(world, incident, addressed, post):  # noqa: F811
    grant = ask(world, incident)
    assert board(grant) == {}, "nobody is told of what is not open"
    approve(world, grant)
    assert send_notices(post.ways, NOW) == 1
    assert send_notices(post.ways, NOW + HOUR) == 0, "told once"
    (mail,) = post.to("chef@saint-aubin.example")
    assert "Opératrice" in mail["Subject"]
    text = mail.get_content()
    for words in ("Unit GN", "images en direct", "article 12", incident.reference, f"/duty/access/{grant.id}/"):
        assert words in text, words
    assert "Patrouille en route" not in text, "the asker's own words stay in the centre"
    assert "Caméra 1" not in text
    assert board(grant)["Chef", "email"] == "unknown", "a mailbox is not a reader (I9)"
    assert len(post.taken) == 1


def test_break_glass_tells_the_dpo_although_the_grant_does_not_name_him(world, incident, addressed, post):  # noqa: F811
    grant = ask(world, incident, emergency=True, reason="Coups de feu entendus place de la Mairie")
    assert grant.state == "active"
    send_notices(post.ways, NOW)
    assert {mail["To"] for _, mail in post.taken} == {"chef@saint-aubin.example", "dpo@saint-aubin.example"}
    assert all(mail["Subject"].startswith("URGENCE") for _, mail in post.taken)


def test_a_mail_server_that_is_away_is_said_and_gets_it_once_when_it_is_back(world, incident, addressed, post):  # noqa: F811
    grant = approve(world, ask(world, incident))
    post.refuses = True
    now = NOW
    for minutes in range(0, 120, 5):
        now = NOW + timedelta(minutes=minutes)
        assert send_notices(post.ways, now) == 0
        assert board(grant)["Chef", "email"] == "retrying"
    (row,) = Notice.objects.filter(channel="email", person_name__contains="Chef", address__contains="chef")
    assert (row.trouble, 10 < row.attempts < 30) == ("mail_refused", True)
    assert [one.person_name for one in notices.undelivered(world.officer, now)] != []
    post.refuses = False
    assert send_notices(post.ways, now + timedelta(minutes=11)) == 1
    assert len(post.to("chef@saint-aubin.example")) == 1
    moves = [fact for fact in audit.facts(subject=f"access:{grant.id}") if fact.fact.name == "notice:move"]
    assert len([one for one in moves if one.fact.body["to"] == "Chef"]) == 2, "the first failure and the hand-over"


def test_whoever_has_no_address_stands_on_the_board_and_is_given_up_aloud(world, incident, convention, post):  # noqa: F811
    grant = approve(world, ask(world, incident))
    assert {line.trouble for line in notices.of_access(grant.id)} == {"no_address"}
    send_notices(post.ways, NOW + timedelta(days=3))
    assert {line.state for line in notices.of_access(grant.id)} == {Delivery.EXPIRED}
    assert post.taken == []


def test_without_a_mail_server_the_board_says_so(world, incident, addressed):
    grant = approve(world, ask(world, incident))
    send_notices({}, NOW)
    assert board(grant)["Chef", "email"] == "retrying"
    assert "channel_absent" in {line.trouble for line in notices.of_access(grant.id)}


def test_the_room_is_whoever_is_on_duty_else_the_first_of_the_order_of_call(world, incident, convention, make_person):
    garde, second = (make_person(Role.DUTY_OFFICER, name=name, account=name) for name in ("garde", "second"))
    lines = [RotaLine(rank, one.id, one.called, "0600000000") for rank, one in enumerate((second, garde), 1)]
    operations.set_rota(actor=SYSTEM, lines=lines, now=NOW)
    begin(garde)
    first = approve(world, ask(world, incident), by=world.chief)
    assert ("garde", "page") in board(first)
    assert ("second", "page") not in board(first)
    for one in room.on_duty(NOW + HOUR / 2):
        operations.end_shift(actor=SYSTEM, shift=one.id, now=NOW + HOUR / 2)
    later = ask(world, incident, now=NOW + HOUR / 2)
    approve(world, later, by=world.chief, now=NOW + HOUR / 2)
    assert ("second", "page") in board(later)


def test_a_message_on_the_page_is_delivered_then_seen_by_its_own_person_only(world, incident, addressed):
    grant = approve(world, ask(world, incident))
    chief = addressed["chef"]
    (line,) = notices.on_page(chief)
    with pytest.raises(NotFound):
        acts.seen(actor=actor(world.officer), notice=line.id, now=NOW)
    assert acts.shown(person=chief.id, now=NOW) == 1
    assert acts.shown(person=chief.id, now=NOW) == 0
    assert board(grant)["Chef", "page"] == "delivered"
    send_notices({}, NOW)
    assert "Chef" not in [one.person_name for one in notices.undelivered(world.officer, NOW)], "her page has it"
    acts.seen(actor=actor(chief), notice=line.id, now=NOW)
    acts.seen(actor=actor(chief), notice=line.id, now=NOW)
    assert board(grant)["Chef", "page"] == "seen"
    assert notices.on_page(chief) == []


def test_a_review_that_does_not_come_is_an_alarm_once_and_can_still_be_made(world, incident, addressed, post):  # noqa: F811
    grant = ask(world, incident, emergency=True, reason="Coups de feu entendus place de la Mairie")
    due = grant.regularise_by
    assert due - NOW == timedelta(hours=24)
    assert tell_late_reviews(due - timedelta(seconds=1)) == 0
    assert tell_late_reviews(due) == 1
    assert tell_late_reviews(due + HOUR) == 0
    send_notices(post.ways, due)
    late = [mail["To"] for _, mail in post.taken if mail["Subject"].startswith("EN RETARD")]
    assert sorted(late) == ["chef@saint-aubin.example", "dpo@saint-aubin.example"]
    with pytest.raises(NotFound):
        access.regularise(grant=grant.id, note="relu par moi-même", actor=actor(world.corg), now=due + HOUR)
    access.regularise(grant=grant.id, note="justifié", actor=actor(world.chief), now=due + HOUR)
    with pytest.raises(Conflict):
        access.regularise(grant=grant.id, note="encore", actor=actor(world.video), now=due + HOUR)
    names = [line.fact.name for line in audit.facts(subject=f"access:{grant.id}")]
    assert names.count("access:late") == 1
    assert "access:regularise" in names


def test_no_password_goes_to_a_stranger_in_clear(post, monkeypatch):  # noqa: F811
    channel = Mail("smtp://user:secret@mail.example:25", "centre@saint-aubin.example")
    port = post.ways["email"]._parts.port
    real = smtplib.SMTP

    def there(_host, _port, **given):
        return real("127.0.0.1", port, **given)

    monkeypatch.setattr(smtplib, "SMTP", there)
    with pytest.raises(Exception, match="no password is sent"):
        channel.hand_over(address="x@y.example", keys={}, subject="s", text="t", message_id="1")


def test_messages_are_forgotten_after_a_year_and_the_log_says_how_many(world, incident, addressed):
    approve(world, ask(world, incident))
    made = Notice.objects.count()
    assert made > 0
    assert forget_told(NOW + forgetting.NOTICES_KEPT) == 0
    assert forget_told(NOW + forgetting.NOTICES_KEPT + HOUR) == made
    assert forget_told(NOW + forgetting.NOTICES_KEPT + HOUR) == 0
    (line,) = audit.facts(subject="notices")
    assert line.fact.body["notices"] == made
