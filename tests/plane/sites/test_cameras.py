"""Acts on cameras, what the reader shows of them, and what it never shows."""

from datetime import timedelta

import pytest

from beffroi.audit.models import Fact
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from beffroi.people.core.roles import Role
from beffroi.sites import actions, models, queries
from beffroi.sites.core.coverage import PlaceClass, View, destination
from beffroi.sites.core.purposes import Purpose
from tests.conftest import INSEE, NOW
from tests.plane.sites.conftest import CHIEF, NORTH, SECOND

LATER = NOW + timedelta(hours=1)
IN_FRONT = destination((48.5, 2.5), 0, 50)
BEHIND = destination((48.5, 2.5), 180, 50)


def add(site: str, number: int = 7, **given):
    return actions.add_camera(
        actor=CHIEF,
        site=site,
        number=number,
        name="Essai",
        view=NORTH,
        public_road=given.get("public_road", True),
        purposes=given.get("purposes", {Purpose.SAFETY_OF_PERSONS}),
        retention_days=given.get("retention_days", 30),
        now=NOW,
    )


def test_a_camera_is_read_as_it_was_entered(lawful):
    camera = queries.by_number(1)
    assert camera == queries.camera(lawful) == queries.cameras()[0]
    assert (camera.insee, camera.site, camera.tags) == (INSEE, "Place", {"centre"})
    assert camera.view == NORTH
    assert camera.in_service(NOW)
    assert camera.authorisation_at(NOW).reference == "AP-99-2026-001"
    assert (camera.mask.author, camera.mask.reviewer) == (CHIEF.id, SECOND.id)


def test_neither_tables_nor_facts_hold_an_address_or_a_password(lawful):
    row = models.Camera.objects.get()
    stored = [str(getattr(row, field.attname)) for field in row._meta.concrete_fields]
    told = list(Fact.objects.values_list("body", flat=True))
    for text in [*stored, *told]:
        assert "8554" not in text
        assert "very secret" not in text
        assert "viewer" not in text


def test_every_act_leaves_its_fact(lawful):
    actions.move_camera(actor=CHIEF, camera=lawful, view=NORTH, now=LATER)
    actions.suspend_camera(actor=CHIEF, camera=lawful, reason="Travaux place de la Mairie", now=LATER)
    actions.resume_camera(actor=CHIEF, camera=lawful, now=LATER)
    actions.retire_camera(actor=CHIEF, camera=lawful, reason="Remplacée", now=LATER)
    names = list(Fact.objects.filter(subject=f"camera:{lawful}").order_by("id").values_list("name", flat=True))
    assert set(names) == {
        "camera:add", "camera:source", "mask:draw", "mask:review", "camera:commission", "camera:move", "camera:suspend",
        "camera:resume", "camera:retire",
    }  # fmt: skip


@pytest.mark.parametrize("number", [0, 1])
def test_a_number_is_never_used_twice(lawful, square, number):
    actions.retire_camera(actor=CHIEF, camera=lawful, reason="Remplacée", now=LATER)
    with pytest.raises(Conflict):
        add(square, number)


def test_what_the_law_does_not_know_is_refused_field_by_field(square):
    with pytest.raises(Invalid) as caught:
        add(square, purposes=set(), retention_days=40)
    assert caught.value.fields == {"purposes": "no_purpose", "retention_days": "retention_outside_law"}
    with pytest.raises(NotFound):
        add("no such site")


@pytest.mark.parametrize("sub", [0, 21, 31])
def test_a_small_stream_outlives_neither_the_law_nor_the_main_one(lawful, sub):
    with pytest.raises(Invalid) as caught:
        actions.amend_camera(
            actor=CHIEF, camera=lawful, name="Place", purposes={Purpose.SAFETY_OF_PERSONS}, retention_days=20, tags=(),
            sub_retention_days=sub, quota_gb=0, now=LATER,
        )  # fmt: skip
    assert caught.value.fields == {"sub_retention_days": "sub_longer_than_main", "quota_gb": "quota_out_of_range"}


def test_a_bad_address_is_refused_before_it_is_stored(square, keys):
    camera = add(square)
    with pytest.raises(Invalid) as caught:
        actions.set_source(actor=CHIEF, camera=camera, main_url="rtsp://root:pw@127.0.0.1/", now=NOW)
    assert caught.value.fields == {"main_url": "address_with_password"}
    assert "pw" not in str(caught.value)
    with pytest.raises(Invalid) as caught:
        actions.set_source(actor=CHIEF, camera=camera, main_url="", sub_url="http://x/", now=NOW)
    assert set(caught.value.fields) == {"main_url", "sub_url"}
    assert models.Camera.objects.get().main_url_sealed == ""


