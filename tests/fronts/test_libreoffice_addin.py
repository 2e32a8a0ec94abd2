"""The add-in in a real LibreOffice without a screen, and what LibreOffice makes of every template with it."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest.mock import MagicMock

import openpyxl
import pytest
from lxml import etree

from xlrotation.cli import main
from xlrotation.errors import CellError
from xlrotation.fronts import addin
from xlrotation.fronts.libreoffice import extension, target, worker
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.pdf import find_libreoffice

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "workbooks").glob("*.xlsx"), key=lambda book: (book.stem != "function_reference", book.name))
"""The reference is opened first: its example of XLR_ERRORS shows what failed before it in the same process."""

NUMBERS = {521: "#NULL!", 532: "#DIV/0!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 503: "#NUM!", 32767: "#N/A"}
"""Calc's numbers of its errors."""

FORMULAS: list[tuple[str | list[str], object]] = [
    ('=PX_CLOSE("SPX";"2026-01-16")', 6940.01),
    ('=PX_CLOSE("SPX";DATE(2026;1;16))', 6940.01),
    ('=RS_STREAK("RUT";"SPX";"2026-01-14")', 9),
    ('=PX_RET("科技";"YTD";"2026-01-16")=PX_RET("XLK";"YTD";"2026-01-16")', 1),
    ('=XLR_VERSION()=XLR_VERSION()&""', 1),
    ('=ISTEXT(XLR_SYMBOL("标普500"))', 1),
    ('=PX_RET("none")', "#N/A"),
    ('=IFERROR(PX_RET("none");"caught")', "caught"),
    ('=ISNA(PX_RET("none"))', 1),
    ('=PX_RET("XLK";"nonsense")', "#VALUE!"),
    ("=PX_RET(NA())", "#N/A"),
    ("=PX_RET(1/0)", "#DIV/0!"),
    ("=VOL_BS_PRICE(0.2;-1;1;0.2;0.05)", "#NUM!"),
    ('=YEAR(XLR_ASOF("2026-01-18"))*100+DAY(XLR_ASOF("2026-01-18"))', 202616),
    ('=IF(RS_STREAK("RUT";"SPX";"2026-01-14")>=9;"historic";"normal")', "historic"),
    ('=PX_RET("XLK";;"2026-01-16")-PX_RET("XLK";"20D";"2026-01-16")', 0),
    ('=SUM(INDEX(ROT_SECTOR_RET(;"5D";"2026-01-16";;;0);0;3))-SUM(ROT_SECTOR_RET("XLK";"5D";"2026-01-16"))<9', 1),
    (['=ROT_SECTOR_RET(;"5D";"2026-01-16")', "C1:E2"], None),
    (['=PX_RET({"XLK"|"XLE"};"5D";"2026-01-16")', "G1:G2"], None),
    ("=DISP_IMPLCORR_CALC(0.15;{0.2|0.3};{0.5|0.5})", None),
]


def python_with_uno() -> str | None:
    """An interpreter that can talk to LibreOffice: the system's, or the one that LibreOffice brings."""
    program = find_libreoffice()
    beside = [str(Path(program).resolve().parent / "python")] if program else []
    for python in ("/usr/bin/python3", *beside):
        if (
            Path(python).exists()
            and subprocess.run([python, "-c", "import uno"], check=False, capture_output=True).returncode == 0
        ):
            return python
    return None


FIRST_DAYS = [(1899, 12, 30), (1904, 1, 1), (1900, 1, 1)]
DATED = [
    '=PX_CLOSE("SPX";DATE(2026;1;16))',
    '=TEXT(XLR_ASOF(DATE(2026;1;18));"yyyy-mm-dd")',
    '=TEXT(XLR_ASOF("2026-01-18");"yyyy-mm-dd")',
    "=VAL_PE(40000;2000)",  # numbers that are no dates stay what they are
    '=TEXT(PX_HISTORY("SPX";DATE(2026;1;16);DATE(2026;1;16);;FALSE());"yyyy-mm-dd")',
]

