"""Routes of the office surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

from beffroi.people.core.permissions import Permission
from beffroi.web.office.views import (
    anomalies,
    audit,
    components,
    consents,
    control,
    conventions,
    figures,
    looks,
    mailbox,
    orders,
    persons,
    processing,
    registers,
    rights,
)
from beffroi.web.shared.routing import guarded

app_name = "office"
READ, ASK, WRITE = (
    Permission.OFFICE_CONVENTIONS,
    Permission.OFFICE_CONVENTION_ASK,
    Permission.OFFICE_CONVENTION_WRITE,
)
ORDERS, ORDER_WRITE = Permission.OFFICE_ORDERS, Permission.OFFICE_ORDER_WRITE
urlpatterns: list[URLPattern] = [
    guarded("conventions/", conventions.listing, permission=READ, name="conventions"),
    guarded("conventions/compare/", conventions.compare, permission=READ, name="convention-compare"),
    guarded("conventions/ask/", conventions.ask, permission=ASK, name="convention-ask"),
    guarded("conventions/draft/", conventions.draft, permission=WRITE, name="convention-draft"),
    guarded("conventions/<str:convention>/", conventions.one, permission=READ, name="convention"),
    guarded("conventions/<str:convention>/sign/", conventions.sign, permission=WRITE, name="convention-sign"),
    guarded("conventions/<str:convention>/effect/", conventions.effect, permission=WRITE, name="convention-effect"),
    guarded("conventions/<str:convention>/<slug:act>/", conventions.move, permission=WRITE, name="convention-move"),
    guarded("mailbox/", mailbox.mailbox, permission=Permission.OFFICE_MAILBOX, name="mailbox"),
    guarded("mailbox/remove/", mailbox.remove, permission=Permission.OFFICE_MAILBOX, name="mailbox-remove"),
    guarded("orders/", orders.listing, permission=ORDERS, name="orders"),
    guarded("orders/enter/", orders.enter, permission=ORDER_WRITE, name="order-enter"),
    guarded("orders/withdraw/", orders.withdraw, permission=ORDER_WRITE, name="order-withdraw", step_up=True),
    guarded("orders/<str:order>/", orders.one, permission=ORDERS, name="order"),
    guarded("orders/<str:order>/paper/", orders.paper, permission=ORDERS, name="order-paper"),
    guarded("orders/<str:order>/confirm/", orders.confirm, permission=ORDER_WRITE, name="order-confirm", step_up=True),
    guarded("orders/<str:order>/drop/", orders.drop, permission=ORDER_WRITE, name="order-drop"),
    guarded("consents/", consents.listing, permission=ORDERS, name="consents"),
    guarded("consents/give/", consents.give, permission=Permission.OFFICE_CONSENT_WRITE, name="consent-give"),
    guarded(
        "consents/withdraw/",
        consents.withdraw,
        permission=Permission.OFFICE_CONSENT_WRITE,
        name="consent-withdraw",
        step_up=True,
    ),
    guarded("looks/", looks.looks, permission=Permission.OFFICE_LOOKS, name="looks"),
    guarded("looks.csv", looks.looks_csv, permission=Permission.OFFICE_LOOKS, name="looks-csv"),
    guarded("looks.pdf", looks.looks_pdf, permission=Permission.OFFICE_LOOKS, name="looks-pdf"),
    guarded("audit/", audit.audit, permission=Permission.OFFICE_AUDIT, name="audit"),
    guarded("audit/verify/", audit.verify, permission=Permission.OFFICE_AUDIT, name="audit-verify"),
    guarded("audit/compare/", audit.compare, permission=Permission.OFFICE_AUDIT, name="audit-compare"),
    guarded("audit/checkpoint.txt", audit.checkpoint, permission=Permission.OFFICE_AUDIT, name="audit-checkpoint"),
    guarded("anomalies/", anomalies.listing, permission=Permission.OFFICE_ANOMALIES, name="anomalies"),
    guarded("anomalies.csv", anomalies.as_csv, permission=Permission.OFFICE_ANOMALIES, name="anomalies-csv"),
    guarded("anomalies/<str:anomaly>/", anomalies.one, permission=Permission.OFFICE_ANOMALIES, name="anomaly"),
    guarded(
        "anomalies/<str:anomaly>/note/", anomalies.note, permission=Permission.OFFICE_ANOMALIES, name="anomaly-note"
    ),
    guarded("components/", components.components, permission=Permission.SIGNED_IN, name="components"),
    guarded("figures/", figures.figures, permission=Permission.OFFICE_FIGURES, name="figures"),
    guarded("figures/<int:year>/", figures.figures, permission=Permission.OFFICE_FIGURES, name="figures-year"),
    guarded("figures/<int:year>/<slug:name>/", figures.figure, permission=Permission.OFFICE_FIGURES, name="figure"),
    guarded("registers/", registers.index, permission=Permission.OFFICE_REGISTERS, name="registers"),
    guarded("registers/<str:which>/", registers.page, permission=Permission.OFFICE_REGISTERS, name="register"),
    guarded(
        "registers/<str:which>/csv/", registers.as_csv, permission=Permission.OFFICE_REGISTERS, name="register-csv"
    ),
    guarded(
        "registers/<str:which>/pdf/", registers.as_pdf, permission=Permission.OFFICE_REGISTERS, name="register-pdf"
    ),
    guarded("processing/", processing.page, permission=Permission.OFFICE_PROCESSING, name="processing"),
    guarded("processing/pdf/", processing.as_pdf, permission=Permission.OFFICE_PROCESSING, name="processing-pdf"),
    guarded("rules/", control.rules, permission=Permission.OFFICE_RULES, name="rules"),
    guarded("rules/paper/", control.paper, permission=Permission.OFFICE_COMPLIANCE, name="paper"),
    guarded("inspection/", control.inspection, permission=Permission.OFFICE_INSPECTION, name="inspection"),
    guarded("inspection/make/", control.make, permission=Permission.OFFICE_INSPECTION, name="inspection-make"),
    guarded(
        "inspection/bundles/", control.progress, permission=Permission.OFFICE_INSPECTION, name="inspection-bundles"
    ),
    guarded(
        "inspection/<str:bundle>/", control.download, permission=Permission.OFFICE_INSPECTION, name="inspection-file"
    ),
    guarded("persons/", persons.listing, permission=Permission.OFFICE_PERSONS, name="persons"),
    guarded("persons/new/", persons.enter, permission=Permission.OFFICE_PERSONS, name="person-enter"),
    guarded("persons/bodies/", persons.bodies, permission=Permission.OFFICE_PERSONS, name="bodies"),
    guarded("persons/<str:person>/", persons.one, permission=Permission.OFFICE_PERSONS, name="person"),
    guarded("persons/<str:person>/<slug:what>/", persons.act, permission=Permission.OFFICE_PERSONS, name="person-act"),
    guarded("rights/", rights.queue, permission=Permission.OFFICE_RIGHTS, name="rights"),
    guarded("rights/<str:rights>/", rights.one, permission=Permission.OFFICE_RIGHTS, name="rights-one"),
    guarded("rights/<str:rights>/paper/", rights.paper, permission=Permission.OFFICE_RIGHTS, name="rights-paper"),
    guarded("rights/<str:rights>/<slug:what>/", rights.act, permission=Permission.OFFICE_RIGHTS, name="rights-act"),
]
