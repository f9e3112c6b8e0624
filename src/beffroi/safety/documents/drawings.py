"""Floor plans as they are uploaded: hostile images and SVG made into something that can only be looked at.

An image is decoded once within limits and kept as a PNG of our own: no metadata, no trailing bytes. An SVG is read
without entities or network, and written anew from a short list of shapes, texts and plain attributes: no script, no
style sheet, no link, no picture inside, no foreign element. What was left out is counted and said.
"""

import re
import zlib
from dataclasses import dataclass
from io import BytesIO

from lxml import etree
from PIL import Image, ImageOps, UnidentifiedImageError

from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Invalid

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 2_400
"""Longest side of a kept image: a plan is read at that size on any screen and on A3."""
MAX_ELEMENTS = 20_000
MAX_DEPTH = 60
SVG, PNG = "image/svg+xml", "image/png"
_NS = "http://www.w3.org/2000/svg"
_SHAPES = frozenset(
    {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc"}
)
_NUMBERS = frozenset(
    {
        "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width", "height", "points", "d",
        "transform", "viewBox", "rotate", "textLength",
    }
)  # fmt: skip
_LOOKS = frozenset(
    {
        "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap",
        "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "opacity", "font-size",
        "font-weight", "font-style", "font-family", "text-anchor", "dominant-baseline", "letter-spacing",
        "preserveAspectRatio", "display", "visibility",
    }
)  # fmt: skip
_GEOMETRY = re.compile(r"[-+.,()\s%0-9a-zA-Z]*")
_LOOK = re.compile(r"[-+.,()\s%#0-9a-zA-Z'\"]*")
_FORBIDDEN = re.compile(r"url|script|expression|import|data", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as it is kept and served: its bytes, its size, and how many parts were left out of it."""

    media_type: str
    data: bytes
    width: int
    height: int
    left_out: int = 0

    @property
    def digest(self) -> str:
        """SHA-256, its name."""
        return sha256(self.data).hex()


def read_drawing(data: bytes) -> Drawing:
    """The drawing of an uploaded file. ``Invalid`` says what is wrong with it."""
    if len(data) > MAX_BYTES:
        raise Invalid(f"This file is larger than {MAX_BYTES // 1024 // 1024} MB.", code="drawing_too_large")
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return _svg(data) if head.startswith(b"<") else _image(data)


def _image(data: bytes) -> Drawing:
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise Invalid("This picture has more than 40 million points.", code="drawing_too_large")
            opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        zlib.error,
        Image.DecompressionBombError,
    ) as error:
        raise Invalid(
            "This is not a plan we can read.", code="drawing_unreadable", hint="Take PNG, JPEG, WebP or SVG."
        ) from error
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = BytesIO()
    bare.save(out, "PNG", optimize=False, compress_level=6)
    return Drawing(PNG, out.getvalue(), bare.width, bare.height)


def _svg(data: bytes) -> Drawing:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    if b"<!ENTITY" in data.upper():
        raise Invalid("This SVG declares entities.", code="drawing_unreadable", hint="Export it again as plain SVG.")
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid("This is not an SVG we can read.", code="drawing_unreadable") from error
    if _local(root) != "svg":
        raise Invalid("This is not an SVG we can read.", code="drawing_unreadable")
    sides = _size(root)
    scale = 1_000 / max(sides)
    width, height = (max(1, round(side * scale)) for side in sides)
    copy = _Copy()
    made = copy.element(root, 0)
    if made is None:
        raise Invalid("This is not an SVG we can read.", code="drawing_unreadable")
    for name in ("x", "y", "transform"):
        made.attrib.pop(name, None)
    made.set("width", str(width))
    made.set("height", str(height))
    if "viewBox" not in made.attrib:
        made.set("viewBox", f"0 0 {sides[0]:g} {sides[1]:g}")
    return Drawing(SVG, etree.tostring(made, encoding="utf-8", xml_declaration=True), width, height, copy.left_out)


class _Copy:
    """Writes the allowed part of a tree anew and counts what it leaves out."""

    def __init__(self) -> None:
        self.left_out = 0
        self._seen = 0

    def element(self, source: etree._Element, depth: int) -> etree._Element | None:
        name = _local(source)
        self._seen += 1
        if self._seen > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise Invalid("This SVG has too many parts.", code="drawing_too_large")
        if name not in _SHAPES:
            self.left_out += 1
            return None
        made = etree.Element(f"{{{_NS}}}{name}", nsmap={None: _NS} if depth == 0 else None)
        for key, value in source.attrib.items():
            self._attribute(made, str(key), str(value))
        made.text = source.text
        for child in source:
            kept = self.element(child, depth + 1)
            if kept is not None:
                kept.tail = child.tail
                made.append(kept)
        return made

    def _attribute(self, made: etree._Element, key: str, value: str) -> None:
        if key == "style":
            for part in value.split(";"):
                name, _colon, said = part.partition(":")
                if name.strip() in _LOOKS:
                    self._attribute(made, name.strip(), said.strip())
            return
        allowed = _GEOMETRY if key in _NUMBERS else _LOOK if key in _LOOKS else None
        limit = 200_000 if key in {"d", "points"} else 300
        if allowed is None or len(value) > limit or not allowed.fullmatch(value) or _FORBIDDEN.search(value):
            self.left_out += key in {"href", "filter", "mask", "clip-path"} or key.startswith("on")
            return
        made.set(key, value)


def _local(element: etree._Element) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    space, _brace, name = tag.rpartition("}")
    return name if space in ("", f"{{{_NS}") else ""


def _size(root: etree._Element) -> tuple[float, float]:
    """Width and height from the view box, else from the attributes, within reason."""
    box = re.findall(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?", root.get("viewBox", ""))
    sides = [float(one) for one in box[2:4]] if len(box) == 4 else []
    if len(sides) != 2:
        sides = [_length(root.get("width", "")), _length(root.get("height", ""))]
    if not all(0 < side < 1_000_000 for side in sides) or not 0.05 < sides[0] / sides[1] < 20:
        raise Invalid("This SVG does not say how large it is.", code="drawing_unreadable", hint="It needs a viewBox.")
    return sides[0], sides[1]


def _length(text: str) -> float:
    found = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(px|mm|cm|in|pt)?\s*", text)
    return float(found.group(1)) if found else 0.0
