"""Routes of the api surface. Every one is made by ``guarded``."""

from beffroi.people.core.permissions import Permission
from beffroi.web.api import edges
from beffroi.web.shared.routing import guarded

app_name = "api"
urlpatterns = [
    # Public to the router: the box's signature is its key (safety/actions/exchange.py).
    guarded("edge/exchange", edges.exchange, permission=Permission.PUBLIC, name="edge-exchange"),
]
