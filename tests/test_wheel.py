"""The wheel: what is in it, and that it alone is enough for somebody who installs it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEFT_OUT = (
    *(".git", ".venv", "venv", "build", "dist", "exports", "*.egg-info", "__pycache__", ".hypothesis", ".*_cache"),
)
MACHINE = re.compile(
    rb"(?<![\w.~])/(?:work|root|home/(?!user\b)\w+|Users/(?!you\b)\w+|workspace|runner)/|"
    + re.escape(os.fsencode(ROOT))
)
"""Paths of a machine on which the package was made."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the declared backend from a copy of the source: building leaves files behind."""
    copy, out = tmp_path_factory.mktemp("source") / "copy", tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    code = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(out)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (made,) = out.glob("*.whl")
    return made


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    held = set(names(wheel))
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "xlrotation").rglob("*") if path.is_file()}
    package = {name for name in package if "__pycache__" not in name}
    information = {name for name in held if re.match(r"xlrotation-[\w.]+\.dist-info/", name)}
    assert held - information == package
    assert {name.partition("/")[2] for name in information} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt", "licenses/LICENSE"),
    }


def test_the_wheel_tells_no_path_of_a_machine(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            assert not (found := MACHINE.search(archive.read(name))), f"{name}: {found[0]!r}"


@pytest.mark.parametrize(
    "text", ["/work/build/x.py", "/home/someone/x", str(ROOT / "x"), "'/Users/me/x'", "file:///root/x"]
)
def test_a_path_of_a_machine_is_noticed(text: str) -> None:
    assert MACHINE.search(os.fsencode(text))


def test_the_declared_versions_of_python_are_those_tried(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        said = archive.read(name).decode("utf-8")
    versions = re.findall(r"^Classifier: Programming Language :: Python :: 3\.(\d+)$", said, re.MULTILINE)
    assert versions == ["11", "12", "13", "14"]
    assert re.search(r"^Requires-Python: >=3\.11$", said, re.MULTILINE)


class Installed:
    """The wheel in an environment of its own, with the packages that it needs and no other file of ours."""

    def __init__(self, wheel: Path, there: Path) -> None:
        venv.create(there / "venv", with_pip=False, symlinks=os.name == "posix")
        programs = there / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.python = programs / ("python.exe" if os.name == "nt" else "python")
        self.program = programs / ("xlrotation.exe" if os.name == "nt" else "xlrotation")
        self.home, self.here = there / "home", there / "here"
        self.home.mkdir()
        self.here.mkdir()
        self._run(
            *(sys.executable, "-m", "pip", "--python", str(self.python), "install", "--no-deps", "--no-index"),
            *("--disable-pip-version-check", "--quiet", str(wheel)),
            PYTHONDONTWRITEBYTECODE="1",
        )
        (site,) = (there / "venv").rglob("site-packages")
        others = [path for path in sys.path if "site-packages" in path]
        (site / "others.pth").write_text("\n".join(others) + "\n", "utf-8")  # a path there, whose own .pth is not read

    def _run(
        self, *command: str, given: str | None = None, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("XLROTATION_", "PYTHON"))}
        environment = kept | {"HOME": str(self.home), "USERPROFILE": str(self.home), "PYTHONUTF8": "1"}
        environment |= {"PATH": f"{self.python.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        environment |= more
        return subprocess.run(
            command,
            cwd=cwd or self.here,
            env=environment,
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=280,
            check=False,
        )

    def __call__(self, *arguments: str, given: str | None = None, cwd: Path | None = None) -> str:
        done = self._run(str(self.program), *arguments, given=given, cwd=cwd)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-500:]} {done.stderr[-2000:]}"
        return done.stdout

    def code(self, text: str) -> str:
        return self._run(str(self.python), "-c", text).stdout.strip()


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(wheel, tmp_path_factory.mktemp("installed"))


def test_it_is_the_wheel_that_runs(installed: Installed) -> None:
    there = Path(installed.code("import xlrotation; print(xlrotation.__file__)"))
    assert there.is_relative_to(installed.python.parents[1])


def test_pip_compiles_it_also_where_python_is_to_write_no_bytecode(wheel: Path, installed: Installed) -> None:
    there = Path(installed.code("import xlrotation; print(xlrotation.__file__)")).parent
    sources = {path.with_suffix("") for path in there.rglob("*.py")}
    compiled = {path.parents[1] / path.name.split(".")[0] for path in there.rglob("__pycache__/*.pyc")}
    assert len(sources) == sum(name.endswith(".py") for name in names(wheel)) > 500
    assert compiled == sources


def test_a_new_user_types_the_first_commands(installed: Installed) -> None:
    assert installed("--version").startswith("xlrotation ")
    assert "RS_STREAK" in installed("functions")
    assert installed("eval", '=RS_STREAK("RUT","SPX","2026-01-16")') == "11\n"
    assert "XLE" in installed("eval", '=ROT_SECTOR_RET(,"5D")', "--lang", "zh")


@pytest.fixture(scope="session")
def begun(installed: Installed) -> Path:
    installed("begin", "desk")
    return installed.here / "desk"


def test_the_folder_to_begin_with_holds_what_the_source_has(begun: Path) -> None:
    assert {path.name for path in (begun / "workbooks").iterdir()} == {p.name for p in (ROOT / "workbooks").iterdir()}
    excel = begun / "excel"
    assert (excel / "udfs.py").read_bytes() == (ROOT / "udfs.py").read_bytes()
    for path in (ROOT / "vba").iterdir():
        assert (excel / path.name).read_bytes() == path.read_bytes(), path.name
    assert zipfile.is_zipfile(excel / "xlrotation.xlam")
    assert (begun / "README.txt").is_file()


