"""Where each surface stands. Surfaces bind separately: the counter may face the Internet without the desk."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("beffroi.web.account.urls")),
    path("desk/", include("beffroi.web.desk.urls")),
    path("duty/", include("beffroi.web.duty.urls")),
    path("alarm/", include("beffroi.web.building.alarm")),
    path("building/", include("beffroi.web.building.urls")),
    path("counter/", include("beffroi.web.counter.urls")),
    path("office/", include("beffroi.web.office.urls")),
    path("technical/", include("beffroi.web.technical.urls")),
    path("api/v1/", include("beffroi.web.api.urls")),
    path("looking/", include("beffroi.web.shared.lookers")),
    path("tickets/", include("beffroi.web.shared.tickets")),
    path("", include("beffroi.web.public.urls")),
]

handler400 = "beffroi.web.shared.errors.bad_request"
handler403 = "beffroi.web.shared.errors.forbidden"
handler404 = "beffroi.web.shared.errors.not_found"
handler500 = "beffroi.web.shared.errors.server_error"
