"""SMS through an HTTP gateway of the form ``GET …/sendsms?username&password&to&text`` (kannel and its many likes)."""

import http.client
from urllib.parse import parse_qsl, urlencode, urlsplit

from beffroi.kernel.errors import Unavailable

TIMEOUT_SECONDS = 10
ACCEPTED = frozenset({200, 202})


class Sms:
    """``http://host:port/cgi-bin/sendsms?username=…&password=…``; recipient and text are added."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def hand_over(self, *, address: str, keys: dict[str, str], subject: str, text: str, message_id: str) -> bool:
        """Give one message to the gateway. Its *accepted* says nothing of the phone: unknown."""
        fixed = dict(parse_qsl(self._parts.query))
        query = urlencode({**fixed, "to": address, "text": text, "charset": "UTF-8", "coding": "2"})
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", f"{self._parts.path}?{query}")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"The SMS gateway did not answer: {type(error).__name__}.", code="sms_refused") from error
        finally:
            connection.close()
        if status not in ACCEPTED:
            raise Unavailable(f"The SMS gateway answered {status}.", code="sms_refused")
        return False
