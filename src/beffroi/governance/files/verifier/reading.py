"""Reading a package that may be hostile: a folder or a zip file, never unpacked, never followed through a link.

Limits are named here; what passes a limit is "cannot be checked", never a crash and never a full disk.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO, Any

MAX_FILES = 200_000
MAX_NAME_BYTES = 1_024
MAX_TEXT_BYTES = 64 * 1024 * 1024
MAX_INFLATION = 200
CHUNK_BYTES = 1024 * 1024
BAD, UNCHECKED, NOTE = "bad", "unchecked", "note"


@dataclass
class Finding:
    """One thing found: how grave, what (a stable code), where, and what fills its sentence."""

    level: str
    code: str
    where: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class CannotCheck(Exception):
    """The package cannot be checked at all; carries the finding that says why."""

    def __init__(self, code: str, where: str = "", **data: Any) -> None:
        super().__init__(code)
        self.finding = Finding(UNCHECKED, code, where, data)


def unsafe_name(name: str) -> bool:
    """Whether a path could leave the package on some system: absolute, drive, home, ``..``, backslash, control."""
    if not name or len(name.encode("utf-8", "surrogateescape")) > MAX_NAME_BYTES:
        return True
    if name[0] in "/~" or "\\" in name or re.match(r"[A-Za-z]:", name) or re.search(r"[\x00-\x1f\x7f]", name):
        return True
    return any(part in ("", ".", "..") for part in name.split("/"))


class FolderSource:
    """A package as a folder."""

    container = "folder"

    def __init__(self, path: str) -> None:
        self.path = path
        self.label = os.path.basename(os.path.abspath(path))
        self.findings: list[Finding] = []
        self.sizes: dict[str, int] = {}
        self._walk("")

    def _walk(self, folder: str) -> None:
        pending = [folder]
        while pending:
            at = pending.pop()
            try:
                entries = list(os.scandir(os.path.join(self.path, at) if at else self.path))
            except OSError as error:
                raise CannotCheck("unreadable", at or self.path, why=error.strerror or "") from None
            for entry in entries:
                name = at + "/" + entry.name if at else entry.name
                if len(self.sizes) + len(pending) >= MAX_FILES:
                    raise CannotCheck("too_many_files", self.path, limit=MAX_FILES)
                self._take(entry, name, pending)

    def _take(self, entry: Any, name: str, pending: list[str]) -> None:
        if entry.is_symlink():
            self.findings.append(Finding(BAD, "link", name))
        elif unsafe_name(name):
            self.findings.append(Finding(BAD, "unsafe_name", name))
        elif entry.is_dir(follow_symlinks=False):
            pending.append(name)
        elif entry.is_file(follow_symlinks=False):
            self.sizes[name] = entry.stat(follow_symlinks=False).st_size
        else:
            self.findings.append(Finding(BAD, "special_file", name))

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one file; links and devices that appear meanwhile are refused."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        handle = os.open(os.path.join(self.path, name), flags)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError("not a plain file")
        return os.fdopen(handle, "rb")

    def close(self) -> None:
        """Nothing is held open between reads."""


class ZipSource:
    """A package as a zip file, read in place."""

    container = "zip"

    def __init__(self, path: str) -> None:
        self.path = path
        self.label = os.path.basename(os.path.abspath(path))
        if self.label.lower().endswith(".zip"):
            self.label = self.label[:-4]
        self.findings: list[Finding] = []
        self.sizes: dict[str, int] = {}
        self._entries: dict[str, zipfile.ZipInfo] = {}
        try:
            self._zip = zipfile.ZipFile(path)
            infos = self._zip.infolist()
        except (
            zipfile.BadZipFile,
            ValueError,
            struct.error,
            NotImplementedError,
            UnicodeDecodeError,
            OSError,
        ) as error:
            raise CannotCheck("zip_unreadable", path, why=str(error)) from None
        if len(infos) > MAX_FILES:
            raise CannotCheck("too_many_files", path, limit=MAX_FILES)
        packed = os.path.getsize(path)
        if sum(info.file_size for info in infos) > MAX_INFLATION * packed + MAX_TEXT_BYTES:
            raise CannotCheck("zip_bomb", path, limit=MAX_INFLATION)
        for info in infos:
            self._take(info)
        self._strip_root()

    def _take(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        kind = stat.S_IFMT(info.external_attr >> 16)
        # zipfile cuts a name at its first NUL and turns backslashes on Windows: judge the name as it was written.
        written = getattr(info, "orig_filename", name)
        if name.endswith("/") and not unsafe_name(name.rstrip("/")) and info.file_size == 0:
            return
        if unsafe_name(written):
            self.findings.append(Finding(BAD, "unsafe_name", written))
        elif kind == stat.S_IFLNK:
            self.findings.append(Finding(BAD, "link", name))
        elif kind not in (0, stat.S_IFREG):
            self.findings.append(Finding(BAD, "special_file", name))
        elif info.flag_bits & 0x1:
            self.findings.append(Finding(BAD, "encrypted", name))
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self.findings.append(Finding(BAD, "odd_compression", name))
        elif name in self._entries:
            self.findings.append(Finding(BAD, "twice_in_zip", name))
        else:
            self._entries[name] = info
            self.sizes[name] = info.file_size

    def _strip_root(self) -> None:
        """A zip usually holds one folder: names are then given from inside it; what stands beside it is foreign."""
        if "bagit.txt" in self._entries:
            return
        roots = sorted(name[: -len("/bagit.txt")] for name in self._entries if name.endswith("/bagit.txt"))
        roots = roots or sorted(
            name.rsplit("/", 1)[0] for name in self._entries if name.endswith("/manifest-sha256.txt")
        )
        if not roots:
            return
        root = min(roots, key=lambda name: (name.count("/"), name)) + "/"
        for name in list(self._entries):
            info = self._entries.pop(name)
            size = self.sizes.pop(name)
            if name.startswith(root):
                self._entries[name[len(root) :]] = info
                self.sizes[name[len(root) :]] = size
            else:
                self.findings.append(Finding(BAD, "beside_package", name))
        self.label = root.rstrip("/").rsplit("/", 1)[-1]

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one entry. The zip's own CRC-32 is not asked: SHA-256 judges, and says where."""
        file: Any = self._zip.open(self._entries[name])
        file._expected_crc = None
        return file  # type: ignore[no-any-return]

    def checks(self) -> dict[str, tuple[int, int]]:
        """Size and CRC-32 of every file, as the directory gives them."""
        return {name: (info.file_size, info.CRC) for name, info in self._entries.items()}

    def close(self) -> None:
        """Let the file go."""
        self._zip.close()


