"""An incident's cameras side by side: one look back for all of them, hanging on the incident, one's own alone."""

import json
import re
from datetime import timedelta
from typing import Any

from django.urls import reverse

from beffroi.governance.queries import access as grants
from beffroi.operations import actions as operations
from beffroi.people.queries import actor_of
from beffroi.sites import queries as sites
from tests.surface.desk.test_pages import LATER, post_json


def incident_of(browser: Any, cameras: list[str], on_duty: Any, clock: Any) -> str:
    clock.advance(LATER)
    incident: str = post_json(browser, "desk:wall-incident", {"camera": cameras[0]}).json()["id"]
    operations.link_camera(
        actor=actor_of(on_duty), person=on_duty, incident=incident, camera=sites.camera(cameras[1]), now=clock.now()
    )
    return incident


def test_one_look_back_at_both_cameras_shows_both_players(browser, cameras, on_duty, clock):
    incident = incident_of(browser, cameras, on_duty, clock)
    page = reverse("desk:incident-together", args=[incident])
    form = browser.get(page).content.decode()
    assert form.count('type="checkbox"') == 2
    since, until = clock.now() - timedelta(minutes=3), clock.now() - timedelta(minutes=1)
    sent = {"cameras": [cameras[0]], "since": since.isoformat(), "until": until.isoformat()}
    opened = browser.post(page, sent)
    assert opened.status_code == 302, opened.content.decode()
    shown = browser.get(opened["Location"]).content.decode()
    found = re.search(r'<script id="together-data" type="application/json">(.*?)</script>', shown)
    assert found is not None
    data = json.loads(found[1])
    assert [one["camera"] for one in data["cameras"]] == [cameras[0]]
    assert data["to_us"] - data["from_us"] == 120_000_000
    (grant,) = [one for one in grants.grants_of(on_duty, clock.now()) if one.basis_reference == incident]
    assert data["cameras"][0]["ticket_url"] == f"/tickets/{grant.id}"


def test_what_a_shift_does_not_serve_is_refused_by_name_and_nothing_opens(browser, cameras, on_duty, clock):
    incident = incident_of(browser, cameras, on_duty, clock)
    since, until = clock.now() - timedelta(minutes=3), clock.now() - timedelta(minutes=1)
    both = {"cameras": [cameras[0], cameras[1]], "since": since.isoformat(), "until": until.isoformat()}
    refused = browser.post(reverse("desk:incident-together", args=[incident]), both)
    assert refused.status_code == 422
    assert "CSI" in refused.content.decode()
    assert "together-data" not in refused.content.decode()


def test_a_camera_that_is_not_the_incidents_cannot_be_chosen(browser, cameras, on_duty, clock):
    incident = incident_of(browser, cameras, on_duty, clock)
    since, until = clock.now() - timedelta(minutes=3), clock.now()
    sent = {"cameras": [cameras[2]], "since": since.isoformat(), "until": until.isoformat()}
    assert browser.post(reverse("desk:incident-together", args=[incident]), sent).status_code == 422
