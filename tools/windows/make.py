"""Make a Windows Python on Debian: ``python tools/windows/make.py FOLDER``.

python.org's CPython 3.11 for Windows out of the wheel of panda3d, the standard library of this computer's CPython 3.11,
the project's dependencies in their Windows wheels, Wine to run them, and a program that plays Excel. What is there
already is not made again, so FOLDER can be kept. Exit status 0: it is there; 3: something could not be had from a
network, or this computer is of another kind; 1: it was made and does not work. With ``--programs`` in the place of
FOLDER only Debian's packages are installed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import libraries
from wine import Windows, as_windows, program, wine_program

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
CARRIER = "panda3d==1.10.16"
"""A wheel that carries python.org's python311.dll and the standard library's compiled modules."""

COMPILER = "x86_64-w64-mingw32-gcc-posix"
FOR_WINDOWS = "--platform win_amd64 --python-version 3.11 --implementation cp --only-binary=:all:".split()
PROGRAMS = {"xvfb": ("Xvfb",), "gcc-mingw-w64-x86-64-posix": (COMPILER,), "locales": ("localedef",)}
DOWNLOAD_TAKES = 120
"""Seconds that Debian's packages may take."""

UNAVAILABLE = 3


class UnavailableError(Exception):
    """What the making needs cannot be had here."""


