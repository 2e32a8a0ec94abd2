"""Test on another release of Debian: ``python tools/debian.py FOLDER RELEASE [TEST...]``; ``make test-debian``.

The newer releases have a newer Python and a newer LibreOffice. One is made in FOLDER by mmdebstrap from Debian's own
packages, the project's dependencies are installed there in their newest versions, and a copy of the project's files is
tested there (bubblewrap), apart from this computer. FOLDER can be kept. Without TEST it is what meets LibreOffice,
and the tests that ``tools/floors.py`` runs with the dependencies that everybody needs. Exit status 0: passed; 3:
something could not be had from a network, or this computer is of another kind; 1: something failed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import floors

PROJECT = Path(__file__).parents[1]
PROGRAMS = {"mmdebstrap": "mmdebstrap", "bubblewrap": "bwrap"}
PACKAGES = "libreoffice-calc python3-uno python3-venv python3-pip fonts-noto-cjk fontconfig poppler-utils gnumeric git"
OUTSIDE = ("/etc/ssl/certs", "/etc/resolv.conf", "/etc/hosts")
"""What pip needs of this computer to reach a package index as it does here."""

OFFICE = [
    "tests/fronts/test_basic.py",
    "tests/fronts/test_libreoffice_addin.py",
    "tests/workbook/test_against_libreoffice.py",
    "tests/workbook/test_pdf.py",
    "tests/reports/test_rendered.py",
]
UNAVAILABLE = 3


class UnavailableError(Exception):
    """What is needed cannot be had here."""


class Debian:
    """A release of Debian in a folder, with an environment for the project."""

    def __init__(self, folder: Path, release: str) -> None:
        self.release = release
        self.root = folder.resolve() / release
        self.mark = self.root.with_name(f"{release}.made")

    def command(self, *words: str, bound: Sequence[tuple[Path, str]] = ()) -> list[str]:
        """What runs words there; *bound* are folders of this computer, which it may write to."""
        given = ["bwrap", "--bind", str(self.root), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
        for name in OUTSIDE:
            given += ["--ro-bind", name, name] if Path(name).exists() else []
        for folder, there in bound:
            given += ["--bind", str(folder), there]
        return [*given, "--unshare-pid", "--die-with-parent", *words]

    def make(self) -> None:
        """Make it, once for the same wishes."""
        _programs()
        asked, _ = floors.wanted(())
        mark = hashlib.sha256("\n".join([PACKAGES, *asked]).encode()).hexdigest()
        if self.mark.exists() and self.mark.read_text("ascii") == mark:
            return
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.parent.mkdir(parents=True, exist_ok=True)
        # a mirror that lags is good enough to test with; its files are signed all the same
        lag = '--aptopt=Acquire::Check-Valid-Until "false"'
        wish = f"--include={','.join(PACKAGES.split())}"
        done = _ran(["mmdebstrap", "--quiet", "--variant=minbase", lag, wish, self.release, str(self.root)])
        if done.returncode:
            raise UnavailableError(f"mmdebstrap failed: {_last(done.stderr)}")
        wanted = self.root / "asked.txt"
        wanted.write_text("\n".join(asked), "utf-8")
        pip = "/environment/bin/python -m pip install --quiet --requirement /asked.txt"
        done = _ran(self.command("sh", "-c", f"python3 -m venv /environment && {pip}"))
        if done.returncode:
            raise UnavailableError(f"pip failed: {_last(done.stderr)}")
        self.mark.write_text(mark, "ascii")

    def versions(self) -> str:
        """What is there, a line each."""
        asked = "/environment/bin/python -VV; soffice --version; /environment/bin/python -m pip freeze | tr '\\n' ' '"
        return _ran(self.command("sh", "-c", asked)).stdout

    def test(self, tests: Sequence[str]) -> int:
        """Run tests of the project there; pytest's exit status."""
        with tempfile.TemporaryDirectory() as folder:
            copied(PROJECT, Path(folder))
            given = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", *tests]
            environment = {
                "PATH": "/usr/bin:/bin",
                "HOME": "/root",
                "LC_ALL": "C.UTF-8",
                "XLROTATION_NEED_LIBREOFFICE": "1",
            }
            words = ["--chdir", "/project", "/environment/bin/python", *given]
            bound = [(Path(folder), "/project")]
            return subprocess.run(self.command(*words, bound=bound), env=environment).returncode


def copied(project: Path, to: Path) -> None:
    """A copy of a project's files that git does not ignore: what runs there must not write here."""
    listed = ["git", "-C", str(project), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in filter(None, subprocess.run(listed, capture_output=True, check=True).stdout.decode().split("\0")):
        if (source := project / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, to / name)


def _programs() -> None:
    missing = [package for package, program in PROGRAMS.items() if not shutil.which(program)]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise UnavailableError(f"as root first: apt-get install --no-install-recommends {' '.join(missing)}")
    _ran(["apt-get", "update", "-q"])
    done = _ran(["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing])
    if done.returncode:
        raise UnavailableError(f"apt-get failed: {_last(done.stderr)}")


def _ran(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, errors="replace")


def _last(text: str) -> str:
    return " ".join(text.strip().splitlines()[-3:])


def main(words: Sequence[str]) -> int:
    """Make and test; returns the exit status."""
    parser = argparse.ArgumentParser(description="Test on another release of Debian.")
    parser.add_argument("folder", type=Path, help="where the release is made and kept")
    parser.add_argument("release", help="its name: trixie, testing, ...")
    parser.add_argument("tests", nargs="*", help="what runs there; as pytest takes it")
    given, more = parser.parse_known_args(words)
    here = Debian(given.folder, given.release)
    try:
        here.make()
    except UnavailableError as error:
        print(f"Debian {given.release} was NOT tested: {error}", file=sys.stderr)
        return UNAVAILABLE
    print(here.versions(), flush=True)
    status = here.test([*(given.tests or [*OFFICE, *floors.TESTS[()]]), *more])
    return int(bool(status))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
