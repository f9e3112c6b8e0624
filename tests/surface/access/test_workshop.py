"""The convention workshop: read, ask, write, compare, sign off, take effect, suspend."""

import html
import json
import re

import pytest
from django.urls import reverse

from beffroi.audit.models import Fact
from beffroi.governance.files import texts
from beffroi.governance.models import AccessGrant, Decision
from beffroi.governance.queries import grounds, law
from beffroi.people.core.roles import Role
from tests.conftest import NOW
from tests.plane.governance.conftest import text_of

pytestmark = pytest.mark.django_db


def test_the_page_says_in_plain_words_who_what_where_why_when_and_with_whose_yes(world, convention, client_of):
    client = client_of(world.chief)
    page = client.get(reverse("office:conventions")).content.decode()
    assert "COORD-99123-2026" in page
    assert "en vigueur" in page
    assert "AP-2026-99-0117" in page
    articles = client.get(reverse("office:convention", args=[convention])).content.decode()
    for words in (
        "article 12",
        "Gendarmerie (Unit GN)",
        "regarder les images en direct",
        "2 heures",
        "l’agent de service",
    ):
        assert words in articles, words


def test_the_question_is_answered_with_every_rule_and_opens_nothing(world, convention, client_of):
    client = client_of(world.chief)
    question = {
        "person": world.corg.id,
        "camera": world.cameras[0],
        "mode": "relay",
        "ground": "incident",
        "legal_basis": "ADMIN_POLICE",
        "purpose": "L251-2:5",
        "minutes": "60",
        "version": "",
    }
    yes = client.get(reverse("office:convention-ask"), question).content.decode()
    assert "COORD-99123-2026, article 12 (G1-direct)" in yes
    assert yes.count('scope="row"') >= 15
    no = client.get(reverse("office:convention-ask"), {**question, "purpose": "L251-2:7"}).content.decode()
    assert "La convention ne le prévoit pas pour cette finalité." in no
    own = {**question, "person": world.officer.id, "ground": "duty", "mode": "relay"}
    assert "Il ne tient à aucun service" in client.get(reverse("office:convention-ask"), own).content.decode()
    assert not AccessGrant.objects.exists()
    assert not Decision.objects.exists()


def test_a_draft_answers_the_question_before_anyone_signs_it(world, convention, client_of, make_person):
    clerk = client_of(make_person(Role.MAYOR, name="Maire"))
    text = (
        text_of("petite-commune")
        .replace("version: 1", "version: 2")
        .replace('purposes: ["L251-2:5", "L251-2:6", "L251-2:8"]', 'purposes: ["L251-2:5", "L251-2:7"]', 1)
    )
    checked = clerk.post(reverse("office:convention-draft"), {"text": text}).content.decode()
    assert "sans faute" in checked
    assert "finalités" in checked
    kept = clerk.post(reverse("office:convention-draft"), {"text": text, "keep": "1"})
    draft = kept.headers["Location"].rstrip("/").split("/")[-1]
    question = {
        "person": world.corg.id,
        "camera": world.cameras[0],
        "mode": "relay",
        "ground": "incident",
        "legal_basis": "ADMIN_POLICE",
        "purpose": "L251-2:7",
        "minutes": "60",
    }
    now = clerk.get(reverse("office:convention-ask"), question).content.decode()
    then = clerk.get(reverse("office:convention-ask"), {**question, "version": draft}).content.decode()
    assert "Non." in now
    assert "Oui." in then
    compared = clerk.get(reverse("office:convention-compare"), {"old": convention, "new": draft}).content.decode()
    assert "risques naturels ou technologiques" in compared


