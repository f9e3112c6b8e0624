"""The check as a whole, its report, and the command line: exit 0 valid, 1 bad, 2 it could not be checked."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from beffroi.governance.files.verifier.bag import (
    STAMP,
    STAMP_SUM,
    Bag,
    check_digests,
    check_listing,
    check_oxum,
    check_profile_files,
    read_bag,
)
from beffroi.governance.files.verifier.container import delivery_order, first_difference
from beffroi.governance.files.verifier.custody import check_custody
from beffroi.governance.files.verifier.reading import (
    BAD,
    CHUNK_BYTES,
    NOTE,
    UNCHECKED,
    CannotCheck,
    Finding,
    Source,
    open_source,
    read_small,
    where_zip_breaks,
)
from beffroi.governance.files.verifier.stamp import pem_certificates, read_stamp
from beffroi.governance.files.verifier.texts import LABELS, VERDICTS, sentence
from beffroi.governance.files.verifier.video import iso_us, place_faults, videos_of

PROFILE = "beffroi-evidence-1"
VALID = "valid"
EXIT = {VALID: 0, BAD: 1, UNCHECKED: 2}


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def verify(
    path: str,
    *,
    roots: list[bytes] | None = None,
    sha256: str = "",
    progress: Callable[[int, int], None] = silent,
) -> dict[str, Any]:
    """Check the package at ``path`` (folder or zip) and return the report as plain JSON values. Never raises for
    what a package contains. ``roots``: DER certificates of authorities to believe; ``sha256``: digest of the zip
    as printed on the slip."""
    report: dict[str, Any] = {"path": path, "profile": "", "package": "", "files": 0, "bytes": 0, "videos": []}
    findings: list[Finding] = []
    source: Source | None = None
    try:
        if sha256 and os.path.isfile(path):
            _check_whole(path, sha256, findings)
        source = open_source(path)
        bag = read_bag(source)
        _check(bag, report, roots, progress)
        findings += bag.findings
    except CannotCheck as error:
        findings.append(_explain_cut(path, error.finding))
    finally:
        if source is not None:
            source.close()
    levels = {finding.level for finding in findings}
    report["verdict"] = BAD if BAD in levels else UNCHECKED if UNCHECKED in levels else VALID
    report["findings"] = [{"level": f.level, "code": f.code, "where": f.where, "data": f.data} for f in findings]
    return report


def _check_whole(path: str, sha256: str, findings: list[Finding]) -> None:
    running = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
                running.update(chunk)
    except OSError as error:
        raise CannotCheck("unreadable", path, why=error.strerror or "") from None
    if running.hexdigest() != sha256.strip().lower():
        findings.append(Finding(BAD, "other_digest", path, {"found": running.hexdigest()}))


def _explain_cut(path: str, finding: Finding) -> Finding:
    """A zip without its directory at the end was cut: that is a bad package, and the cut has a place."""
    if finding.code != "zip_unreadable" or not os.path.isfile(path):
        return finding
    name, present, wanted, whole = where_zip_breaks(path)
    if name or whole:
        return Finding(BAD, "zip_cut", name, {"present": present, "wanted": wanted, "whole": whole})
    return finding


def _check(bag: Bag, report: dict[str, Any], roots: list[bytes] | None, progress: Callable[[int, int], None]) -> None:
    profile = bag.info.get("Beffroi-Profile", "")
    ours = bool(profile) or STAMP in bag.source.sizes or "data/player/verify.py" in bag.source.sizes
    report["profile"], report["package"] = profile, bag.info.get("External-Identifier", "")
    report["files"], report["bytes"] = len(bag.source.sizes), sum(bag.source.sizes.values())
    check_listing(bag)
    check_oxum(bag)
    check_digests(bag, progress)
    if not ours:
        bag.findings.append(Finding(NOTE, "plain_bag", ""))
        return
    if profile != PROFILE:
        bag.bad("bad_profile", "bag-info.txt", itself=profile)
    check_profile_files(bag)
    place_faults(bag)
    report["videos"] = _videos(bag)
    report["custody"] = check_custody(bag)
    report["stamp"] = _check_stamp(bag, roots)
    itself = report["package"]
    if itself and bag.source.label != itself:
        bag.findings.append(Finding(NOTE, "other_name", "", {"called": bag.source.label, "itself": itself}))
    _check_container(bag, itself)


def _videos(bag: Bag) -> list[dict[str, Any]]:
    found = videos_of(bag)
    if not found and any(name.startswith("data/video/") for name in bag.source.sizes):
        bag.bad("bad_recording", "data/metadata/recording.json")
    keys = ("file", "camera", "codec", "sha256")
    shown = []
    for video in found[:10_000]:
        entry = {key: str(video.get(key, ""))[:300] for key in keys}
        entry["from"], entry["to"] = iso_us(video.get("start_us")), iso_us(video.get("end_us"))
        shown.append(entry)
    return shown


def _check_stamp(bag: Bag, roots: list[bytes] | None) -> dict[str, Any]:
    response, stamped = read_small(bag.source, STAMP, 1 << 20), read_small(bag.source, "tagmanifest-sha256.txt")
    if response is None or stamped is None:
        bag.bad("no_stamp", STAMP)
        return {}
    wanted = f"{hashlib.sha256(response).hexdigest()}  {STAMP}\n".encode("ascii")
    if read_small(bag.source, STAMP_SUM, 1_024) != wanted:
        bag.bad("stamp_sum", STAMP_SUM)
    stamp = read_stamp(response, stamped, roots)
    for why in stamp.faults:
        bag.bad("stamp_bad", STAMP, why=why)
    for why in stamp.unknown:
        bag.findings.append(Finding(UNCHECKED, "stamp_unknown", STAMP, {"why": why}))
    if stamp.trusted is False:
        bag.bad("stamp_untrusted", STAMP)
    if bag.info.get("Beffroi-Stamp") == "own":
        bag.findings.append(Finding(NOTE, "stamp_own", STAMP))
    elif stamp.trusted is None:
        bag.findings.append(Finding(NOTE, "stamp_unproved", STAMP))
    time = stamp.time.strftime("%Y-%m-%dT%H:%M:%SZ") if stamp.time else ""
    return {"time": time, "signer": stamp.signer, "issuer": stamp.issuer, "trusted": stamp.trusted}


def _check_container(bag: Bag, root: str) -> None:
    if bag.source.container != "zip" or not root or any(f.level == BAD for f in bag.findings):
        return
    infos = bag.source.checks()
    entries = [(name, infos[name][0], infos[name][1]) for name in delivery_order(list(infos))]
    wrong = first_difference(bag.source.path, root, entries)
    if wrong is not None:
        bag.findings.append(Finding(NOTE, "repacked", bag.source.path, {"first": wrong}))


def printable(text: object) -> str:
    """Text of a package made harmless for a terminal: no control character, no half of a surrogate pair."""
    shown = str(text)[:2_000].encode("utf-8", "replace").decode("utf-8")
    return "".join(letter if letter.isprintable() or letter == "\u00a0" else "�" for letter in shown)


def report_text(report: dict[str, Any], lang: str) -> str:
    """The report as lines for a person, in ``fr`` or ``en``."""
    pick = 1 if lang == "fr" else 0
    colon = "\u00a0: " if lang == "fr" else ": "
    lines = []
    if report["package"]:
        lines.append(LABELS["package"][pick] + colon + report["package"])
    if report["files"]:
        lines.append(f"{LABELS['files'][pick]}{colon}{report['files']} ({report['bytes']} {LABELS['bytes'][pick]})")
    lines += [f"{LABELS['video'][pick]}{colon}{v['file']} [{v['from']} – {v['to']}]" for v in report["videos"]]
    if report.get("stamp", {}).get("time"):
        lines.append(f"{LABELS['stamp'][pick]}{colon}{report['stamp']['time']} – {report['stamp']['signer']}")
    if report.get("custody"):
        custody = report["custody"]
        lines.append(
            f"{LABELS['custody'][pick]}{colon}{custody['events']}; {LABELS['key'][pick]} {custody['key_sha256']}"
        )
    for finding in report["findings"]:
        where = f" {finding['where']}" if finding["where"] else ""
        told = sentence(finding["code"], lang, finding["where"], finding["data"])
        lines.append(f"[{LABELS[finding['level']][pick]}]{where}{colon}{told}")
    count = sum(1 for finding in report["findings"] if finding["level"] == BAD)
    lines.append(VERDICTS[report["verdict"]][pick].format(count=count))
    return "\n".join(printable(line) for line in lines)


def default_language() -> str:
    """French unless the system speaks English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if spoken.lower().startswith("en") else "fr"


