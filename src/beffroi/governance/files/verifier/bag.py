"""The rules of BagIt (RFC 8493): declaration, manifests, nothing missing, nothing extra, every digest right."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from beffroi.governance.files.verifier.reading import (
    BAD,
    CHUNK_BYTES,
    NOTE,
    READ_ERRORS,
    CannotCheck,
    Finding,
    Source,
    read_small,
    unsafe_name,
)

ALGORITHMS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
ENCODINGS = {"UTF-8", "UTF-16", "ISO-8859-1", "ISO-8859-15", "US-ASCII", "WINDOWS-1252"}
VERSIONS = ("0.96", "0.97", "1.0")
STAMP = "tagmanifest-sha256.txt.tsr"
STAMP_SUM = STAMP + ".sha256"
_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt\Z")
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+(\*?)(.+)\Z")


class Bag:
    """What the tag files say, as far as they could be read, and everything found wrong with them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = list(source.findings)
        self.info: dict[str, str] = {}
        self.version = ""
        self.encoding = "UTF-8"
        self.payload: dict[str, dict[str, str]] = {}  # algorithm -> file -> digest
        self.tags: dict[str, dict[str, str]] = {}
        self.good: set[str] = set()  # files whose every listed digest was right

    def bad(self, code: str, where: str = "", **data: Any) -> None:
        """Write down one fault."""
        self.findings.append(Finding(BAD, code, where, data))


def read_bag(source: Source) -> Bag:
    """Read declaration, bag-info and manifests; ``CannotCheck`` when nothing there resembles a bag."""
    bag = Bag(source)
    manifests = sorted(name for name in source.sizes if _MANIFEST.match(name))
    if "bagit.txt" not in source.sizes and not manifests:
        raise CannotCheck("not_a_package", source.path)
    _read_declaration(bag)
    _read_info(bag)
    for name in manifests:
        match = _MANIFEST.match(name)
        if match is None or match.group(2) not in ALGORITHMS:
            bag.findings.append(Finding(NOTE, "unknown_algorithm", name))
            continue
        (bag.tags if match.group(1) else bag.payload)[match.group(2)] = _read_manifest(bag, name, match.group(2))
    if not bag.payload:
        bag.bad("no_manifest", "manifest-sha256.txt")
    _read_fetch(bag)
    return bag


def _text(bag: Bag, name: str) -> str | None:
    data = read_small(bag.source, name)
    if data is None:
        bag.bad("unreadable_tag_file", name)
        return None
    try:
        return data.decode("UTF-8" if name == "bagit.txt" else bag.encoding)
    except UnicodeDecodeError as error:
        bag.bad("not_utf8", name, offset=error.start)
        return None


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"\r\n|\n|\r", text) if line]


def _read_declaration(bag: Bag) -> None:
    if "bagit.txt" not in bag.source.sizes:
        bag.bad("missing", "bagit.txt")
        return
    text = _text(bag, "bagit.txt")
    if text is None:
        return
    lines = _lines(text)
    match = re.match(r"BagIt-Version: (\d+\.\d+)\Z", lines[0]) if lines else None
    if match is None or match.group(1) not in VERSIONS:
        bag.bad("bad_declaration", "bagit.txt", line=1)
        return
    bag.version = match.group(1)
    label, _, encoding = lines[1].partition(": ") if len(lines) == 2 else ("", "", "")
    if label != "Tag-File-Character-Encoding" or encoding.upper() not in ENCODINGS:
        bag.bad("bad_declaration", "bagit.txt", line=2)
        return
    bag.encoding = encoding


def _read_info(bag: Bag) -> None:
    if "bag-info.txt" not in bag.source.sizes:
        return
    label = ""
    for line in _lines(_text(bag, "bag-info.txt") or ""):
        if line[0] in " \t" and label:
            bag.info[label] += " " + line.strip()
            continue
        label, colon, value = line.partition(":")
        if not colon:
            bag.bad("bad_info_line", "bag-info.txt")
            return
        bag.info[label] = value.strip()


def _read_manifest(bag: Bag, name: str, algorithm: str) -> dict[str, str]:
    listed: dict[str, str] = {}
    for number, line in enumerate(_lines(_text(bag, name) or ""), 1):
        match = _LINE.match(line)
        if match is None or len(match.group(1)) != ALGORITHMS[algorithm]:
            bag.bad("bad_manifest_line", name, line=number)
            continue
        path = match.group(3).replace("%0A", "\n").replace("%0a", "\n").replace("%0D", "\r").replace("%0d", "\r")
        if match.group(2) or path.startswith("./"):
            bag.findings.append(Finding(NOTE, "loose_manifest_line", name, {"line": number}))
            path = path[2:] if path.startswith("./") else path
        if unsafe_name(path) or (not name.startswith("tag") and not path.startswith("data/")):
            bag.bad("unsafe_name", path, line=number)
            continue
        if path in listed and (bag.version == "1.0" or listed[path] != match.group(1).lower()):
            bag.bad("listed_twice", path, line=number)
            continue
        listed[path] = match.group(1).lower()
    return listed


