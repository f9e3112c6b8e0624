"""RTSP 1.0 messages (RFC 2326): writing requests, reading answers, digest authentication (RFC 7616). Pure.

Answers come from cameras and are hostile: every reader here is bounded, and raises ``Invalid`` and nothing else.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from beffroi.kernel.errors import Invalid

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 256 * 1024
DEFAULT_SESSION_S = 60
_END = b"\r\n\r\n"
_PAIR = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
_ADDRESS = re.compile(r"rtsps?://\S+\Z", re.IGNORECASE)
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Answer:
    """A camera's answer. Header names are in lower case; repeated headers are joined by line feeds."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def read_answer(data: bytes | bytearray) -> tuple[Answer, int] | None:
    """The answer at the beginning of ``data`` and how many bytes it takes; ``None`` while it is not whole.

    Raises ``Invalid`` (``rtsp_malformed``) for what is no answer or is too long.
    """
    end = data.find(_END, 0, MAX_HEAD_BYTES)
    if end < 0:
        if len(data) >= MAX_HEAD_BYTES or not b"RTSP/".startswith(data[:5]):
            raise _malformed()
        return None
    lines = bytes(data[:end]).decode("utf-8", "replace").split("\r\n")
    first = lines[0].split(" ", 2)
    if len(first) < 2 or not first[0].startswith("RTSP/") or not (first[1].isdecimal() and len(first[1]) == 3):
        raise _malformed()
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            key, value = name.strip().lower(), value.strip()
            headers[key] = f"{headers[key]}\n{value}" if key in headers else value
    said = headers.get("content-length", "0").strip()
    length = int(said[:12]) if said.isdecimal() else 0
    if length > MAX_BODY_BYTES:
        raise _malformed()
    begin = end + len(_END)
    if len(data) < begin + length:
        return None
    return Answer(int(first[1]), headers, bytes(data[begin : begin + length])), begin + length


def _malformed() -> Invalid:
    return Invalid("What the camera answers is not RTSP.", code="rtsp_malformed")


def request(method: str, url: str, number: int, headers: Mapping[str, str]) -> bytes:
    """A request without body."""
    lines = [f"{method} {url} RTSP/1.0", f"CSeq: {number}", "User-Agent: Beffroi"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


@dataclass(slots=True)
class Credentials:
    """User and password of a camera, and what it asked to see of them."""

    user: str
    password: str
    stale: bool = False  # the last 401 only wanted a newer nonce
    _scheme: str = ""
    _asked: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def challenged(self, answer: Answer) -> bool:
        """Take note of a 401. Whether it can be answered at all."""
        wanted = answer.headers.get("www-authenticate", "").split("\n")
        digests = [pairs for line in wanted if line.lower().startswith("digest") if (pairs := _pairs(line))]
        known = [pairs for pairs in digests if pairs.get("algorithm", "MD5").upper() in _HASHES and "nonce" in pairs]
        best = max(known, key=lambda pairs: pairs.get("algorithm", "MD5").upper() == "SHA-256", default=None)
        if best is not None:
            self.stale = best.get("stale", "").lower() == "true"
            self._scheme, self._asked, self._count = "digest", best, 0
        elif any(line.lower().startswith("basic") for line in wanted):
            self.stale, self._scheme = False, "basic"
        return bool(self.user and self._scheme)

    def header(self, method: str, url: str) -> str:
        """The value of ``Authorization`` for a request; empty when none was asked for."""
        if not self.user or not self._scheme:
            return ""
        if self._scheme == "basic":
            return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        asked = self._asked
        algorithm = asked.get("algorithm", "MD5").upper()
        realm, nonce = asked.get("realm", ""), asked["nonce"]
        mine = _digest(algorithm, f"{self.user}:{realm}:{self.password}")
        act = _digest(algorithm, f"{method}:{url}")
        parts = {"username": self.user, "realm": realm, "nonce": nonce, "uri": url}
        plain: dict[str, str] = {"algorithm": algorithm} if "algorithm" in asked else {}
        if "auth" in re.split(r"[\s,]+", asked.get("qop", "")):
            self._count += 1
            count = f"{self._count:08x}"
            # RFC 7616 wants a nonce of the client against chosen texts; the camera's own nonce and the count serve.
            own = _digest("MD5", f"{nonce}:{count}")[:16]
            parts["cnonce"] = own
            parts["response"] = _digest(algorithm, f"{mine}:{nonce}:{count}:{own}:auth:{act}")
            plain |= {"qop": "auth", "nc": count}
        else:
            parts["response"] = _digest(algorithm, f"{mine}:{nonce}:{act}")
        if "opaque" in asked:
            parts["opaque"] = asked["opaque"]
        quoted = [f'{name}="{_quoted(value)}"' for name, value in parts.items()]
        return "Digest " + ", ".join([*quoted, *(f"{name}={value}" for name, value in plain.items())])


def _digest(algorithm: str, text: str) -> str:
    return _HASHES[algorithm](text.encode("utf-8")).hexdigest()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _pairs(line: str) -> dict[str, str]:
    return {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(line)}


@dataclass(frozen=True, slots=True)
class Session:
    """What SETUP agreed on."""

    id: str
    timeout_s: int
    channel: int  # of RTP; the next one is RTCP's


def session_of(answer: Answer) -> Session:
    """Session and channels of an answer to SETUP. ``Invalid`` (``rtsp_no_tcp``) when it names no channels."""
    words = answer.headers.get("session", "").split(";")
    timeout = DEFAULT_SESSION_S
    for word in words[1:]:
        name, _, value = word.strip().partition("=")
        if name.strip().lower() == "timeout" and value.strip().isdecimal():
            timeout = min(max(int(value.strip()[:6]), 2), 600)
    transport = answer.headers.get("transport", "")
    channels = re.search(r"interleaved\s*=\s*(\d{1,3})", transport)
    channel = int(channels[1]) if channels is not None else 0  # left out: those that were asked for
    if (channels is None and "TCP" not in transport.upper()) or channel > 254:
        raise Invalid("The camera does not send over TCP.", code="rtsp_no_tcp")
    return Session(words[0].strip(), timeout, channel)


def base_of(answer: Answer, url: str) -> str:
    """What the addresses in a description stand under; ``url``, as asked for, where the camera says nothing usable."""
    said = (answer.headers.get(name, "") for name in ("content-base", "content-location"))
    return next((base for base in said if _ADDRESS.match(base)), url)


def joined(base: str, control: str) -> str:
    """The URL of a track. As cameras mean it (and FFmpeg does): put behind the base, whatever its query says."""
    if control in ("", "*"):
        return base
    if _ADDRESS.match(control):
        return control
    return base + control if base.endswith("/") else f"{base}/{control}"