def _show_progress(done: int, total: int) -> None:
    if total and sys.stderr.isatty():
        sys.stderr.write(f"\r{100 * done // total} % ")
        if done >= total:
            sys.stderr.write("\r      \r")


def main(arguments: list[str] | None = None) -> int:
    """``verify.py [PATH] [--json] [--lang fr|en] [--authority FILE.pem] [--sha256 DIGEST]``."""
    reader = argparse.ArgumentParser(description="Vérifie un paquet de preuve / Verifies an evidence package.")
    here = os.path.dirname(os.path.abspath(sys.argv[0] or "."))
    reader.add_argument("path", nargs="?", default=os.path.dirname(os.path.dirname(here)))
    reader.add_argument("--json", action="store_true", help="rapport JSON / report as JSON")
    reader.add_argument("--lang", choices=["fr", "en"], default=default_language())
    reader.add_argument("--authority", metavar="FILE.pem", help="autorité d’horodatage / time-stamping authority")
    reader.add_argument("--sha256", default="", metavar="DIGEST", help="empreinte du bordereau / digest on the slip")
    given = reader.parse_args(arguments)
    roots = None
    if given.authority:
        try:
            with open(given.authority, "rb") as file:
                roots = pem_certificates(file.read(1 << 20))
        except (OSError, ValueError) as error:
            sys.stderr.write(f"{given.authority}: {error}\n")
            return 2
    report = verify(given.path, roots=roots, sha256=given.sha256, progress=_show_progress)
    text = json.dumps(report, indent=2) if given.json else report_text(report, given.lang)
    sys.stdout.buffer.write((text + "\n").encode("utf-8", "replace"))
    return EXIT[report["verdict"]]