def _read_fetch(bag: Bag) -> None:
    if "fetch.txt" not in bag.source.sizes:
        return
    for number, line in enumerate(_lines(_text(bag, "fetch.txt") or ""), 1):
        parts = line.split(None, 2)
        if len(parts) != 3 or unsafe_name(parts[2]) or not parts[2].startswith("data/"):
            bag.bad("unsafe_name", parts[2] if len(parts) == 3 else "fetch.txt", line=number)


def check_listing(bag: Bag) -> None:
    """Nothing missing, nothing extra; in version 1.0 every manifest lists every file."""
    present = {name for name in bag.source.sizes if name.startswith("data/")}
    folded = {unicodedata.normalize("NFC", name): name for name in present}
    listed: set[str] = set()
    for algorithm, files in sorted(bag.payload.items()):
        manifest = f"manifest-{algorithm}.txt"
        for name in sorted(files):
            actual = name if name in present else folded.get(unicodedata.normalize("NFC", name))
            if actual is None:
                bag.bad("missing", name, manifest=manifest)
            elif actual != name:
                files[actual] = files.pop(name)
                bag.findings.append(Finding(NOTE, "normalised_name", name))
        listed |= set(files)
        if bag.version == "1.0":
            for name in sorted(present - set(files)):
                bag.bad("extra", name, manifest=manifest)
    if bag.version != "1.0" and bag.payload:
        for name in sorted(present - listed):
            bag.bad("extra", name)
    for algorithm, files in sorted(bag.tags.items()):
        for name in sorted(set(files) - set(bag.source.sizes)):
            bag.bad("missing", name, manifest=f"tagmanifest-{algorithm}.txt")


def check_oxum(bag: Bag) -> None:
    """``Payload-Oxum``: total bytes and number of files, when given."""
    match = re.match(r"(\d{1,18})\.(\d{1,18})\Z", bag.info.get("Payload-Oxum", ""))
    if match is None:
        return
    sizes = [size for name, size in bag.source.sizes.items() if name.startswith("data/")]
    if (sum(sizes), len(sizes)) != (int(match.group(1)), int(match.group(2))):
        bag.bad("oxum", "bag-info.txt", bytes=sum(sizes), files=len(sizes))


def check_digests(bag: Bag, progress: Callable[[int, int], None]) -> None:
    """Read every listed file once and compare all its digests; ``progress(done, total)`` counts bytes."""
    wanted: dict[str, list[tuple[str, str, str]]] = {}
    for prefix, manifests in (("manifest", bag.payload), ("tagmanifest", bag.tags)):
        for algorithm, files in manifests.items():
            for name, digest in files.items():
                wanted.setdefault(name, []).append((algorithm, digest, f"{prefix}-{algorithm}.txt"))
    total = sum(bag.source.sizes.get(name, 0) for name in wanted)
    done = 0
    for name in sorted(wanted):
        if name not in bag.source.sizes:
            continue
        hashes = {algorithm: hashlib.new(algorithm) for algorithm, _, _ in wanted[name]}
        try:
            with bag.source.open(name) as file:
                for chunk in iter(lambda f=file: f.read(CHUNK_BYTES), b""):  # type: ignore[misc]
                    for running in hashes.values():
                        running.update(chunk)
                    done += len(chunk)
                    progress(done, total)
        except READ_ERRORS as error:
            bag.bad("unreadable_file", name, why=str(error))
            continue
        wrong = [manifest for algorithm, digest, manifest in wanted[name] if hashes[algorithm].hexdigest() != digest]
        if wrong:
            found = hashes.get("sha256")
            bag.bad("altered", name, manifest=wrong[0], found=found.hexdigest() if found else "")
        else:
            bag.good.add(name)
    _recognise_renamed(bag)


def _recognise_renamed(bag: Bag) -> None:
    """A missing file whose bytes stand under another name was renamed: say so beside "missing" and "extra"."""
    sha256 = bag.payload.get("sha256", {})
    missing = {sha256[f.where]: f.where for f in bag.findings if f.code == "missing" and f.where in sha256}
    for finding in [f for f in bag.findings if f.code == "extra"] if missing else []:
        running = hashlib.sha256()
        try:
            with bag.source.open(finding.where) as file:
                for chunk in iter(lambda f=file: f.read(CHUNK_BYTES), b""):  # type: ignore[misc]
                    running.update(chunk)
        except READ_ERRORS:
            continue
        if running.hexdigest() in missing:
            bag.findings.append(Finding(NOTE, "renamed", finding.where, {"was": missing[running.hexdigest()]}))


def check_profile_files(bag: Bag) -> None:
    """Our profile allows no file at the top that neither the tag manifest nor the stamp accounts for."""
    known = set(bag.tags.get("sha256", {})) | {"tagmanifest-sha256.txt", STAMP, STAMP_SUM}
    for name in sorted(bag.source.sizes):
        if not name.startswith("data/") and name not in known:
            bag.bad("extra", name, manifest="tagmanifest-sha256.txt")
    for name in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt"):
        if name not in bag.tags.get("sha256", {}):
            bag.bad("not_listed", name, manifest="tagmanifest-sha256.txt")