def test_a_folder_with_anything_in_it_is_not_touched(installed: Installed, begun: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in begun.rglob("*") if path.is_file()}
    (tmp_path / "file").write_text("mine", "utf-8")
    for there in (begun, tmp_path, tmp_path / "file"):
        done = installed._run(str(installed.program), "begin", str(there))
        assert done.returncode == 2
        assert "is not empty" in done.stderr
    assert {path: path.read_bytes() for path in begun.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_examples_work_as_their_readme_says(installed: Installed, begun: Path) -> None:
    formulas = (begun / "examples" / "formulas.txt").read_text("utf-8")
    done = installed._run(str(installed.program), "eval", "--json", given=formulas, cwd=begun)
    assert len(json.loads(done.stdout)) == len(formulas.splitlines()) > 100
    said = installed("folder", "check", "examples/prices", cwd=begun)
    assert "nothing left out" in said
    assert float(installed("eval", "--source", "folder:examples/prices", '=PX_RET("XLK","20D")', cwd=begun))
    assert "4 jobs done, 0 there already, 0 failed" in installed("batch", "examples/jobs.toml", cwd=begun)
    installed("export", "workbooks/market_breadth.xlsx", "-o", "reports", "--asof", "2026-01-16", cwd=begun)
    assert zipfile.is_zipfile(begun / "reports" / "market_breadth.xlsx")


def test_a_new_user_builds_templates_and_sees_the_demo(installed: Installed) -> None:
    installed("templates", "build", "market_breadth", "-o", "books")
    installed("templates", "build", "market_breadth", "--macros", "-o", "macros")
    installed("templates", "build", "market_breadth", "--officejs", "-o", "officejs")
    assert [path.name for path in (installed.here / "books").iterdir()] == ["market_breadth.xlsx"]
    assert {"market_breadth.xlsm", "xlrotation.xlam"} <= {p.name for p in (installed.here / "macros").iterdir()}
    installed("demo", "--output", "exports")
    assert len(list((installed.here / "exports").glob("*.xlsx"))) == len(list((ROOT / "workbooks").iterdir()))


def test_the_tools_for_assistants_are_there(installed: Installed) -> None:
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    }
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    with subprocess.Popen(
        [str(installed.program), "mcp"],
        cwd=installed.here,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
        process.stdin.flush()
        said = [process.stdout.readline() for _ in range(2)]
        process.stdin.close()
        assert process.wait(60) == 0
    assert "evaluate" in said[1]


class Checkout:
    """A small package where ours lies, set up already as far as pip does it."""

    def __init__(self, there: Path) -> None:
        self.there, self.source = there, there / "xlrotation" / "one.py"
        self.source.parent.mkdir()
        (self.source.parent / "__init__.py").touch()
        self.source.write_text("VALUE = 1\n", "utf-8")
        shutil.copy(ROOT / "Makefile", there)
        (there / "pyproject.toml").touch()
        programs = there / ".venv" / "bin"
        programs.mkdir(parents=True)
        (programs / "python").symlink_to(sys.executable)
        for stamp in (".installed", ".installed-for-use"):
            (there / ".venv" / stamp).touch()

    def ran(self, *command: str) -> subprocess.CompletedProcess[str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        environment = {**kept, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, cwd=self.there, env=environment, capture_output=True, text=True, check=True)

    @property
    def compiled(self) -> Path:
        return Path(importlib.util.cache_from_source(str(self.source)))

    def value(self) -> tuple[str, bool]:
        """What a process finds in the module, and whether it had to compile it."""
        done = self.ran(sys.executable, "-v", "-c", "import xlrotation.one as one; print(one.VALUE)")
        (told,) = (line for line in done.stderr.splitlines() if re.search(r"code object from .*\bone\.", line))
        return done.stdout.strip(), self.compiled.name not in told


needs_make = pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="make is not installed")


@needs_make
def test_a_setup_compiles_the_package_also_where_python_is_to_write_no_bytecode(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    assert checkout.value() == ("1", True)
    checkout.ran("make", "setup")
    assert checkout.value() == ("1", False)
    checkout.source.write_text("VALUE = 2\n", "utf-8")
    later = checkout.source.stat().st_mtime + 5
    os.utime(checkout.source, (later, later))
    assert checkout.value() == ("2", True), "a source that has changed counts, not what was compiled of it"
    checkout.ran("make", "setup")
    assert checkout.value() == ("2", False)


@needs_make
def test_a_setup_where_nothing_can_be_written_says_so_and_goes_on(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.compiled.parent.touch()  # not even root can write into it
    assert "could not be compiled" in checkout.ran("make", "setup").stdout
    assert checkout.value() == ("1", True)


@needs_make
@pytest.mark.parametrize(("target", "work"), [("demo", "xlrotation demo"), ("test", "-m pytest")])
def test_what_is_run_is_compiled_before(target: str, work: str) -> None:
    said = recipe(target)
    assert 0 < said.index("pip install") < said.index("-m compileall") < said.index(work)


def recipe(target: str) -> str:
    """What ``make`` would run for a target where nothing is set up yet."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "VENV=nowhere", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_demo_installs_what_a_user_needs_and_the_tests_the_rest() -> None:
    (demo,) = re.findall(r"pip install .*", recipe("demo"))
    assert demo == "pip install --quiet --editable ."
    (test,) = re.findall(r"pip install .*", recipe("test"))
    assert "[dev,server,mcp]" in test


@pytest.mark.parametrize("page", ["tutorial.md", "zh/tutorial.md", "install.md", "zh/install.md"])
def test_a_page_that_types_a_bare_command_activates_the_environment_first(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert text.index("source .venv/bin/activate") < text.index("\nxlrotation ")
    assert text.index(r".venv\Scripts\Activate.ps1") < text.index("\nxlrotation ")