needed = pytest.mark.skipif(
    (find_libreoffice() is None or python_with_uno() is None) and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice with Python (Debian: libreoffice-calc, python3-uno) is not installed",
)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, object]]]:
    """Everything that is asked of LibreOffice, in one start of it."""
    folder = tmp_path_factory.mktemp("office")
    environment = {"PYTHONPATH": str(ROOT), "XLROTATION_SOURCE": "sample", "XLROTATION_LANG": "en"}
    extension.build(folder / "xlrotation.oxt", sys.executable, environment)
    broken = [f"={name}({';'.join(['NA()'] * len(spec.parameters))})" for name, spec in functions().items()]
    task = {
        "program": find_libreoffice(),
        "profile": str(folder / "profile"),
        "extension": str(folder / "xlrotation.oxt"),
        "books": [str(book) for book in BOOKS],
        "formulas": [*(formula for formula, _ in FORMULAS), "kill", '=PX_CLOSE("SPX";"2026-01-16")', *broken],
        "names": list(functions()),
        "first days": [(day, DATED) for day in FIRST_DAYS],
    }
    (folder / "task.json").write_text(json.dumps(task), "utf-8")
    command = [str(python_with_uno()), str(Path(__file__).with_name("calc_probe.py")), str(folder / "task.json")]
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, dict[str, dict[str, object]]] = json.loads(done.stdout)
    return found


def plain(value: object) -> object:
    """A cell of LibreOffice: an error by its name."""
    return NUMBERS.get(value["error"], value["error"]) if isinstance(value, dict) else value


def same(mine: object, calcs: object) -> bool:
    """Whether a cell of the headless evaluation and one of Calc agree: numbers to 1e-9, all else exactly."""
    mine = mine.value if isinstance(mine, CellError) else float(mine) if isinstance(mine, bool) else mine
    if isinstance(mine, int | float) and isinstance(calcs, int | float):
        return calcs == pytest.approx(mine, rel=1e-9, abs=1e-12)
    return calcs == mine or (mine in (None, "") and calcs in ("", 0.0, None))


@needed
@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_every_cell_of_every_template_is_the_headless_one(answer, book: Path) -> None:
    """Opened as .xlsx, entered again by the add-in, recalculated: no native function differs either."""
    evaluation = evaluate_workbook(book, Session("sample", lang="en"))
    cells = answer["books"][str(book)]["cells"]
    differing = {
        (sheet, place): (value, plain(cells.get(sheet, {}).get(f"{place[0]},{place[1]}")))
        for sheet, values in evaluation.values.items()
        for place, value in values.items()
        if not same(value, plain(cells.get(sheet, {}).get(f"{place[0]},{place[1]}")))
    }
    assert sum(map(len, evaluation.values.values())) > 300
    keys = {cell.value: cell.row for cell in openpyxl.load_workbook(book)["Values"]["A"]}
    errors = [evaluation.values["Values"][keys[key], 3] for key in ("example.xlr_errors",) if key in keys]
    differing = {place: both for place, both in differing.items() if both[0] not in errors}  # those of the session
    assert not differing
    assert not answer["books"][str(book)]["undo"]  # nothing of ours to undo
    assert not answer["books"][str(book)]["modified"]  # so nobody is asked to save what they only looked at


@needed
def test_formulas_as_typed(answer) -> None:
    found = dict(zip((str(formula) for formula, _ in FORMULAS), answer["formulas"], strict=False))
    for formula, expected in FORMULAS:
        value = found[str(formula)]
        if expected is not None:
            assert same(expected, plain(value)), (formula, value)
    table = found[str(FORMULAS[-3][0])]
    assert table[0] == ["Sector", "Symbol", "Return"]
    session = Session("sample", lang="en")
    assert table[1] == session.call("ROT_SECTOR_RET", None, "5D", "2026-01-16")[1]
    spilled = [[session.call("PX_RET", name, "5D", "2026-01-16")] for name in ("XLK", "XLE")]
    assert found[str(FORMULAS[-2][0])] == spilled
    correlation = session.call("DISP_IMPLCORR_CALC", 0.15, [[0.2], [0.3]], [[0.5], [0.5]])
    assert found[str(FORMULAS[-1][0])] == pytest.approx(correlation)


@needed
def test_a_date_is_the_day_that_the_cell_shows_whatever_the_first_day_is(answer) -> None:
    found = {tuple(day): list(map(plain, values)) for day, values in answer["first days"]}
    close = Session("sample").call("PX_CLOSE", "SPX", "2026-01-16")
    for day in FIRST_DAYS[:2]:
        assert found[day] == [pytest.approx(close), "2026-01-16", "2026-01-16", pytest.approx(20.0), "2026-01-16"]
    assert found[FIRST_DAYS[2]][0] == "#VALUE!"  # refused, and never a number of another day


