"""Runs programs in the Windows that ``make.py`` made: Wine, a display that nobody sees, and python.org's CPython."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

CLSID = "{506e67c3-55b5-48c3-a035-eed5deea7d6d}"
"""The COM server of xlwings when it is started by hand (its setting *Debug UDFs*)."""


def program(*names: str) -> str | None:
    """The first of these programs that there is."""
    return next((found for name in names if (found := shutil.which(name))), None)


def wine_program() -> str | None:
    """The 64-bit Wine; Debian keeps it outside of PATH."""
    return program(*filter(None, [os.environ.get("WINE"), "wine64", "/usr/lib/wine/wine64", "wine"]))


def as_windows(path: Path | str) -> str:
    """A path of this computer as Windows programs see it: Wine's drive Z: is its root."""
    return "Z:" + str(PurePosixPath(path)).replace("/", "\\")


class Windows:
    """The Windows in a folder.

    Args:
        folder: Where ``make.py`` made it.
        chinese: With the codepage of a Chinese Windows (936).
    """

    def __init__(self, folder: Path, chinese: bool = False) -> None:
        self.folder = folder.resolve()
        self.wine = wine_program() or "wine64"
        self.chinese = chinese
        self.display = ""

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / "python" / "python.exe"

    @property
    def temporary(self) -> Path:
        """Where its programs keep temporary files."""
        return self.folder / "prefix" / "drive_c" / "users" / "temporary"

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What programs see: nothing of this computer's settings, and *more*."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "WINEPREFIX": str(self.folder / ("prefix936" if self.chinese else "prefix")),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
            "PYTHONIOENCODING": "utf-8",
            **(
                {"LOCPATH": str(self.folder / "locale"), "LC_ALL": "zh_CN.UTF-8"}
                if self.chinese
                else {"LC_ALL": "C.UTF-8"}
            ),
            **({"DISPLAY": self.display} if self.display else {}),
            **(more or {}),
        }

    def start(self, command: Sequence[str | Path], **options: object) -> subprocess.Popen[str]:
        """Start a Windows program; its output must be a pipe, for Wine tells Python that a file is no valid handle."""
        more = options.pop("more", None)
        given: dict[str, object] = {"stdin": subprocess.DEVNULL, "text": True, "encoding": "utf-8", **options}
        words = [self.wine, *(as_windows(word) if isinstance(word, Path) else word for word in command)]
        return subprocess.Popen(words, env=self.environment(more), **given)  # type: ignore[call-overload,no-any-return]

    def run(self, command: Sequence[str | Path], timeout: float = 1800, **options: object) -> tuple[int, str]:
        """Run a Windows program to its end; its exit status, and what it wrote."""
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", **options)
        try:
            text, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            text, _ = process.communicate()
            return 124, text + f"\nnot done after {timeout:g} seconds"
        return process.returncode, text

    def start_python(self, *words: str | Path, **options: object) -> subprocess.Popen[str]:
        """Start Python; never in UTF-8 mode, for a user's Python is not."""
        return self.start([self.python, "-X", "utf8=0", "-u", *words], **options)

    def run_python(self, *words: str | Path, **options: object) -> tuple[int, str]:
        """Run Python to its end."""
        return self.run([self.python, "-X", "utf8=0", "-u", *words], **options)  # type: ignore[arg-type]

    @contextlib.contextmanager
    def shown(self) -> Iterator[Windows]:
        """With a display, without which Wine starts no COM server; at the end everything in this Windows ends."""
        read, write = os.pipe()
        xvfb = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
            pass_fds=[write],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        try:
            with open(read, encoding="ascii") as told:  # noqa: PTH123 (a descriptor)
                self.display = ":" + told.readline().strip()
            if self.display == ":":
                raise RuntimeError("Xvfb did not start")
            yield self
        finally:
            self.end()
            xvfb.terminate()
            xvfb.wait()
            self.display = ""

    def end(self, seconds: float = 60) -> None:
        """End what still runs in this Windows; wait for that not longer than twice *seconds*."""
        if not Path(self.environment()["WINEPREFIX"]).exists():
            return
        beside = Path(self.wine).resolve().with_name("wineserver")
        server = str(beside) if beside.exists() else program("wineserver", "/usr/lib/wine/wineserver64") or "wineserver"
        for option in ("-k", "-w"):
            with contextlib.suppress(subprocess.TimeoutExpired, OSError):
                subprocess.run(
                    [server, option],
                    env=self.environment(),
                    timeout=seconds,
                    capture_output=True,
                    stdin=subprocess.DEVNULL,
                )


def copied(project: Path, to: Path) -> Path:
    """A copy of a project's files that git does not ignore: what runs there must not write here."""
    listed = subprocess.run(
        ["git", "-C", project, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (source := project / name).is_file():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return to


def served(
    windows: Windows, project: Path, more: Mapping[str, str] | None = None, clsid: str = CLSID
) -> subprocess.Popen[str]:
    """The COM server with the project's functions, as *Debug UDFs* has it; ready."""
    code = f"import xlwings; xlwings.serve('{clsid}')"
    process = windows.start_python(
        "-B",
        "-c",
        code,
        more={"PYTHONPATH": as_windows(project), **(more or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=project,
    )
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "server running" in line:
            threading.Thread(target=_drain, args=(process.stdout,), daemon=True).start()
            return process
    raise RuntimeError(f"xlwings' COM server did not start:\n{''.join(said)}")


def _drain(stream: IO[str]) -> None:
    """Read what it writes, so that it never waits for a reader."""
    with contextlib.suppress(ValueError, OSError), stream:
        for _ in stream:
            pass


def library_command(windows: Windows, python_path: str) -> str:
    """What xlwings' add-in has its library run (``XLPyCommand`` in its module), for an interpreter and a PYTHONPATH."""
    workbook = PureWindowsPath("C:\\Book1.xlsm")
    paths = f"true;{workbook};{workbook};;;;{python_path}".replace("\\", "\\\\").replace("'", "\\'").replace("&", "^&")
    code = (
        f'import sys, os;import xlwings.utils;xlwings.utils.prepare_sys_path(\\"{paths}\\");'
        "import xlwings; xlwings.serve('$(CLSID)')"
    )
    return f'cmd.exe  /K ""{as_windows(windows.python)}" -B -c "{code}""'
