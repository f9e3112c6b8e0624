"""Compiles every message catalogue under ``src`` (.po to .mo) that has changed since. Exit code 1 on a broken one."""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Compile; says what it did only when it did something."""
    done, broken = 0, 0
    for source in sorted((ROOT / "src").rglob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            target.write_bytes(compiled(source))
            done += 1
        except (PoFileError, ValueError) as error:
            print(f"Messages: {source.relative_to(ROOT)}: {error}", file=sys.stderr)
            broken += 1
    if done:
        print(f"Messages: {done} catalogues compiled.")
    return 1 if broken else 0


def compiled(source: Path) -> bytes:
    """The bytes of the .mo of a catalogue; fuzzy entries are left out, as everywhere."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
