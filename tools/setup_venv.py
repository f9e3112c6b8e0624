"""Makes the virtual environment from a hashed lock file: ``setup_venv.py FOLDER LOCK``. Only wheels, only pinned."""

import subprocess
import sys
import venv
from pathlib import Path


def main(folder: Path, lock: Path) -> int:
    """Create ``folder`` if needed and install ``lock`` and Beffroi itself into it."""
    if sys.version_info < (3, 11):  # noqa: UP036  this script runs before the pinned Python is known
        print("Beffroi needs Python 3.11 or newer; this is", sys.version.split()[0], file=sys.stderr)
        return 2
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Making the virtual environment in {folder} …", flush=True)
        try:
            venv.create(folder, with_pip=True)
        except subprocess.CalledProcessError:
            print("Python's venv module is incomplete: on Debian, apt-get install python3-venv", file=sys.stderr)
            return 2
    print(f"Installing the pinned packages of {lock} …", flush=True)
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    hashed = [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    itself = [*pip, "--no-deps", "--no-build-isolation", "--editable", "."]
    return subprocess.run(hashed, check=False).returncode or subprocess.run(itself, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