def test_without_its_key_a_source_is_not_taken(square, keys):
    (keys / "secrets.key").write_bytes(b"short")
    with pytest.raises(Unavailable) as caught:
        actions.set_source(actor=CHIEF, camera=add(square), main_url="rtsp://127.0.0.1/a", now=NOW)
    assert caught.value.code == "key_damaged"


def test_without_order_a_camera_is_not_commissioned_and_the_refusal_stays(square, keys):
    camera = add(square)
    with pytest.raises(Forbidden) as caught:
        actions.commission_camera(actor=CHIEF, camera=camera, now=NOW)
    assert (caught.value.code, caught.value.article) == ("no_authorisation", "R-01 (CSI L252-1)")
    assert not queries.camera(camera).in_service(NOW)
    assert Fact.objects.filter(name="camera:refuse", subject=f"camera:{camera}").count() == 1


def test_whoever_drew_the_mask_does_not_review_it(lawful):
    version = actions.draw_mask(actor=CHIEF, camera=lawful, polygons=[[(0, 0), (100, 0), (100, 80)]], now=LATER)
    with pytest.raises(Forbidden):
        actions.review_mask(actor=CHIEF, camera=lawful, version=version, now=LATER)
    assert queries.camera(lawful).mask.reviewer == ""
    with pytest.raises(Invalid):
        actions.draw_mask(actor=CHIEF, camera=lawful, polygons=[[(0, 0), (1_001, 0), (5, 5)]], now=LATER)


def test_what_was_covered_is_asked_of_where_the_camera_stood_then(lawful):
    assert [camera.id for camera in queries.covering(*IN_FRONT, NOW)] == [lawful]
    actions.move_camera(actor=CHIEF, camera=lawful, view=View(48.5, 2.5, 180, 90, 100), now=LATER)
    assert queries.covering(*IN_FRONT, LATER) == []
    assert [camera.id for camera in queries.covering(*BEHIND, LATER)] == [lawful]
    assert [camera.id for camera in queries.covering(*IN_FRONT, LATER - timedelta(seconds=1))] == [lawful]
    assert queries.covering(*BEHIND, NOW) == []
    assert queries.covering(*IN_FRONT, NOW - timedelta(days=1)) == []


def test_places_fall_into_four_classes(lawful):
    def kind(place):
        return queries.place_class(*place, INSEE, NOW)

    assert kind(IN_FRONT) is PlaceClass.COVERED
    assert kind(BEHIND) is PlaceClass.UNCOVERED
    assert kind((48.6, 2.5)) is PlaceClass.OUTSIDE
    assert kind((None, None)) is PlaceClass.UNKNOWN


def test_a_retired_camera_covers_the_past_and_leaves_the_lists(lawful):
    actions.retire_camera(actor=CHIEF, camera=lawful, reason="Remplacée", now=LATER)
    assert queries.cameras() == []
    assert [camera.id for camera in queries.cameras(retired=True)] == [lawful]
    assert [camera.id for camera in queries.covering(*IN_FRONT, NOW)] == [lawful]
    assert queries.covering(*IN_FRONT, LATER) == []


def test_only_cameras_of_ones_own_communes_are_seen(lawful, make_person):
    ours = make_person(Role.DUTY_OFFICER)
    stranger = make_person(Role.DUTY_OFFICER, cleared=False)
    assert [camera.id for camera in queries.cameras_visible_to(ours)] == [lawful]
    assert queries.cameras_visible_to(stranger) == []
    for absent in (lawful, "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NotFound) as caught:
            queries.camera_visible_to(stranger, absent)
        assert caught.value.message == "There is no such camera."


def test_an_order_that_does_not_fit_the_law_is_refused(lawful):
    def enter(**given):
        actions.enter_authorisation(
            actor=CHIEF,
            reference=given.get("reference", "AP-2"),
            department="99",
            purposes=given.get("purposes", {Purpose.RISKS}),
            retention_max_days=given.get("days", 30),
            valid_from=NOW,
            valid_to=NOW + timedelta(days=given.get("term", 1_000)),
            cameras=given.get("cameras", [lawful]),
            now=NOW,
        )

    for wrong in ({"reference": " "}, {"purposes": set()}, {"days": 32}, {"days": 0}, {"term": -1}, {"term": 1_900}):
        with pytest.raises(Invalid):
            enter(**wrong)
    with pytest.raises(NotFound):
        enter(cameras=["nobody"])
    enter()
    with pytest.raises(Conflict):
        enter()


def test_the_shipped_plan_has_a_boundary_and_its_cameras_inside():
    from beffroi.sites.core.coverage import inside
    from beffroi.sites.files import boundary_of, shipped_plan

    plan = shipped_plan(INSEE)
    boundary = boundary_of(plan)
    spots = [one for one in plan["features"] if one["properties"]["kind"] == "spot"]
    assert len(spots) >= 8
    assert all(inside(boundary, tuple(reversed(one["geometry"]["coordinates"]))) for one in spots)
    assert shipped_plan("00000") == {}
