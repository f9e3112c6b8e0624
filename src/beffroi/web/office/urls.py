"""Routes of the office surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

from beffroi.people.core.permissions import Permission
from beffroi.web.office.views import audit, components, figures, looks, registers
from beffroi.web.shared.routing import guarded

app_name = "office"
urlpatterns: list[URLPattern] = [
    guarded("looks/", looks.looks, permission=Permission.OFFICE_LOOKS, name="looks"),
    guarded("looks.csv", looks.looks_csv, permission=Permission.OFFICE_LOOKS, name="looks-csv"),
    guarded("audit/", audit.audit, permission=Permission.OFFICE_AUDIT, name="audit"),
    guarded("audit/verify/", audit.verify, permission=Permission.OFFICE_AUDIT, name="audit-verify"),
    guarded("audit/checkpoint.txt", audit.checkpoint, permission=Permission.OFFICE_AUDIT, name="audit-checkpoint"),
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
]