class Maker:
    """Makes the parts in a folder, each once for the same inputs."""

    def __init__(self, folder: Path) -> None:
        self.windows = Windows(folder)
        self.folder = self.windows.folder
        self.began = time.monotonic()
        self.python = self.folder / "python"
        self.cache = self.folder / "cache"
        self.packages = self.python / "Lib" / "site-packages"
        for each in (self.cache, self.folder / "made", self.folder / "home", self.python / "DLLs", self.packages):
            each.mkdir(parents=True, exist_ok=True)

    def part(self, name: str, make: Callable[[], None], *inputs: Path | str) -> None:
        """Make a part unless it was made of the same inputs: files by their content, words as they are."""
        told = [each.read_bytes() if isinstance(each, Path) else each.encode() for each in inputs]
        mark = hashlib.sha256(b"\0".join([hashlib.sha256(each).digest() for each in told])).hexdigest()
        kept = self.folder / "made" / name
        if kept.exists() and kept.read_text("ascii") == mark:
            return
        kept.unlink(missing_ok=True)
        print(f"[{time.monotonic() - self.began:4.0f} s] {name}", flush=True)
        make()
        kept.write_text(mark, "ascii")

    def all(self) -> None:
        """Every part in its order."""
        self.programs()
        wine = wine_program() or ""
        version = subprocess.run([wine, "--version"], capture_output=True, text=True, check=True).stdout
        self.part("python", self.base, CARRIER, sys.version, HERE / "python.c", HERE / "libraries.py", Path(__file__))
        wanted = "\n".join(self.wanted())
        self.part("packages", lambda: self.install(wanted), wanted, HERE / "libraries.py", HERE / "complex.c")
        self.part("drive C", self.prefix, wine, version, HERE / "random.c")
        self.part("excel.exe", self.excel, HERE / "excel.c")
        kept = [(self.folder / "made" / name).read_text("ascii") for name in ("python", "packages", "drive C")]
        self.part("check", self.check, *kept, HERE / "check.py")
        used = sum(file.lstat().st_size for file in self.folder.rglob("*") if file.is_file())
        print(f"[{time.monotonic() - self.began:4.0f} s] the Windows Python is ready ({used / 1e9:.1f} GB)")

    @staticmethod
    def programs() -> None:
        """Have Wine, a display and a compiler, from Debian's packages."""
        if platform.machine() != "x86_64":
            raise UnavailableError(f"it needs an x86-64 computer, not {platform.machine()}")
        if sys.version_info[:2] != (3, 11) or sys.implementation.name != "cpython":
            raise UnavailableError(
                f"it needs CPython 3.11, whose standard library it takes, not {platform.python_version()}"
            )
        missing = [package for package, names in PROGRAMS.items() if not program(*names)]
        missing += [] if wine_program() else ["wine64"]
        if not missing:
            return
        if os.name != "posix" or os.geteuid() != 0 or not program("apt-get"):
            raise UnavailableError(f"as root first: apt-get install --no-install-recommends {' '.join(missing)}")
        print(f"apt-get install {' '.join(missing)}", flush=True)
        apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
        # the download may end in the middle, the rest may not
        fetch = [*install, "--download-only", "-o", "Acquire::http::Timeout=30", "-o", "Acquire::Retries=1"]
        said: list[str] = []
        for words in (fetch, ["apt-get", "update", "-q"], fetch):
            done = subprocess.run(
                words, env=apt, capture_output=True, text=True, errors="replace", timeout=DOWNLOAD_TAKES
            )
            if words is fetch and not done.returncode:
                break
            said.append(_last(done.stderr))
        else:
            raise UnavailableError(f"apt-get failed: {' '.join(filter(None, said[1:]))}")
        done = subprocess.run(install, env=apt, capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise UnavailableError(f"apt-get failed: {_last(done.stderr)}")

    def base(self) -> None:
        """Python itself: libraries, standard library, python.exe, python3.dll."""
        kept = next(self.cache.glob("panda3d-*.whl"), None)
        if not kept or not zipfile.is_zipfile(kept):  # a download that was ended
            _pip("download", CARRIER, "--no-deps", *FOR_WINDOWS, "-d", self.cache)
        with zipfile.ZipFile(next(self.cache.glob("panda3d-*.whl"))) as wheel:
            for name in wheel.namelist():
                folder, _, file = name.rpartition("/")
                if folder == "deploy_libs" and not file.lower().startswith(("api-ms-", "tcl", "tk", "_tkinter")):
                    beside = file.lower() in ("python311.dll", "vcruntime140.dll")
                    (self.python / ("" if beside else "DLLs") / file).write_bytes(wheel.read(name))
        leave = "__pycache__ site-packages dist-packages test tests idlelib turtledemo ensurepip config-3* lib-dynload"
        shutil.copytree(
            sysconfig.get_path("stdlib"),
            self.python / "Lib",
            dirs_exist_ok=True,
            ignore_dangling_symlinks=True,
            ignore=shutil.ignore_patterns(*leave.split(), "EXTERNALLY-MANAGED", "sitecustomize.py", "*.so", "*.a"),
        )
        self.mend()
        _compile("-municode", "-o", self.windows.python, HERE / "python.c")
        names = self.cache / "python3.def"
        names.write_text(libraries.stable(self.python / "python311.dll"), "ascii")
        _compile("-shared", "-o", self.python / "python3.dll", "-x", "c", os.devnull, "-x", "none", names)

    def mend(self) -> None:
        """Fit the standard library to the later Python of the carrier, which calls this method of the class itself."""
        module = self.python / "Lib" / "importlib" / "metadata" / "__init__.py"
        bare, whole = "\n\n    def invalidate_caches(cls):", "\n\n    @classmethod\n    def invalidate_caches(cls):"
        module.write_text(module.read_text("utf-8").replace(bare, whole), "utf-8")

    def wanted(self) -> list[str]:
        """What pip is asked for: the tests' needs on Windows, and the project's dependencies."""
        lines = (HERE / "requirements.txt").read_text("utf-8").splitlines()
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
        return [*(line for line in lines if line and not line.startswith("#")), *project["dependencies"]]

    def install(self, wanted: str) -> None:
        """The packages, in their wheels for Windows; where Wine lacks the complex functions, with ours."""
        asked, wheels = self.cache / "wanted.txt", self.cache / "wheels"
        asked.write_text(wanted, "utf-8")
        _pip("download", *FOR_WINDOWS, "-r", asked, "-d", wheels)
        shutil.rmtree(self.packages)
        _pip(
            "install",
            *FOR_WINDOWS,
            "-r",
            asked,
            "--no-index",
            "--find-links",
            wheels,
            "--no-compile",
            "--target",
            self.packages,
        )
        for library in self.packages.glob("xlwings*.dll"):  # where pip on Windows puts it
            shutil.copy(library, self.python)
        names = self.cache / "complex.def"
        names.write_text(libraries.without_complex(self.packages), "ascii")
        _compile("-shared", "-o", self.python / libraries.OURS.decode(), HERE / "complex.c", names)

    def prefix(self) -> None:
        """Wine's drive C."""
        for name in ("prefix", "prefix936"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        lacking = self.python / "bcryptprimitives.dll"
        lacking.unlink(missing_ok=True)
        locale = self.folder / "locale" / "zh_CN.UTF-8"
        locale.parent.mkdir(exist_ok=True)
        subprocess.run(["localedef", "-i", "zh_CN", "-f", "UTF-8", locale], capture_output=True)
        status, text = self.windows.run(["wineboot", "-i"], timeout=300)
        if status:
            raise RuntimeError(f"wineboot failed: {_last(text)}")
        self.windows.end()
        if not (self.folder / "prefix" / "drive_c" / "windows" / "system32" / lacking.name).exists():
            _compile("-shared", "-o", lacking, HERE / "random.c", "-ladvapi32")

    def excel(self) -> None:
        """What plays Excel."""
        _compile(
            "-Wall", "-Wextra", "-o", self.python / "excel.exe", HERE / "excel.c", "-lole32", "-loleaut32", "-luuid"
        )

    def check(self) -> None:
        """Whether the packages are whole, and complex numbers right."""
        with self.windows.shown():
            status, text = self.windows.run_python(as_windows(HERE / "check.py"), timeout=900)
        if status:
            raise RuntimeError(f"the Windows Python is not whole:\n{text}")
        print(text.strip())


def _compile(*words: Path | str) -> None:
    subprocess.run([COMPILER, "-O1", "-static", *words], check=True)


def _pip(*words: Path | str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise UnavailableError(f"pip {words[0]} failed: {_last(done.stderr)}")


def _last(text: str) -> str:
    return " ".join(text.strip().splitlines()[-3:])


def main(words: Sequence[str]) -> int:
    """Make it; returns the exit status."""
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if words[0] == "--programs":
            Maker.programs()
        else:
            Maker(Path(words[0])).all()
    except (UnavailableError, OSError, subprocess.TimeoutExpired) as error:
        print(f"the Windows Python could not be made: {error}", file=sys.stderr)
        return UNAVAILABLE
    except (RuntimeError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
