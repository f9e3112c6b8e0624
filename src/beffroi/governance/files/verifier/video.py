"""Finding the place: which fragment of a video was altered, and when the camera saw it.

Beside each video stands ``data/metadata/fragments/<name>.jsonl``: one line for the init section and one for each
fragment of a second or less, with offset, length, times and SHA-256.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

from beffroi.governance.files.verifier.bag import Bag
from beffroi.governance.files.verifier.custody import read_json
from beffroi.governance.files.verifier.reading import BAD, READ_ERRORS, Finding, read_small

RECORDING = "data/metadata/recording.json"
MAX_PLACES = 200


def iso_us(value: Any) -> str:
    """Microseconds since 1970 as ISO 8601 UTC, or an empty text for what is no such count."""
    if not isinstance(value, int) or not 0 <= value < 253_402_300_800_000_000:
        return ""
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (epoch + timedelta(microseconds=value)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fragment_list(video: str) -> str:
    """Where the digests of one video's fragments stand."""
    return "data/metadata/fragments/" + video.rsplit("/", 1)[-1].rsplit(".", 1)[0] + ".jsonl"


def videos_of(bag: Bag) -> list[dict[str, Any]]:
    """What ``recording.json`` says of each video; empty when it cannot be read."""
    recording = read_json(read_small(bag.source, RECORDING))
    videos = recording.get("videos") if isinstance(recording, dict) else None
    return [video for video in videos if isinstance(video, dict)] if isinstance(videos, list) else []


def place_faults(bag: Bag) -> None:
    """For every altered, cut or unreadable video: byte ranges, camera and times; and digests that contradict."""
    listed = bag.payload.get("sha256", {})
    videos = {str(video.get("file")): video for video in videos_of(bag)}
    for name, video in sorted(videos.items()):
        if name in listed and video.get("sha256") != listed[name] and RECORDING in bag.good:
            bag.bad("contradiction", name, manifest=RECORDING)
    for finding in [f for f in bag.findings if f.code in ("altered", "unreadable_file")]:
        if finding.where.startswith("data/video/") and finding.level == BAD:
            _place(bag, finding.where, videos.get(finding.where, {}))


def _place(bag: Bag, name: str, video: dict[str, Any]) -> None:
    digests = fragment_list(name)
    data = read_small(bag.source, digests)
    if data is None or digests not in bag.good:
        bag.bad("place_unknown", name, why=digests)
        return
    end, places = 0, 0
    try:
        with bag.source.open(name) as file:
            for line in data.split(b"\n")[:-1]:
                part = read_json(line)
                if not isinstance(part, dict) or part.get("offset") != end:
                    bag.bad("place_unknown", name, why=digests)
                    return
                length = part.get("length")
                if not isinstance(length, int) or not 0 < length <= 1 << 30:
                    bag.bad("place_unknown", name, why=digests)
                    return
                chunk = file.read(length)
                if hashlib.sha256(chunk).hexdigest() != part.get("sha256"):
                    places += 1
                    if places <= MAX_PLACES:
                        bag.findings.append(_place_finding(name, video, part, end, length, len(chunk)))
                end += length
            more = len(file.read(1))
    except READ_ERRORS as error:
        bag.bad("unreadable_from", name, first=end, why=str(error))
        return
    if more:
        bag.bad("bytes_added", name, first=end)
    if places > MAX_PLACES:
        bag.bad("more_places", name, count=places - MAX_PLACES)


def _place_finding(
    name: str, video: dict[str, Any], part: dict[str, Any], start: int, length: int, found: int
) -> Finding:
    code = "place" if found == length else ("place_cut" if found else "place_absent")
    return Finding(
        BAD,
        code,
        name,
        {
            "first": start,
            "last": start + length - 1,
            "camera": str(video.get("camera", "")),
            "from": iso_us(part.get("start_us")),
            "to": iso_us(part.get("end_us")),
            "kind": str(part.get("kind", "fragment")),
        },
    )
