"""`make mutants`: the campaigns against copies of the code with one seeded bug each; holds no test.

Each patch in `mutants/` is applied to a copy, and there the campaigns have to fail; on a copy
without any they have to pass. What is left unnoticed is named, and the command fails.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATCHES = Path(__file__).parent / "mutants"
CAMPAIGNS = ("tests/fault/test_kills.py", "tests/fault/test_crash_points.py")
BUILT = ("web/dist", "web/node_modules")
"""What is not in the repository and too large to copy: the copies use it where it lies."""

KILLS = "12"


def main() -> int:
    """Hunt every mutant, or those named on the command line; the number that got away."""
    wanted = sys.argv[1:] or ["none", *mutants()]
    got_away = [name for name in wanted if not is_right(name)]
    say(f"not as it should be: {', '.join(got_away)}" if got_away else "all as it should be")
    return len(got_away)


def mutants() -> list[str]:
    """The seeded bugs there are."""
    return sorted(patch.stem for patch in PATCHES.glob("*.patch"))


def is_right(name: str) -> bool:
    """Whether the campaigns notice this mutant; without any, whether they pass."""
    with tempfile.TemporaryDirectory(prefix="hangji-mutant-") as folder:
        copy = Path(folder) / "hangji"
        make_copy(copy)
        if name != "none":
            apply(name, copy)
        verdicts = {campaign: passes(copy, campaign) for campaign in CAMPAIGNS}
    for campaign, is_passed in verdicts.items():
        say(f"{name:20} {campaign:34} {'passes' if is_passed else 'fails'}")
    return all(verdicts.values()) if name == "none" else not all(verdicts.values())


def make_copy(copy: Path) -> None:
    """Copy what the repository holds, changed or not, and link what was built."""
    for path in tracked():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path)
    for built in BUILT:
        if (ROOT / built).exists():
            (copy / built).symlink_to(ROOT / built)


def tracked() -> Iterator[str]:
    """Every file of the repository that is there."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=ROOT)
    yield from (path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


def apply(name: str, folder: Path) -> None:
    """Seed the bug.

    Raises:
        CalledProcessError: the code has moved on; the patch has to follow it.
    """
    run("git", "apply", str(PATCHES / f"{name}.patch"), folder=folder).check_returncode()


def passes(copy: Path, campaign: str) -> bool:
    """Run one campaign on the code of the copy."""
    ran = run(
        sys.executable, "-m", "pytest", "-q", "-x", "-m", "not postgres", campaign, folder=copy
    )
    # 1 is a test that failed; anything else says nothing about the bug.
    if ran.returncode not in {0, 1}:
        raise SystemExit(ran.stdout + ran.stderr)
    return ran.returncode == 0


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, whose code is what Python imports there."""
    environment = {"HANGJI_KILLS": KILLS, **os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def say(text: str) -> None:
    """Tell who looks on."""
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    sys.exit(main())
