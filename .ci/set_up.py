"""Makes this clone ready: virtual environment from the lock file, browser code built; no tests.

Needs only Python 3.11. Run again it does nothing, until a lock file or a source of the browser
code changes: each part leaves a stamp that holds the digest of what it was made from.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
WEB = ROOT / "web"
RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"
NODE_LOCK = ROOT / ".ci" / "node.lock"
OLDEST_NODE = (20, 19)  # what Vite asks for
NEXT = WEB / "dist.next"
LINTERS = ROOT / "tests" / "api" / "description"
MANIFEST = Path(".vite", "manifest.json")
OLDEST_NPM = (11,)  # npm 10 misses platform binaries in a lock file written elsewhere


def main(purpose: str) -> None:
    """Prepare for `run` or for `test`."""
    set_up_environment(TEST_LOCK if purpose == "test" else RUN_LOCK)
    if (WEB / "package.json").exists():
        build_browser_code()
    if purpose == "test":
        set_up_linters()


def set_up_environment(lock: Path) -> None:
    """Install the locked packages and hangji itself, editable, into `.venv`."""
    # The test set holds the run set, so `make run` after `make test` has nothing to do.
    made = (ENVIRONMENT / "bin" / "python").exists()
    if made and any(is_fresh(stamp_of(it), environment_digest(it)) for it in (lock, TEST_LOCK)):
        return
    if not made:
        say("making the virtual environment")
        if subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=False).returncode:
            sys.exit("no virtual environment could be made; Debian: apt-get install python3-venv")
    count = len(re.findall(r"(?m)^[\w.-]+==", lock.read_text()))
    say(f"installing {count} packages of {lock.name}; the first time some minutes on a slow line")
    pip("install", "--require-hashes", "-r", str(lock), is_quiet=False)
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    stamp_of(lock).write_text(environment_digest(lock))


def build_browser_code() -> None:
    """Install the npm packages and build `web/dist`, each only when its input changed."""
    locked = digest([WEB / "package.json", WEB / "package-lock.json"])
    sources = digest(sorted(browser_sources()))
    packages, built = WEB / "node_modules" / ".hangji", WEB / "dist" / ".hangji"
    if is_fresh(packages, locked) and is_fresh(built, sources):
        return
    environment = node_environment()
    if not is_fresh(packages, locked):
        say("installing the npm packages")
        # No install script of any package is needed, so none may run.
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", environment=environment)
        packages.write_text(locked)
    say("building the browser code")
    quiet = ("--logLevel", "warn", "--outDir", NEXT.name)
    npm("run", "--silent", "build", "--", *quiet, environment=environment)
    hand_over(NEXT, WEB / "dist")
    built.write_text(sources)


def set_up_linters() -> None:
    """Install what reads the description of the API, when it changed."""
    locked = digest([LINTERS / "package.json", LINTERS / "package-lock.json"])
    installed = LINTERS / "node_modules" / ".hangji"
    if not is_fresh(installed, locked):
        say("installing the linters of the API's description")
        words = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        npm(*words, environment=node_environment(), folder=LINTERS)
        installed.write_text(locked)


def hand_over(made: Path, served: Path) -> None:
    """Let a new build take the place of the served one, while servers read it.

    Files first, then the manifest in one move: whoever reads it finds everything it names. What
    the build before named stays once more, for the servers that began with it.
    """
    kept = named_by(served) | {path.name for path in (made / "assets").iterdir()}
    manifest = made / MANIFEST
    shutil.copytree(made / "assets", served / "assets", dirs_exist_ok=True)
    (served / MANIFEST).parent.mkdir(exist_ok=True)
    manifest.replace(served / MANIFEST)
    for path in (served / "assets").iterdir():
        if path.name not in kept:
            path.unlink()
    shutil.rmtree(made)


def named_by(build: Path) -> set[str]:
    """Names of the files a build's manifest leads to; none for a build that is not there."""
    manifest = build / MANIFEST
    if not manifest.exists():
        return set()
    entries = json.loads(manifest.read_text("utf-8")).values()
    found = [name for one in entries for kind in ("css", "assets") for name in one.get(kind, ())]
    return {Path(name).name for name in [*found, *(one["file"] for one in entries)]}


def browser_sources() -> list[Path]:
    """Everything the build may read: what git would track under `web`, but Python and templates."""
    skipped = {"node_modules", "dist", NEXT.name, "templates", "translations", "__pycache__"}
    return [
        path
        for path in WEB.rglob("*")
        if path.is_file() and path.suffix != ".py" and not skipped & set(path.parts)
    ]


def node_environment() -> dict[str, str]:
    """Environment in which `npm` is new enough: the machine's own, or one installed from PyPI."""
    if tool_version("node") >= OLDEST_NODE and tool_version("npm") >= OLDEST_NPM:
        return dict(os.environ)
    if not (ENVIRONMENT / "bin" / "npm").exists():
        say("installing Node into the virtual environment")
        pip("install", "--require-hashes", "-r", str(NODE_LOCK))
    return {**os.environ, "PATH": f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def tool_version(name: str) -> tuple[int, ...]:
    """Version of a program on PATH; (0,) when there is none."""
    if shutil.which(name) is None:
        return (0,)
    run = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
    return tuple(int(part) for part in re.findall(r"\d+", run.stdout)) or (0,)


def pip(*arguments: str, is_quiet: bool = True) -> None:
    """Run pip of the virtual environment; its own words are the error message."""
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    quiet = ["--quiet"] if is_quiet else []
    stop_on_failure(subprocess.run([*command, *arguments, *quiet], check=False).returncode)


def npm(*arguments: str, environment: dict[str, str], folder: Path = WEB) -> None:
    """Run npm in `web`, or in another folder."""
    command = ["npm", "--no-update-notifier", *arguments]
    run = subprocess.run(command, cwd=folder, env=environment, check=False)
    stop_on_failure(run.returncode)


def stop_on_failure(status: int) -> None:
    """End with the status of the program that failed."""
    if status:
        sys.exit(status)


def environment_digest(lock: Path) -> str:
    """Digest of what decides the content of the virtual environment."""
    return digest([lock, ROOT / "pyproject.toml"])


def stamp_of(lock: Path) -> Path:
    """Where it is noted what the virtual environment was made from."""
    return ENVIRONMENT / f".hangji-{lock.stem}"


def is_fresh(stamp: Path, expected: str) -> bool:
    """Whether the part was made from exactly this input."""
    return stamp.exists() and stamp.read_text() == expected


def digest(paths: list[Path]) -> str:
    """One digest over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def say(what: str) -> None:
    """Tell the person at the terminal why it takes a while."""
    print(f"· {what}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
