"""Alerts from outside on screen: brought in as file or text, read, relayed or set aside; what is wrong is said."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from beffroi.people.core.roles import Role
from beffroi.safety import models
from beffroi.safety.core import cap
from beffroi.safety.core.cap import Status
from tests.conftest import NOW
from tests.plane.safety.test_bell import relay as raised
from tests.plane.safety.test_bell import school, stranger  # noqa: F401  fixtures
from tests.plane.safety.test_bulletins import bring, cancelled, message
from tests.unit.safety import test_bulletins as unit

pytestmark = pytest.mark.django_db


def send(client, one, **more):
    document = one if isinstance(one, bytes) else cap.write(one)
    return client.post("/building/outside/bring/", {"file": SimpleUploadedFile("alerte.cap", document), **more})


def body(answer):
    return answer.content.decode()


def test_a_message_is_brought_read_and_relayed_by_clicking(school, make_person, client_of):  # noqa: F811
    client = client_of(make_person(Role.CHIEF))
    said = replace(
        unit.INFO, headline="Nuage d’ammoniac <b>rue des Forges</b>", instruction="Fermez portes et fenêtres"
    )
    answer = send(client, message(info=said))
    assert answer.status_code == 302
    page = body(client.get(answer.url))
    assert "Nuage d’ammoniac &lt;b&gt;rue" in page
    assert "S’enfermer hermétiquement" in page or "Se confiner" in page
    assert "selon son plan" in page or "posture habituelle" in page
    for board in ("/building/", f"/building/{school}/"):
        assert "Une alerte extérieure propose une alerte ici" in body(client.get(board))
    wrong = client.post(f"{answer.url}relay/", {"buildings": [school], "hazard": "toxic_cloud", "authority": ""})
    assert wrong.status_code == 422
    assert models.Alert.objects.count() == 0
    given = {"buildings": [school], "hazard": "toxic_cloud", "authority": "Préfecture", "note": "Nuage d’ammoniac"}
    relayed = client.post(f"{answer.url}relay/", given)
    assert "REEL-" in relayed.url
    assert "Nuage d’ammoniac" in body(client.get(relayed.url))
    assert "propose une alerte ici" not in body(client.get("/building/"))
    assert body(client.post(f"{answer.url}relay/", given, follow=True)).count("REEL-") >= 1
    assert models.Alert.objects.count() == 1


def test_pasted_text_is_read_whatever_encoding_it_declares(school, make_person, client_of):  # noqa: F811
    client = client_of(make_person(Role.DUTY_OFFICER))
    text = cap.write(message(info=replace(unit.INFO, event="Séisme"))).decode().replace("UTF-8", "ISO-8859-1")
    answer = client.post("/building/outside/bring/", {"text": text})
    assert "Séisme" in body(client.get(answer.url))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((unit.CORPUS / "google" / "xee.cap").read_bytes(), "DOCTYPE"),
        (b"bonjour", "pas du XML"),
        (b"<feed/>", "pas une alerte CAP"),
        (b"<alert>" + b" " * 1024 * 1024, "dépasse 1 Mo"),
        (b"<alert><identifier>1</identifier></alert>", "Il manque"),
    ],
    ids=["attack", "words", "feed", "heavy", "incomplete"],
)
def test_what_is_wrong_with_a_file_is_said_and_typed_text_stays(school, make_person, client_of, given, said):  # noqa: F811
    client = client_of(make_person(Role.CHIEF))
    answer = send(client, given, text="déjà tapé")
    assert answer.status_code == 422
    assert said in body(answer)
    assert "déjà tapé" in body(answer)
    assert models.Bulletin.objects.count() == 0


def test_an_exercise_shows_as_one_and_has_no_button_that_raises(school, make_person, client_of):  # noqa: F811
    client = client_of(make_person(Role.CHIEF))
    answer = send(client, message(status=Status.EXERCISE))
    page = body(client.get(answer.url))
    assert "EXERCICE" in page
    assert f"{answer.url}relay/" not in page
    assert "propose une alerte ici" not in body(client.get("/building/"))
    given = {"buildings": [school], "hazard": "toxic_cloud", "authority": "Préfecture"}
    assert "ne déclenche aucune alerte réelle" in body(client.post(f"{answer.url}relay/", given, follow=True))
    assert models.Alert.objects.count() == 0


def test_set_aside_with_a_reason_and_a_cancellation_after_the_relay(school, make_person, client_of):  # noqa: F811
    chief = make_person(Role.CHIEF)
    client = client_of(chief)
    first = send(client, message("B-1")).url
    assert client.post(f"{first}aside/", {"buildings": [school], "reason": ""}).status_code == 422
    page = body(client.post(f"{first}aside/", {"buildings": [school], "reason": "Déjà levée"}, follow=True))
    assert "Déjà levée" in page
    second = send(client, message()).url
    client.post(f"{second}relay/", {"buildings": [school], "hazard": "toxic_cloud", "authority": "Préfecture"})
    bring(chief, cancelled(message()))
    assert "Le message à l’origine d’une alerte a été annulé" in body(client.get("/building/"))
    assert models.Alert.objects.get().state == "triggered"


def test_strange_messages_break_no_page(school, stranger, make_person, client_of):  # noqa: F811
    """No block, no event, no area, very long words: each is read and shown."""
    chief = make_person(Role.CHIEF)
    client = client_of(chief)
    raised(chief, school)
    bare = cap.Info("", "", "", "", "", "", "")
    long = replace(bare, headline="x" * 100_000, description="y" * 100_000)
    for number, infos in enumerate(((), (bare,), (long,))):
        answer = send(client, message(f"C-{number}", infos=infos))
        assert client.get(answer.url).status_code == 200
        assert client_of(stranger).get(answer.url).status_code == 404
    old = message("C-9", sent=NOW - timedelta(days=3))
    assert "échu" in body(client.get(send(client, old).url))
    assert client.get("/building/outside/").status_code == 200
    assert client.get("/building/").status_code == 200
