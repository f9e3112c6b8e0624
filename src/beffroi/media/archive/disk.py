"""The few calls by which the archive touches a disk, in one place, so that tests can make each of them fail or hang."""

import ctypes
import fcntl
import os
from pathlib import Path


class Disk:
    """The machine's disk. Every method raises ``OSError``."""

    answers = 0  # how often the disk has answered: whoever waits for a long work sees that it goes on

    def create(self, path: Path) -> int:
        """A new file, open for writing and locked by this process; ``FileExistsError`` when it is there."""
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o640)
        fcntl.flock(handle, fcntl.LOCK_EX)  # who looks whether it is being written holds it for a moment
        self.answers += 1
        return handle

    def is_named(self, handle: int) -> bool:
        """Whether an open file can still be found: what is written to one that was removed is nowhere."""
        return os.fstat(handle).st_nlink > 0

    def write(self, handle: int, data: bytes) -> None:
        """Append all of ``data``."""
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        self.answers += 1

    def sync(self, handle: int) -> None:
        """Come back when the file's bytes are on the disk."""
        os.fdatasync(handle)
        self.answers += 1

    def sync_file(self, path: Path) -> None:
        """Come back when what stands in the file at ``path``, whoever wrote it, is on the disk."""
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.sync(handle)
        finally:
            os.close(handle)

    def sync_all(self, path: Path) -> bool:
        """Come back when all that was written to the disk that ``path`` is on is there; False when that failed, or
        cannot be asked for."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return int(ctypes.CDLL(None).syncfs(handle)) == 0  # syncfs(2): it tells errors since Linux 5.8
        except AttributeError:
            return False
        finally:
            os.close(handle)

    def sync_folder(self, folder: Path) -> None:
        """Come back when the names in ``folder`` are on the disk."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def make_folders(self, folder: Path, *, below: Path) -> None:
        """Make ``folder`` and those above it down from ``below``, names durable."""
        missing = [folder]
        while missing[-1] != below and not missing[-1].parent.is_dir():
            missing.append(missing[-1].parent)
        for each in reversed(missing):
            if not each.is_dir():
                each.mkdir(mode=0o750, exist_ok=True)
                self.sync_folder(each.parent)

    def replace(self, path: Path, data: bytes) -> None:
        """Put ``data`` at ``path``, all or nothing, durable."""
        fresh = path.with_name(path.name + ".new")
        handle = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o640)
        try:
            self.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        fresh.replace(path)
        self.sync_folder(path.parent)

    def truncate(self, path: Path, size: int) -> None:
        """Cut a file to ``size`` bytes, durable."""
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(handle, size)
            os.fsync(handle)
        finally:
            os.close(handle)

    def cut(self, handle: int, size: int) -> None:
        """Cut an open file to ``size`` bytes."""
        os.ftruncate(handle, size)

    def close(self, handle: int) -> None:
        """Close an open file: some file systems write only then."""
        os.close(handle)

    def remove(self, path: Path) -> None:
        """A file goes, if it is there."""
        path.unlink(missing_ok=True)
        self.answers += 1

    def room(self, path: Path) -> tuple[int, int]:
        """Free bytes and all bytes of the disk that ``path`` is on."""
        facts = os.statvfs(path)
        return facts.f_bavail * facts.f_frsize, facts.f_blocks * facts.f_frsize

    def is_being_written(self, path: Path) -> bool:
        """Whether a living process has the file open for recording."""
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(handle)
