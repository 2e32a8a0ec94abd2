"""Test with the oldest versions that ``pyproject.toml`` allows: ``python tools/floors.py FOLDER [TEST...]``.

Makes a virtual environment in FOLDER where every declared dependency, optional ones among them, has the version of its
lower bound, and runs tests in it: those named, or a choice that reaches each dependency. FOLDER can be kept; it is made
anew when the bounds change. Exit status 0: passed; 3: something could not be downloaded; 1: something failed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1]
EXTRAS = ("server", "mcp", "html")
TESTS_NEED = ("bottleneck", "hypothesis", "jsonschema", "packaging", "pytest", "pytest-timeout", "setuptools")
"""Of the packages for development; linters and whole other programs are of no account here."""

TESTS = [
    "tests/fronts/test_com.py",
    "tests/fronts/test_one_recalculation.py",
    "tests/fronts/test_server_parts.py",
    "tests/fronts/test_assistant.py",
    "tests/functions/test_boundary.py",
    "tests/market/test_folder.py",
    "tests/market/test_store.py",
    "tests/market/test_yahoo.py",
    "tests/measures",
    "tests/python/test_openpyxl.py",
    "tests/workbook/test_export.py",
    "tests/workbook/test_page.py",
]
UNAVAILABLE = 3


def floor(requirement: Requirement) -> str | None:
    """The lower bound as a constraint of pip; None where there is none."""
    bounds = [each.version for each in requirement.specifier if each.operator in (">=", "==", "~=")]
    return f"{requirement.name}=={bounds[0]}" if bounds else None


def wanted() -> tuple[list[str], list[str]]:
    """What is installed, and the version of each."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for name in EXTRAS for line in optional[name])]
    lines += [line for line in optional["dev"] if Requirement(line).name in TESTS_NEED]
    needed: dict[str, Requirement] = {}
    for requirement in map(Requirement, lines):
        known = needed.get(requirement.name)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        if known is None or (floor(requirement) or "") > (floor(known) or ""):
            needed[requirement.name] = requirement
    return sorted(needed), sorted(filter(None, map(floor, needed.values())))


def make(folder: Path) -> str | None:
    """Make the environment; what failed, if anything did."""
    names, versions = wanted()
    mark = hashlib.sha256("\n".join([sys.version, *names, *versions]).encode()).hexdigest()
    made = folder / "made"
    if made.exists() and made.read_text("ascii") == mark:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    constraints = folder / "floors.txt"
    constraints.write_text("\n".join(versions), "utf-8")
    done = subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--constraint", constraints, *names],
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        return " ".join(done.stderr.strip().splitlines()[-4:])
    made.write_text(mark, "ascii")
    return None


def main(words: Sequence[str]) -> int:
    """Make and test; returns the exit status."""
    if not words:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(words[0]).resolve()
    if failed := make(folder):
        print(f"the lower bounds were NOT tested, pip failed: {failed}", file=sys.stderr)
        # a bound that contradicts another is our fault; what a network did is not
        return 1 if "conflict" in failed or "No matching distribution" in failed else UNAVAILABLE
    print("with", *(folder / "floors.txt").read_text("utf-8").split(), flush=True)
    tests = words[1:] or TESTS
    command = [folder / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not search", *tests]
    return int(bool(subprocess.run(command, cwd=PROJECT).returncode))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
