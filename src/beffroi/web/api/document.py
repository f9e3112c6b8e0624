"""``/api/v1/openapi.json``: OpenAPI 3.1 of the operations, with the answers of ``guarded`` and of the error table."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from beffroi.web.api.reading import api
from beffroi.web.api.schemas import Problem

ROOT = "/api/v1"
_PROBLEMS = {
    "401": "Not signed in",
    "404": "Absent, or not for the asker: the two look the same",
    "405": "There is no such method here",
    "422": "A parameter is wrong",
}


@cache
def document() -> dict[str, Any]:
    """The document, made once."""
    made: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"{ROOT}/"))
    made["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    made["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "beffroi_office"},
        "token": {"type": "http", "scheme": "bearer"},
    }
    made["security"] = [{"session": []}, {"token": []}]
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in made["paths"].values():
        for operation in operations.values():
            for status, said in _PROBLEMS.items():
                operation["responses"][status] = {"description": said, "content": content}
    return made


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The document."""
    return JsonResponse(document())
