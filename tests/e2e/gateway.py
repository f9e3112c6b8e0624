"""Where the product takes its text messages: an address that only listens."""

import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Gateway:
    """An address for text messages that only listens: what it was asked to send, as ``(number, text)``."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        sent = self.sent

        class Asked(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                sent.append((fields["to"], fields["text"]))
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        self.url = f"http://127.0.0.1:{self._server.server_port}/cgi-bin/sendsms?username=u&password=p"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