Source = Any  # FolderSource or ZipSource: one shape, no common ancestor needed
READ_ERRORS = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


def open_source(path: str) -> Source:
    """The package at ``path``; ``CannotCheck`` when it is neither folder nor zip file."""
    if os.path.isdir(path):
        return FolderSource(path)
    if not os.path.exists(path):
        raise CannotCheck("absent", path)
    if not os.path.isfile(path):
        raise CannotCheck("neither_folder_nor_zip", path)
    try:
        with open(path, "rb") as file:
            start = file.read(4)
    except OSError as error:
        raise CannotCheck("unreadable", path, why=error.strerror or "") from None
    if start[:2] != b"PK":
        raise CannotCheck("neither_folder_nor_zip", path)
    return ZipSource(path)


def read_small(source: Source, name: str, limit: int = MAX_TEXT_BYTES) -> bytes | None:
    """The whole of a small file; ``None`` when it is absent, too large or unreadable."""
    if name not in source.sizes or source.sizes[name] > limit:
        return None
    try:
        with source.open(name) as file:
            data: bytes = file.read(limit + 1)
    except READ_ERRORS:
        return None
    return data if len(data) <= limit else None


def where_zip_breaks(path: str) -> tuple[str, int, int, int]:
    """For a zip file without its directory: the entry in which it breaks off, bytes of it present, bytes it should
    have, and how many entries before it are whole. Walks the local headers, which our writer puts before each file."""
    whole, total = 0, os.path.getsize(path)
    at, name = 0, ""
    with open(path, "rb") as file:
        while at + 30 <= total:
            file.seek(at)
            head = file.read(30)
            if head[:4] != b"PK\x03\x04":
                break
            _, flags, _method = struct.unpack("<HHH", head[4:10])
            packed, _size, name_length, extra_length = struct.unpack("<IIHH", head[18:30])
            name = file.read(name_length).decode("utf-8", "replace")
            extra = file.read(extra_length)
            if packed == 0xFFFFFFFF and len(extra) >= 20:
                packed = struct.unpack("<Q", extra[12:20])[0]
            start = at + 30 + name_length + extra_length
            if flags & 0x8 or start + packed > total:
                return name, max(0, total - start), packed, whole
            whole, at = whole + 1, start + packed
    return "", 0, 0, whole
