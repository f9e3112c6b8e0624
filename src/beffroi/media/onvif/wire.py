"""HTTP to one camera: its own checked address, no redirects, bounded time and length, Digest where it asks for it."""

import hashlib
import http.client
import re
import secrets
from dataclasses import dataclass

from beffroi.media.onvif.documents import MAX_BYTES
from beffroi.media.onvif.failures import OnvifFailed

TIMEOUT_S = 6.0
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the camera is: an IP address that was allowed, and a port."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        """As it stands in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 80 else f"{host}:{self.port}"


class Wire:
    """Blocking; one connection a call, so that a camera that hangs costs one call."""

    def __init__(self, endpoint: Endpoint, username: str, password: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.endpoint = endpoint
        self._username, self._password, self._timeout_s = username, password, timeout_s

    def post(self, path: str, body: bytes, *, timeout_s: float | None = None) -> tuple[int, bytes]:
        """Status and body. A 401 with a Digest challenge is answered once."""
        status, challenge, answer = self._once(path, body, "", timeout_s)
        if status == 401 and self._username and challenge.lower().startswith("digest"):
            header = _digest(challenge, self._username, self._password, path)
            if header:
                status, _, answer = self._once(path, body, header, timeout_s)
        return status, answer

    def _once(self, path: str, body: bytes, authorization: str, timeout_s: float | None) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(
            self.endpoint.host, self.endpoint.port, timeout=timeout_s or self._timeout_s
        )
        headers = {"Content-Type": "application/soap+xml; charset=utf-8", "Host": self.endpoint.authority}
        if authorization:
            headers["Authorization"] = authorization
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            data = response.read(MAX_BYTES + 1)
        except ConnectionRefusedError:
            raise OnvifFailed("refused", "nothing listens at the camera's address") from None
        except TimeoutError:
            raise OnvifFailed("unreachable", "the camera does not answer") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise OnvifFailed("unreachable", "the connection to the camera broke off") from None
        finally:
            connection.close()
        if 300 <= response.status < 400:
            raise OnvifFailed("redirected", "the camera sends us elsewhere: not followed")
        return response.status, response.getheader("WWW-Authenticate") or "", data


def _digest(challenge: str, username: str, password: str, path: str) -> str:
    """The ``Authorization`` header for a Digest challenge (RFC 7616, qop auth or none); empty where it is another."""
    fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(challenge)}
    algorithm = fields.get("algorithm", "MD5").upper()
    if algorithm not in _HASHES or "nonce" not in fields or any(letter in username for letter in '"\r\n'):
        return ""

    def hashed(value: str) -> str:
        return hashlib.new(_HASHES[algorithm], value.encode(), usedforsecurity=False).hexdigest()

    realm, nonce, count, own = fields.get("realm", ""), fields["nonce"], "00000001", secrets.token_hex(8)
    secret, asked = hashed(f"{username}:{realm}:{password}"), hashed(f"POST:{path}")
    parts = [
        f'username="{username}"',
        f'realm="{realm}"',
        f'nonce="{nonce}"',
        f'uri="{path}"',
        f"algorithm={algorithm}",
    ]
    if "auth" in fields.get("qop", "").split(",") or fields.get("qop", "") == "auth":
        response = hashed(f"{secret}:{nonce}:{count}:{own}:auth:{asked}")
        parts += ["qop=auth", f"nc={count}", f'cnonce="{own}"']
    else:
        response = hashed(f"{secret}:{nonce}:{asked}")
    if "opaque" in fields:
        parts.append(f'opaque="{fields["opaque"]}"')
    return "Digest " + ", ".join([*parts, f'response="{response}"'])
