"""Every route of the box, enumerated from its application, without card, code or signature: nothing opens."""

from starlette.routing import Mount, Route

from tests.edge.test_edge_server import Server
from tests.surface.role_table import EDGE

PATHS = {"{room}": "r1", "{token}": "x" * 32, "{act}": "lift", "{nature}": "x", "{posture}": "x"}
BODY = b'{"sequence": ' + b"[" * 5_000


def test_the_table_has_every_route_and_nothing_opens_without_its_key(tmp_path):
    server = Server(tmp_path)
    try:
        served = set()
        for route in server.box.app.asgi.routes:
            if isinstance(route, Mount):
                served.add(f"GET {route.path}")
            elif isinstance(route, Route):
                served |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
        assert served == set(EDGE)
        for name, (_, status) in EDGE.items():
            method, path = name.split()
            for shape, value in PATHS.items():
                path = path.replace(shape, value)
            answer = server.ask(method, path, body=BODY if method == "POST" else None)
            assert answer[0].status == status, f"{name}: {answer[0].status}"
    finally:
        server.stop()
