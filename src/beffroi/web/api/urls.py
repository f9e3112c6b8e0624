"""Routes of the api surface. Every one is made by ``guarded``, the operations of ``reading`` too."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern
from django.urls.resolvers import RoutePattern

from beffroi.people.core.permissions import Permission
from beffroi.web.api import document, edges
from beffroi.web.api.reading import PERMISSIONS, api
from beffroi.web.shared.errors import page
from beffroi.web.shared.routing import View, guarded


def _operations() -> Iterator[URLPattern]:
    for router in api._get_bound_routers():  # its public `urls` would add routes without a permission
        for found in router.urls_paths(""):
            assert isinstance(found.pattern, RoutePattern)
            name = str(found.name)
            view = _with_problems(found.callback)
            yield guarded(str(found.pattern), view, permission=PERMISSIONS[name], name=name)


def _with_problems(view: View) -> View:
    """A method that does not exist is a problem like every other."""

    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if not isinstance(answer, HttpResponseNotAllowed):
            return answer
        problem = page(request, 405, code="method")
        problem["Allow"] = answer["Allow"]
        return problem

    return answered


app_name = "api"
urlpatterns = [
    # Public to the router: the box's signature is its key (safety/actions/exchange.py).
    guarded("edge/exchange", edges.exchange, permission=Permission.PUBLIC, name="edge-exchange"),
    guarded("openapi.json", document.openapi, permission=Permission.PUBLIC, name="openapi"),
    *_operations(),
]
