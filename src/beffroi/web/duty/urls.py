"""Routes of the duty surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.duty import views
from beffroi.web.shared.routing import guarded

app_name = "duty"
urlpatterns = [
    guarded("", views.phone, permission=Permission.DUTY_PHONE, name="phone"),
    guarded("waiting/", views.waiting, permission=Permission.DUTY_PHONE, name="waiting"),
    guarded("access/<str:grant>/decide/", views.decide, permission=Permission.DUTY_DECIDE, name="decide"),
]
