"""Routes of the counter surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.counter.views import packages
from beffroi.web.shared.routing import guarded

PACKAGES = Permission.COUNTER_PACKAGES

app_name = "counter"
urlpatterns = [
    guarded("packages/", packages.packages, permission=PACKAGES, name="packages"),
    guarded("packages/<str:handover_id>/", packages.package, permission=PACKAGES, name="package"),
    guarded("packages/<str:handover_id>/receipt/", packages.receipt, permission=PACKAGES, name="package-receipt"),
    guarded("packages/<str:handover_id>/slip/", packages.slip, permission=PACKAGES, name="package-slip"),
]
