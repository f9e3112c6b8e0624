"""A spreadsheet as rows of text: CSV as it is, XLSX and ODS by calamine. No formula is run, no link followed.

What is uploaded is hostile: the archive is unpacked once against a limit before any reader sees it, and the reader
gets no file but these bytes.
"""

import zipfile
import zlib
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook

from beffroi.kernel.errors import Invalid
from beffroi.safety.core import headcounts
from beffroi.safety.core.headcounts import Preview

MAX_UNPACKED_BYTES = 16 * 1024 * 1024
MAX_PARTS = 200
MAX_COLUMNS = 40
_CHUNK = 64 * 1024


def read_headcounts(data: bytes) -> Preview:
    """Class sizes of a sheet of any of the three kinds. ``Invalid`` when it is none of them, or too large."""
    if len(data) > headcounts.MAX_BYTES:
        raise Invalid(f"This file is larger than {headcounts.MAX_BYTES // 1024} kB.", code="sheet_too_large")
    if not data.startswith(b"PK"):
        return headcounts.preview(data)
    _bounded(data)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=headcounts.MAX_ROWS + 2)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise Invalid("This file is not a spreadsheet we can read.", code="sheet_unreadable") from error
    return headcounts.preview_table([[_text(cell) for cell in row[:MAX_COLUMNS]] for row in rows])


def _bounded(data: bytes) -> None:
    """Unpack everything once and keep nothing: an archive that swells is refused."""
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_PARTS:
                raise Invalid("This spreadsheet has too many parts.", code="sheet_too_large")
            for part in archive.infolist():
                if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise Invalid("This file is not a spreadsheet we can read.", code="sheet_unreadable")
                with archive.open(part) as file:
                    while chunk := file.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise Invalid("This spreadsheet is too large once unpacked.", code="sheet_too_large")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Invalid("This file is not a spreadsheet we can read.", code="sheet_unreadable") from error


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()[:200]
