"""Routes of the duty surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.duty.views import access, phone
from beffroi.web.shared.routing import guarded

app_name = "duty"
urlpatterns = [
    guarded("", phone.phone, permission=Permission.DUTY_PHONE, name="phone"),
    guarded("waiting/", phone.waiting, permission=Permission.DUTY_PHONE, name="waiting"),
    guarded("access/<str:grant>/decide/", phone.decide, permission=Permission.DUTY_DECIDE, name="decide"),
    guarded("access/<str:grant>/", access.one, permission=Permission.ACCESS_READ, name="access"),
    guarded("access/<str:grant>/review/", access.review, permission=Permission.DUTY_DECIDE, name="access-review"),
    guarded("notices/<str:notice>/seen/", access.seen, permission=Permission.ACCESS_READ, name="notice-seen"),
]
