"""A camera that keeps privacy masks, over real HTTP, by the schema of ONVIF's Media2 service (media.wsdl, ver20).

No device or simulator of others that has them is at hand: what real cameras make of a mask is not known from here. So
this one can be told to take only rectangles, to round, to forget, to take nothing, and to have no such service.
"""

import re
import threading
from dataclasses import dataclass, field
from itertools import count

from beffroi.kernel.clock import SystemClock
from tests.media.onvif.cameras import CLOCK, SOAP, good

Points = tuple[tuple[float, float], ...]
_SPACES = {"http://www.onvif.org/ver10/media/wsdl": "/media", "http://www.onvif.org/ver20/media/wsdl": "/media2"}


@dataclass
class MaskingCamera:
    """Its masks by token."""

    masks: dict[str, Points] = field(default_factory=dict)
    most: int = 4
    most_points: int = 8
    rectangles_only: bool = False
    rounds: bool = False
    deaf: bool = False  # says yes and keeps nothing
    without: bool = False  # no Media2 service
    broken: bool = False
    asked: list[str] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, name: str, request: str, _headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        with self._lock:
            self.asked.append(name)
            if self.broken:
                return 500, b"<html>oops</html>", {}
            found = self._answer(name, request)
        if found is None:
            return 400, SOAP.format("<Fault><Code><Value>ter:ActionNotSupported</Value></Code></Fault>").encode(), {}
        return good(found)

    def _answer(self, name: str, request: str) -> str | None:
        match name:
            case "GetSystemDateAndTime":
                return CLOCK.format(SystemClock().now())
            case "GetServices":
                services = "".join(
                    f"<Service><Namespace>{space}</Namespace><XAddr>http://203.0.113.5{path}</XAddr></Service>"
                    for space, path in list(_SPACES.items())[: 1 if self.without else 2]
                )
                return f"<GetServicesResponse>{services}</GetServicesResponse>"
            case "GetProfiles":
                source = (
                    '<VideoSourceConfiguration token="vsc0"><SourceToken>0</SourceToken></VideoSourceConfiguration>'
                )
                return f'<GetProfilesResponse><Profiles token="main">{source}</Profiles></GetProfilesResponse>'
            case "GetMaskOptions":
                return (
                    f'<GetMaskOptionsResponse><Options RectangleOnly="{str(self.rectangles_only).lower()}">'
                    f"<MaxMasks>{self.most}</MaxMasks><MaxPoints>{self.most_points}</MaxPoints>"
                    "<Types>Blurred</Types><Types>Color</Types><Color/></Options></GetMaskOptionsResponse>"
                )
            case "GetMasks":
                masks = "".join(
                    f'<Masks token="{token}"><ConfigurationToken>vsc0</ConfigurationToken><Polygon>'
                    + "".join(f'<Point x="{x}" y="{y}"/>' for x, y in points)
                    + "</Polygon><Type>Color</Type><Enabled>true</Enabled></Masks>"
                    for token, points in self.masks.items()
                )
                return f"<GetMasksResponse>{masks}</GetMasksResponse>"
            case "CreateMask" if len(self.masks) < self.most:
                token = f"mask{next(self.numbers)}"
                self._take(token, request)
                return f"<CreateMaskResponse><Token>{token}</Token></CreateMaskResponse>"
            case "SetMask":
                self._take(re.search(r'<Mask token="([^"]+)"', request)[1], request)  # type: ignore[index]
                return "<SetMaskResponse/>"
            case "DeleteMask":
                del self.masks[re.search(r"<Token>([^<]+)<", request)[1]]  # type: ignore[index]
                return "<DeleteMaskResponse/>"
        return None

    def _take(self, token: str, request: str) -> None:
        assert "<ConfigurationToken>vsc0<" in request
        assert "<Type>Color</Type><Enabled>true</Enabled></Mask>" in request, "in the order of the schema"
        points = tuple((float(x), float(y)) for x, y in re.findall(r'<t:Point x="([-.\d]+)" y="([-.\d]+)"/>', request))
        assert len(points) <= self.most_points
        assert not self.rectangles_only or len(points) == 4
        if not self.deaf:
            self.masks[token] = tuple((round(x, 1), round(y, 1)) for x, y in points) if self.rounds else points

    def forget(self) -> None:
        """As after its defaults were restored."""
        with self._lock:
            self.masks.clear()
