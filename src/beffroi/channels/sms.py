"""SMS through HTTP gateways of the form ``GET …/sendsms?username&password&to&text`` (kannel and its many likes)."""

import http.client
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from beffroi.kernel.errors import Unavailable

TIMEOUT_SECONDS = 10
ACCEPTED = frozenset({200, 202})


class Sms:
    """``http://host:port/cgi-bin/sendsms?username=…&password=…``; recipient and text are added. Several addresses,
    with a space between them, are several gateways: each message goes through the first one that takes it."""

    def __init__(self, urls: str) -> None:
        self._gateways = [urlsplit(url) for url in urls.split()]

    def hand_over(self, *, address: str, keys: dict[str, str], subject: str, text: str, message_id: str) -> bool:
        """Give one message to a gateway. Its *accepted* says nothing of the phone: unknown. ``Unavailable`` says what
        each gateway answered when none takes it. One that is silent for longer than it may be can have taken the
        message all the same: then it arrives twice rather than not at all."""
        troubles = []
        for gateway in self._gateways:
            try:
                _give(gateway, address, text)
            except Unavailable as trouble:
                troubles.append(trouble.message)
            else:
                return False
        raise Unavailable(" ".join(troubles), code="sms_refused")


def _give(gateway: SplitResult, address: str, text: str) -> None:
    fixed = dict(parse_qsl(gateway.query))
    query = urlencode({**fixed, "to": address, "text": text, "charset": "UTF-8", "coding": "2"})
    kind = http.client.HTTPSConnection if gateway.scheme == "https" else http.client.HTTPConnection
    connection = kind(gateway.hostname or "", gateway.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{gateway.path}?{query}")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"The SMS gateway did not answer: {type(error).__name__}.", code="sms_refused") from error
    finally:
        connection.close()
    if status not in ACCEPTED:
        raise Unavailable(f"The SMS gateway answered {status}.", code="sms_refused")
