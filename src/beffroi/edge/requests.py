"""What comes to the box over HTTP, read with bounds, and what every answer carries."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from beffroi.kernel.errors import Invalid

MAX_BODY_BYTES = 16 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


async def json_of(request: Request) -> dict[str, Any]:
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise Invalid("This request is too large.", code="too_large")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Invalid("This request is not a JSON object.", code="not_json")
    return data


async def form_of(request: Request) -> dict[str, str]:
    """The fields of an ordinary form; files are never taken here."""
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise Invalid("This form is too large.", code="too_large")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise Invalid("This form cannot be read.", code="form_malformed") from error


def is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def count_of(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 3):
        raise Invalid(f"{value[:10]!r} is not a number between 0 and 999.", code="count_out_of_range")
    return int(value)


async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await call_next(request)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"  # room addresses carry their token
    return answer