@needed
def test_a_process_that_dies_is_started_again(answer) -> None:
    assert answer["formulas"][len(FORMULAS)] == pytest.approx(6940.01)


@needed
def test_every_function_gives_an_error_for_an_error(answer) -> None:
    values = answer["formulas"][len(FORMULAS) + 1 :]
    assert len(values) == len(functions())
    for (name, spec), value in zip(functions().items(), values, strict=True):
        if spec.parameters:
            assert plain(value) == "#N/A", name


@needed
def test_the_wizard_knows_functions_and_arguments(answer) -> None:
    for name, spec in functions().items():
        _, description, arguments = answer["texts"][name]
        assert description.startswith(spec.summary[:60]), name
        assert [argument[0] for argument in arguments] == [parameter.name for parameter in spec.parameters]
        assert all(argument[2] for argument in arguments)  # each may be left out
        assert [argument[1][:60] for argument in arguments] == [parameter.help[:60] for parameter in spec.parameters]


def test_the_extension_holds_every_function_in_both_languages(tmp_path: Path) -> None:
    path = extension.build(tmp_path / "x.oxt", "python", {"A": "ü"})
    with zipfile.ZipFile(path) as package:
        listed = etree.fromstring(package.read("META-INF/manifest.xml"))
        names = [value for entry in listed for key, value in entry.attrib.items() if str(key).endswith("full-path")]
        assert set(names) < set(package.namelist())
        settings = json.loads(package.read("settings.json"))
        assert settings["python"] == "python"
        assert settings["environment"] == {"A": "ü"}
        calc = etree.fromstring(package.read("CalcAddIns.xcu"))
        idl = package.read("functions.idl").decode()
    xml_lang = "{http://www.w3.org/XML/1998/namespace}lang"
    texts = {value.text: value.get(xml_lang) for value in calc.iter("value") if value.get(xml_lang) == "zh-CN"}
    for name, spec in functions().items():
        method = extension.method_name(name)
        assert re.search(rf"> {method}\(|any {method}\(", idl)
        assert any(text and text.startswith(spec.gives("zh")) for text, lang in texts.items() if lang == "zh-CN"), name
        for parameter in spec.parameters:
            assert texts[parameter.text.into("zh")] == "zh-CN"
    methods = [extension.method_name(name) for name in functions()]
    assert len(set(methods)) == len(methods)


def test_the_worker_answers_on_its_streams() -> None:
    def message(content: object) -> bytes:
        data = json.dumps(content).encode()
        return struct.pack("<I", len(data)) + data

    calls = [
        ["PX_CLOSE", ["SPX", "2026-01-16"]],
        ["XLR_ASOF", ["2026-01-18"]],
        ["PX_RET", [{"error": "#DIV/0!"}]],
        ["PX_RET", [[["XLK"], [{"error": "#N/A"}]], "5D"]],
        ["NO_SUCH", []],
    ]
    outward = io.BytesIO()
    worker.serve(io.BytesIO(b"".join(map(message, calls))), outward, Session("sample"))
    data, answers = outward.getvalue(), []
    while data:
        (length,) = struct.unpack("<I", data[:4])
        answers.append(json.loads(data[4 : 4 + length]))
        data = data[4 + length :]
    assert answers[0] == pytest.approx(6940.01)
    assert answers[1] == 46038  # 2026-01-16
    assert answers[2] == {"error": "#DIV/0!"}
    assert isinstance(answers[3][0][0], float)
    assert answers[3][1] == [{"error": "#N/A"}]
    assert answers[4] == {"error": "#NAME?"}


def test_install_and_remove_say_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(target, "_program", lambda: None)
    monkeypatch.setattr(addin, "TARGETS", (target,))
    assert main(["addin", "install"]) == 1
    assert "LibreOffice is not installed" in capsys.readouterr().err
    monkeypatch.setattr(target, "_program", lambda: shutil.which("false"))
    assert main(["addin", "install"]) == 1
    assert "LibreOffice refused" in capsys.readouterr().err
    monkeypatch.setattr(target, "_program", lambda: shutil.which("true"))
    assert main(["addin", "install"]) == 0
    assert "start LibreOffice anew" in capsys.readouterr().out


