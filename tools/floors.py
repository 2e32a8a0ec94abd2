"""Test with the oldest versions that ``pyproject.toml`` allows: ``python tools/floors.py FOLDER [OPTION...]``.

Makes two virtual environments in FOLDER: one with the dependencies that everybody needs, one with those of the servers
(of which one needs later versions of the others). There every declared dependency has the version of its lower bound,
and tests that reach each of them run. FOLDER can be kept; it is made anew when bounds change. Exit status 0: passed;
3: something could not be downloaded; 1: something failed, or the bounds contradict each other.

``--newest`` takes the newest versions in place of the oldest; ``--python PROGRAM`` another Python; ``--sample`` runs
what takes two minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version
from timed import keep_status

PROJECT = Path(__file__).parents[1]
TESTS_NEED = ("bottleneck", "hypothesis", "jsonschema", "packaging", "pytest", "pytest-timeout", "setuptools")
"""Of the packages for development; linters and whole other programs are of no account here."""

TESTS = {
    (): [
        "tests/fronts/test_com.py",
        "tests/fronts/test_one_recalculation.py",
        "tests/functions/test_boundary.py",
        "tests/market/test_folder.py",
        "tests/market/test_store.py",
        "tests/market/test_yahoo.py",
        "tests/measures/test_averages.py",
        "tests/measures/test_breadth.py",
        "tests/measures/test_dispersion.py",
        "tests/measures/test_mechanical.py",
        "tests/python/test_openpyxl.py",
        "tests/workbook/test_export.py",
        "tests/workbook/test_page.py",
    ],
    ("server", "mcp"): [
        "tests/fronts/test_server.py",
        "tests/fronts/test_server_parts.py",
        "tests/fronts/test_assistant.py",
    ],
}
"""The tests of each environment, by the extras that it has; the first one has matplotlib, too."""

SAMPLE = {
    (): [
        "tests/fronts/test_one_recalculation.py",
        "tests/functions/test_kinds.py",
        "tests/market/test_condition.py",
        "tests/market/test_knowntables.py",
        "tests/measures/test_averages.py",
        "tests/python/test_openpyxl.py",
        "tests/reports/test_choosing.py",
        "tests/workbook/test_operators.py",
    ],
    ("server", "mcp"): ["tests/fronts/test_server.py"],
}
"""What continuous integration has time for: some of each folder, COM, the servers."""

UNAVAILABLE = 3
QUIET = ("-W", "ignore::DeprecationWarning")
"""Old packages use what later ones beneath them no longer want."""


def floor(requirement: Requirement) -> Version:
    """The lower bound; 0 where there is none."""
    bounds = [Version(each.version) for each in requirement.specifier if each.operator in (">=", "==", "~=")]
    return max(bounds, default=Version("0"))


def wanted(extras: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is installed, as pip reads it, and the versions that are held."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    tests = [line for line in optional["dev"] if Requirement(line).name in TESTS_NEED]
    lines = [*project["dependencies"], *(line for name in extras or ("html",) for line in optional[name]), *tests]
    held = [line for line in lines if not extras or line not in project["dependencies"]]
    floors: dict[str, Version] = {}
    for requirement in map(Requirement, held):
        if (not requirement.marker or requirement.marker.evaluate()) and floor(requirement) > Version("0"):
            floors[requirement.name] = max(floor(requirement), floors.get(requirement.name, Version("0")))
    return lines, [f"{name}=={version}" for name, version in sorted(floors.items())]


def version_of(python: str) -> str:
    """What a Python says of itself; nothing where it does not run."""
    try:
        done = subprocess.run([python, "-VV"], capture_output=True, text=True)
    except OSError:
        return ""
    return "" if done.returncode else done.stdout


def make(folder: Path, extras: Sequence[str], python: str, newest: bool) -> str:
    """Make the environment; what failed, nothing where all went well."""
    lines, versions = wanted(extras)
    versions = [] if newest else versions
    mark = hashlib.sha256("\n".join([version_of(python), *lines, *versions]).encode()).hexdigest()
    made = folder / "made"
    if made.exists() and made.read_text("ascii") == mark:
        return ""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    asked, held = folder / "asked.txt", folder / "held.txt"
    asked.write_text("\n".join(lines), "utf-8")
    held.write_text("\n".join(versions), "utf-8")
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--constraint", held, "--requirement", asked]
    done = subprocess.run(pip, capture_output=True, text=True, errors="replace")
    if done.returncode:
        return "\n".join(line for line in done.stderr.splitlines() if "WARNING" not in line)
    made.write_text(mark, "ascii")
    return ""


def reachable(environment: Path) -> bool:
    """Whether pip gets any package at all: without a network it speaks of conflicts as well."""
    pip = [environment / "bin" / "python", "-m", "pip", "download", "--quiet", "--no-deps"]
    with tempfile.TemporaryDirectory() as folder:
        return not subprocess.run([*pip, "--dest", folder, "packaging"], capture_output=True).returncode


def main(words: Sequence[str]) -> int:
    """Make and test; returns the exit status."""
    parser = argparse.ArgumentParser(description="Test with the oldest versions that pyproject.toml allows.")
    parser.add_argument("folder", type=Path, help="where the environments are made and kept")
    parser.add_argument("--newest", action="store_true", help="with the newest versions in place of the oldest")
    parser.add_argument("--python", default=sys.executable, help="another Python")
    parser.add_argument("--sample", action="store_true", help="a sample of the tests")
    given = parser.parse_args(words)
    if not version_of(given.python):
        print(f"nothing was tested: {given.python} is no Python that runs here", file=sys.stderr)
        return UNAVAILABLE
    status = 0
    for extras, tests in (SAMPLE if given.sample else TESTS).items():
        folder = given.folder.resolve() / "-".join(extras or ("core",))
        if failed := make(folder, extras, given.python, given.newest):
            print(f"these versions were NOT tested, pip failed:\n{failed}", file=sys.stderr)
            ours = any(word in failed for word in ("conflict", "No matching distribution"))
            status = 1 if status == 1 or (ours and reachable(folder)) else UNAVAILABLE
            continue
        listed = subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "freeze"], capture_output=True, text=True
        ).stdout
        print("with", *(line for line in listed.split() if "==" in line), flush=True)
        path = os.pathsep.join(filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))
        options = ["-q", "-p", "no:cacheprovider", "-p", "timed", *QUIET]
        command = [folder / "bin" / "python", "-m", "pytest", *options, *tests]
        done = subprocess.run(command, cwd=PROJECT, env={**os.environ, "PYTHONPATH": path}).returncode
        keep_status(done, f"the tests with {folder.name}")
        status = 1 if done else status
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