def test_faults_come_back_with_line_and_remedy_and_the_text_is_kept(world, client_of):
    client = client_of(world.chief)
    text = texts.model_convention("petite-commune").replace("mode: live_view", "mode: live_vue", 1)
    answer = client.post(reverse("office:convention-draft"), {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "convention.grants[1].what.mode" in page
    assert "Vouliez-vous écrire live_view" in page
    assert "live_vue" in page
    assert law.conventions() == ()


def test_what_was_chosen_of_an_article_stays_while_the_text_alone_is_checked(world, client_of):
    text = texts.model_convention("petite-commune").replace("mode: live_view", "mode: live_vue", 1)
    chosen = {"number": "17", "title": "Renfort de nuit", "force": "PREF", "purposes": ["L251-2:6"], "minutes": "120"}
    for typed, status in ((text, 422), (texts.model_convention("petite-commune"), 200)):
        answer = client_of(world.chief).post(reverse("office:convention-draft"), {"text": typed, **chosen})
        form = answer.context["article_form"]
        assert answer.status_code == status
        assert not form.is_bound, "nothing of it is asked for yet"
        assert {name: form[name].value() for name in chosen} == chosen
        assert 'value="Renfort de nuit"' in answer.content.decode()


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x", "<script>alert(1)</script>", "x" * 70_000, "convention: 1"])
def test_hostile_texts_are_refused_and_shown_harmless(world, client_of, text):
    answer = client_of(world.chief).post(reverse("office:convention-draft"), {"text": text})
    page = answer.content.decode()
    assert "<script>alert" not in page
    assert answer.status_code in {200, 422}
    assert law.conventions() == ()


def test_a_version_is_signed_by_each_party_takes_effect_is_suspended_and_resumed(world, client_of):
    client = client_of(world.chief)
    client.post(reverse("office:convention-draft"), {"text": text_of("petite-commune"), "keep": "1"})
    draft = law.conventions()[0]
    early = client.post(reverse("office:convention-effect", args=[draft.id]), {})
    assert early.status_code == 409
    for party in draft.missing:
        form = {"party": party, "signatory": "Nom du signataire", "quality": "Qualité"}
        assert client.post(reverse("office:convention-sign", args=[draft.id]), form).status_code == 302
    stranger = {"party": "GN:Ailleurs", "signatory": "X", "quality": "Y"}
    assert client.post(reverse("office:convention-sign", args=[draft.id]), stranger).status_code == 422
    assert client.post(reverse("office:convention-effect", args=[draft.id]), {}).status_code == 302
    assert law.convention(draft.id).in_force(NOW)
    for act, holds in (("suspend", False), ("resume", True), ("end", False)):
        done = client.post(reverse("office:convention-move", args=[draft.id, act]), {"reason": "Décision des parties"})
        assert done.status_code == 302
        assert law.convention(draft.id).in_force(NOW) is holds
    again = client.post(reverse("office:convention-move", args=[draft.id, "resume"]), {"reason": "Encore"})
    assert again.status_code == 409


def test_who_may_only_read_writes_nothing(world, convention, client_of, make_person):
    dpo = client_of(make_person(Role.DPO, name="Déléguée"))
    assert dpo.get(reverse("office:convention", args=[convention])).status_code == 200
    assert dpo.get(reverse("office:convention-draft")).status_code == 404
    assert dpo.post(reverse("office:convention-move", args=[convention, "end"]), {"reason": "Non"}).status_code == 404
    assert client_of(world.corg).get(reverse("office:conventions")).status_code == 404


CHOSEN = {
    "article-number": "article 17",
    "article-title": "Place de la mairie en crise",
    "article-force": "PREF",
    "article-unit": "",
    "article-way": "live",
    "article-occasion": "crisis",
    "article-purposes": ["L251-2:6", "L251-2:8"],
    "article-cameras": ["1"],
    "article-minutes": "120",
    "article-approvers": ["duty_officer", "chief"],
}


def _text_on(page: str) -> str:
    found = re.search(r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_an_article_is_added_by_choices_and_what_it_changes_is_shown_before_it_is_kept(world, convention, client_of):
    client = client_of(world.chief)
    address = reverse("office:convention-draft")
    text = _text_on(client.get(address).content.decode())
    assert "version: 2" in text, "the next version of what is in force"
    answer = client.post(address, {"text": text, "add": "1", **CHOSEN})
    page = answer.content.decode()
    assert (answer.status_code, "sans faute" in page) == (200, True)
    row = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)[-1]
    for gained in (
        "article 17",
        "numéros 1",
        "seulement tant qu’une crise est déclarée",
        "2 heures",
        "l’agent de service",
    ):
        assert gained in row, gained
    written = _text_on(page)
    assert "Place de la mairie en crise" in written
    kept = client.post(address, {"text": written, "keep": "1"})
    facts = law.convention(kept.headers["Location"].rstrip("/").split("/")[-1])
    assert (facts.version, facts.convention.grants[-1].article) == (2, "article 17")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"article-purposes": []}, "Cochez au moins une finalité."),
        ({"article-way": "replay"}, "choisissez les images en direct"),
        ({"article-approvers": []}, "obligatoire"),
        ({"article-minutes": "6000"}, "choix"),
    ],
)
def test_choices_that_do_not_go_together_are_said_and_nothing_is_lost(world, convention, client_of, wrong, said):
    client = client_of(world.chief)
    address = reverse("office:convention-draft")
    text = _text_on(client.get(address).content.decode()) + "# mine\n"
    answer = client.post(address, {"text": text, "add": "1", **CHOSEN, **wrong})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert _text_on(page).replace("\r\n", "\n").strip() == text.strip()
    assert 'value="Place de la mairie en crise"' in page
    assert '<details class="disclosure" open>' in page


def test_what_is_open_in_a_crisis_alone_opens_once_one_is_declared(world, convention, client_of):
    chief = client_of(world.chief)
    address = reverse("office:convention-draft")
    live = CHOSEN | {"article-force": "GN", "article-purposes": ["L251-2:7"]}
    text = _text_on(chief.get(address).content.decode())
    page = chief.post(address, {"text": text, "add": "1", **live}).content.decode()
    assert "seulement tant qu’une crise est déclarée sur un incident ouvert" in page
    kept = chief.post(address, {"text": _text_on(page), "keep": "1"}).headers["Location"]
    question = {
        "person": world.corg.id,
        "camera": world.cameras[0],
        "mode": "relay",
        "legal_basis": "ADMIN_POLICE",
        "purpose": "L251-2:7",
        "minutes": "60",
        "version": kept.rstrip("/").split("/")[-1],
    }
    answers = [
        chief.get(reverse("office:convention-ask"), question | {"ground": ground}).content.decode()
        for ground in ("incident", "crisis")
    ]
    assert ["Oui." in one for one in answers] == [False, True]


def test_a_crisis_is_declared_once_on_an_open_incident_with_whoever_declared_it(world, client_of):
    client = client_of(world.officer)
    opened = client.post(reverse("desk:camera-incident", args=[world.cameras[0]]))
    incident = opened.headers["Location"].rstrip("/").split("/")[-1]
    assert grounds.ground("incident", incident, NOW).events == {"incident"}
    address = reverse("desk:incident-crisis", args=[incident])
    assert client.post(address, {"authority": "", "reason": ""}).status_code == 422
    given = {"authority": "Préfet de la Seine-et-Orge", "reason": "crue"}
    page = client.post(address, given, follow=True).content.decode()
    assert "crise déclarée" in page
    assert "Préfet de la Seine-et-Orge" in page
    assert grounds.ground("incident", incident, NOW).events == {"incident", "crisis"}
    assert client.post(address, given).status_code == 422, "once"
    fact = Fact.objects.get(name="incident:crisis")
    assert json.loads(fact.body) == given
