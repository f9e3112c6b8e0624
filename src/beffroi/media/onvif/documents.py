"""XML that came from a camera: bounded, without entities or document types, read by local names. Pure.

Cameras mix up namespaces and prefixes in every way; the local name is what they agree on.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from lxml import etree

from beffroi.media.onvif.failures import OnvifFailed

MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 64

Element: TypeAlias = Any
"""An element of lxml, which has no types."""


def parse(body: bytes) -> Element:
    """The root of a document; ``OnvifFailed`` for anything a device should not send."""
    if not body.strip():
        raise OnvifFailed("onvif_empty", "the camera sends an empty answer")
    if len(body) > MAX_BYTES:
        raise OnvifFailed("onvif_too_long", "the camera's answer is too long")
    if body.lstrip()[:15].lower().startswith((b"<html", b"<!doctype html")):
        raise OnvifFailed("onvif_html", "the camera answers with a web page and not by ONVIF")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise OnvifFailed("onvif_unreadable", "the camera's answer is no XML") from None
    if root.getroottree().docinfo.doctype or _depth(root) > _MAX_DEPTH:
        raise OnvifFailed("onvif_unreadable", "the camera's answer is no plain XML")
    return root


def local(element: Element) -> str:
    """The name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def every(root: Element, name: str) -> Iterator[Element]:
    """All descendants of that local name, in document order."""
    return (one for one in root.iter() if local(one) == name)


def first(root: Element, *path: str) -> Element | None:
    """The first descendant by a chain of local names, each anywhere below the one before."""
    found: Element | None = root
    for name in path:
        found = next((one for one in every(found, name) if one is not found), None) if found is not None else None
    return found


def text(root: Element, *path: str) -> str:
    """The text of the first such descendant; empty where there is none."""
    found = first(root, *path)
    return (found.text or "").strip() if found is not None else ""


def whole(root: Element, *path: str) -> int | None:
    """The whole number there; ``None`` for anything else."""
    found = text(root, *path)
    try:
        return int(float(found)) if found and len(found) < 20 else None
    except (ValueError, OverflowError):
        return None


def _depth(root: Element) -> int:
    deepest, stack = 0, [(root, 1)]
    while stack:
        element, depth = stack.pop()
        deepest = max(deepest, depth)
        if deepest > _MAX_DEPTH:
            return deepest
        stack.extend((child, depth + 1) for child in element)
    return deepest
