"""Routes of the bell. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.building.views import (
    alert,
    bulletins,
    cap,
    codes,
    drafts,
    drills,
    home,
    levels,
    measures,
    pictures,
    plans,
    reach,
)
from beffroi.web.shared.routing import guarded

READ, ACT, PLAN = Permission.BUILDING_READ, Permission.BUILDING_ACT, Permission.BUILDING_PLAN

app_name = "building"
urlpatterns = [
    guarded("", home.home, permission=READ, name="home"),
    guarded("reach/", reach.own, permission=READ, name="reach"),
    guarded("reach/push/", reach.push, permission=READ, name="reach-push"),
    guarded("reach/forget/", reach.forget, permission=READ, name="reach-forget"),
    guarded("outside/", bulletins.bulletins, permission=READ, name="bulletins"),
    guarded("outside/bring/", bulletins.bring, permission=ACT, name="bulletin-bring"),
    guarded("outside/<str:bulletin>/", bulletins.bulletin, permission=READ, name="bulletin"),
    guarded("outside/<str:bulletin>/relay/", bulletins.relay, permission=ACT, name="bulletin-relay"),
    guarded("outside/<str:bulletin>/aside/", bulletins.set_aside, permission=ACT, name="bulletin-aside"),
    guarded("alerts/<str:alert>/", alert.alert_page, permission=READ, name="alert"),
    guarded("alerts/<str:alert>/now/", alert.alert_now, permission=READ, name="alert-now"),
    guarded("alerts/<str:alert>/review.pdf", alert.review_paper, permission=READ, name="alert-review"),
    guarded("alerts/<str:alert>/cap.xml", cap.taken_out, permission=READ, name="alert-cap"),
    guarded("alerts/<str:alert>/pictures/", pictures.pictures, permission=ACT, name="alert-pictures"),
    guarded("alerts/<str:alert>/observations/", measures.observe, permission=ACT, name="alert-observe"),
    guarded("alerts/<str:alert>/actions/", measures.decide, permission=ACT, name="alert-decide"),
    guarded("actions/<str:measure>/done/", measures.done, permission=ACT, name="measure-done"),
    guarded("alerts/<str:alert>/<str:kind>/", alert.act, permission=ACT, name="alert-act"),
    guarded("drills/<str:drill>/announce/", drills.announce, permission=ACT, name="drill-announce"),
    guarded("drills/<str:drill>/arm/", drills.arm, permission=ACT, name="drill-arm"),
    guarded("drills/<str:drill>/start/", drills.start, permission=ACT, name="drill-start"),
    guarded("<str:building>/drills/", drills.drills, permission=READ, name="drills"),
    guarded("<str:building>/contacts/", reach.contacts, permission=PLAN, name="contacts"),
    guarded("<str:building>/contacts/drop/", reach.drop, permission=PLAN, name="contact-drop"),
    guarded("<str:building>/code/", codes.phone_code, permission=ACT, name="phone-code"),
    guarded("<str:building>/drills/plan/", drills.plan, permission=ACT, name="drill-plan"),
    guarded("<str:building>/", home.building, permission=READ, name="building"),
    guarded("<str:building>/language/", home.language, permission=PLAN, name="box-language"),
    guarded("<str:building>/raise/", home.raise_alert, permission=ACT, name="raise"),
    guarded("<str:building>/plan/", plans.plan, permission=PLAN, name="plan"),
    guarded("<str:building>/levels/", levels.levels, permission=READ, name="levels"),
    guarded("<str:building>/plan/drawings/<str:drawing>/", levels.drawing, permission=READ, name="plan-drawing"),
    guarded("<str:building>/plan/pack.pdf", levels.pack, permission=PLAN, name="plan-pack"),
    guarded("<str:building>/plan/pack-night.pdf", levels.pack_of_the_night, permission=PLAN, name="plan-pack-night"),
    guarded("<str:building>/plan/draft/", drafts.start, permission=PLAN, name="plan-draft"),
    guarded("<str:building>/plan/sent/", drafts.sent, permission=PLAN, name="plan-sent"),
    guarded("<str:building>/plan/<int:version>/edit/", drafts.edit, permission=PLAN, name="plan-edit"),
    guarded(
        "<str:building>/plan/<int:version>/edit/<slug:what>/", drafts.change, permission=PLAN, name="plan-edit-act"
    ),
    guarded("<str:building>/plan/<int:version>/validate/", drafts.validate, permission=PLAN, name="plan-validate"),
    guarded("<str:building>/plan/import/", plans.import_plan, permission=PLAN, name="plan-import"),
    guarded("<str:building>/plan/<int:version>/", plans.version, permission=PLAN, name="plan-version"),
    guarded("<str:building>/plan/<int:version>/in-force/", plans.put_in_force, permission=PLAN, name="plan-in-force"),
]