def packed(monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, dict[str, str]]:
    """The settings in the extension that ``addin install`` hands to LibreOffice."""
    found: dict[str, dict[str, str]] = {}

    def run(*arguments: str) -> None:
        with zipfile.ZipFile(arguments[-1]) as package:
            found.update(json.loads(package.read("settings.json")))

    monkeypatch.setattr(target, "_run", run)
    monkeypatch.setattr(target, "found", lambda: True)
    monkeypatch.setattr(addin, "TARGETS", (target,))
    assert main(["addin", "install", *options]) == 0
    return found


def test_install_takes_every_setting_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is given counts always; what the environment says, where LibreOffice's own does not say otherwise."""
    for name in target.KEPT:
        monkeypatch.delenv(name, raising=False)
    assert packed(monkeypatch)["defaults"] == {}
    monkeypatch.chdir(tmp_path)
    settings = packed(monkeypatch, "--source", "folder:data", "--exchange", "xetr", "--lang", "zh")
    given = {
        "XLROTATION_SOURCE": f"folder:{tmp_path / 'data'}",
        "XLROTATION_EXCHANGE": "XETR",
        "XLROTATION_LANG": "zh",
    }
    assert settings["environment"] == {"PYTHONPATH": str(ROOT), **given}
    assert settings["defaults"] == {}
    assert "XLROTATION_EXCHANGE=XETR" in capsys.readouterr().out
    monkeypatch.setenv("XLROTATION_SOURCE", "yahoo")
    monkeypatch.setenv("XLROTATION_EXCHANGE", "XTKS")
    monkeypatch.setenv("XLROTATION_HOME", "~/stores")
    monkeypatch.setenv("XLROTATION_SERVER_TOKEN", "secret")
    settings = packed(monkeypatch, "--exchange", "XETR")
    assert settings["environment"]["XLROTATION_EXCHANGE"] == "XETR"
    assert settings["defaults"] == {
        "XLROTATION_SOURCE": "yahoo",
        "XLROTATION_HOME": str(Path("~/stores").expanduser()),
    }
    assert main(["addin", "install", "--exchange", "NOWHERE"]) == 2
    assert "NOWHERE" in capsys.readouterr().err


def test_what_is_set_where_libreoffice_runs_counts_more_than_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part inside LibreOffice, on stand-ins for its modules."""
    given, kept = {"XLROTATION_EXCHANGE": "XETR"}, {"XLROTATION_LANG": "zh", "XLROTATION_SOURCE": "yahoo"}
    with zipfile.ZipFile(extension.build(tmp_path / "x.oxt", "python", given, kept)) as package:
        package.extractall(tmp_path / "x")
    for name in ("uno", "unohelper", "com", *("com.sun.star." + part for part in ("lang", "sheet", "task"))):
        monkeypatch.setitem(sys.modules, name, MagicMock(Base=type("Base", (), {})))
    for interface in ("XLocalizable", "XServiceInfo", "XServiceName"):
        setattr(sys.modules["com.sun.star.lang"], interface, type(interface, (), {}))
    for interface in ("XAddIn", "XCompatibilityNames"):
        setattr(sys.modules["com.sun.star.sheet"], interface, type(interface, (), {}))
    sys.modules["com.sun.star.task"].XJob = type("XJob", (), {})
    spec = importlib.util.spec_from_file_location("component_alone", tmp_path / "x" / "component.py")
    component = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(component)
    started = MagicMock(return_value=MagicMock(stdout=io.BytesIO()))
    monkeypatch.setattr(component.subprocess, "Popen", started)
    for name in target.KEPT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XLROTATION_LANG", "en")
    monkeypatch.setenv("XLROTATION_EXCHANGE", "XTKS")
    assert component.Worker()._start()
    surroundings = started.call_args.kwargs["env"]
    assert surroundings["XLROTATION_EXCHANGE"] == "XETR"
    assert surroundings["XLROTATION_LANG"] == "en"
    assert surroundings["XLROTATION_SOURCE"] == "yahoo"
    assert component.ERRORS["#N/A"] == 32767


def test_what_the_package_manager_leaves_goes_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "unopkg"
    program.write_text('#!/bin/sh\necho "$TMPDIR" > "$(dirname "$0")/said"\ntouch "$TMPDIR/lu1.tmp"\n')
    program.chmod(0o755)
    monkeypatch.setattr(target, "_program", lambda: str(program))
    target.remove()
    there = Path((tmp_path / "said").read_text().strip())
    assert there.parent.name.startswith("xlrotation-")
    assert not there.parent.exists()
