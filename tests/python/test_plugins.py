"""Plug-ins: what they bring counts everywhere, a broken one is told and breaks no other, clashes are refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

HEAD = """
from xlrotation.plugin import *
from xlrotation.plugin import AsOf, Symbol, Universe, Window, Vector, Table, Header, Here, Lang, default, required
from xlrotation.plugin import add_family, add_provider, add_series_provider, add_universe, worksheet_function
"""
DESK = (
    HEAD
    + '''
add_family("DESK", "Our desk")
add_universe("DESK_PAIRS", ("XLK", "XLU", "XLK"))

@worksheet_function(unit="return", example='=DESK_TWICE("XLK")')
def DESK_TWICE(symbol: Symbol = default("XLK"), window: Window = default("20D"), asof: AsOf = default(None)) -> float:
    """Twice the return of a symbol over a window."""
    last, base = symbol.closes()[-1] if hasattr(symbol, "closes") else 2.0, 1.0
    return 2.0 * (last / base)

@worksheet_function(unit="table", example='=DESK_MEMBERS()')
def DESK_MEMBERS(
    universe: Universe = default("DESK_PAIRS"), header: Header = default(True), lang: Lang = default(None)
) -> Table:
    """The members of a universe."""
    return Table(("symbol", "rank"), [[name, place] for place, name in enumerate(universe.tickers, 1)], header, lang)
'''
)
PROVIDER = (
    HEAD
    + """
class Desk:
    key, name, adjusted, as_traded, symbols = "desk", "Our desk", "not at all", True, ("XLK",)
    def has(self, symbol): return symbol == "XLK"
    def advice(self, symbol, said): return said
    def fetch(self, *a, **k): raise AssertionError

add_provider(Desk())
"""
)

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs code where packages with these modules are installed; gives what it prints."""

    def run(code: str, modules: Mapping[str, str], **environment: str) -> str:
        site = tmp_path / "site"
        for name, text in modules.items():
            about = site / f"{name}-1.0.dist-info"
            about.mkdir(parents=True, exist_ok=True)
            (site / f"{name}.py").write_text(text, "utf-8")
            (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
            (about / "entry_points.txt").write_text(f"[xlrotation.functions]\n{name} = {name}\n", "utf-8")
        path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH", ""))))
        environ = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment}
        command = [sys.executable, "-W", "ignore", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environ, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


ASK = """
import json
import xlrotation as xr
m = xr.open("sample")
print(json.dumps({"functions": [n for n in dir(m) if n.startswith("DESK")], "remarks": m.remarks}))
"""


def test_functions_and_universes_of_a_plug_in_count_everywhere(run: Run, tmp_path: Path) -> None:
    code = """
import json, openpyxl
import xlrotation as xr
from xlrotation.functions.boundary.registry import functions
m = xr.open("sample")
members = m.DESK_MEMBERS()
book = openpyxl.Workbook()
book.active["A1"], book.active["E1"] = "=DESK_MEMBERS()", '=BRD_ABOVE_MA("DESK_PAIRS",20)'
book.save("BOOK")
report = xr.openpyxl.fill(openpyxl.load_workbook("BOOK"), m)
print(json.dumps([
    members["Symbol"].tolist(), members["Rank"].tolist(), m.eval('=DESK_TWICE("XLK")') > 0, report.troubled,
    list(functions())[-2:], m.XLR_FUNCTIONS("DESK")["Category"].unique().tolist(), m.DESK_TWICE.__doc__.splitlines()[0],
    m.BRD_ABOVE_MA("DESK_PAIRS", 20) == m.BRD_ABOVE_MA(["XLK", "XLU"], 20),
]))
""".replace("BOOK", str(tmp_path / "book.xlsx"))
    assert json.loads(run(code, {"desk": DESK})) == [
        ["XLK", "XLU"],
        [1, 2],
        True,
        False,
        ["DESK_MEMBERS", "DESK_TWICE"],
        ["Our desk"],
        "Twice the return of a symbol over a window. Unit: decimal (0.0128 is 1.28 %).",
        True,
    ]


def test_the_command_line_knows_them(run: Run) -> None:
    code = """
from xlrotation.cli import main
main(["eval", "=ROWS(DESK_MEMBERS())"])
main(["functions", "DESK"])
"""
    shown = run(code, {"desk": DESK}).splitlines()
    assert shown[0] == "3"
    assert [line.split()[0] for line in shown[1:]] == ["DESK_MEMBERS", "DESK_TWICE"]


ONE = "@worksheet_function(unit='return', example='=BAD_ONE()')\ndef BAD_ONE() -> float:\n    'One.'\n    return 1.0"

BROKEN = {
    "a syntax error": "def",
    "an import that fails": "import not_there_at_all",
    "an error": "1 / 0",
    "an end": "raise SystemExit(3)",
    "no help": f"{HEAD}add_family('BAD', 'x')\n" + ONE.replace("    'One.'\n", ""),
    "no family": HEAD + ONE,
    "a function of ours": HEAD + ONE.replace("BAD_ONE", "PX_RET"),
    "a family of ours": HEAD + "add_family('PX', 'x')",
    "a universe of ours": HEAD + "add_universe('MAG7', ['AAPL'])",
    "a universe that is a symbol": HEAD + "add_universe('SPX', ['AAPL'])",
    "a universe that data bring": HEAD + "add_universe('SP500', ['AAPL'])",
    "a universe of nothing": HEAD + "add_universe('OURS', [])",
    "a universe of a text": HEAD + "add_universe('OURS', 'AAPL')",
    "a provider of ours": PROVIDER.replace('"desk", "Our desk"', '"stooq", "Stooq"'),
    "a provider that lacks something": PROVIDER.replace("def advice", "def other"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_plug_in_is_left_out_whole_and_told(run: Run, why: str) -> None:
    broken = f"{HEAD}\nadd_universe('HALF', ['XLK'])\nadd_family('HALF', 'x')\n" if why != "a syntax error" else ""
    code = ASK + "print('HALF' in __import__('xlrotation.market.universes', fromlist=['x']).BUILT_IN, m.PX_RET('XLK'))"
    lines = run(code, {"aaa_broken": broken + BROKEN[why], "desk": DESK}).splitlines()
    found = json.loads(lines[0])
    assert found["functions"] == ["DESK_MEMBERS", "DESK_TWICE"]
    (told,) = [remark for remark in found["remarks"] if "plug-in" in remark]
    assert told.startswith("the plug-in aaa_broken (aaa_broken) is left out: ")
    assert lines[1].startswith("False ")


def test_of_two_that_clash_the_second_is_refused(run: Run) -> None:
    found = json.loads(
        run(ASK, {"desk": DESK, "desk_two": DESK.replace('add_universe("DESK_PAIRS"', "(lambda *_: None)(0")})
    )
    assert found["functions"] == ["DESK_MEMBERS", "DESK_TWICE"]
    assert "there is a family DESK already" in found["remarks"][-1]
    other = DESK.replace('add_family("DESK", "Our desk")', "").replace(
        'add_universe("DESK_PAIRS"', "(lambda *_: None)(0"
    )
    found = json.loads(run(ASK, {"desk": DESK, "desk_two": other}))
    assert "DESK_TWICE is declared twice" in found["remarks"][-1]


def test_the_fault_is_a_warning_of_open_and_in_reports(run: Run, tmp_path: Path) -> None:
    code = """
import warnings, openpyxl
import xlrotation as xr
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    m = xr.open("sample")
print([str(w.message)[:19] for w in caught])
openpyxl.Workbook().save("BOOK")
print(any("plug-in" in w for w in xr.fill("BOOK", "OUT", source=m).warnings))
print(m.XLR_ERRORS().iloc[-1, -1][:19])
""".replace("BOOK", str(tmp_path / "book.xlsx")).replace("OUT", str(tmp_path / "out.xlsx"))
    assert run(code, {"bad": "1 / 0"}).splitlines() == ["['the plug-in bad (ba']", "True", "the plug-in bad (ba"]


def test_they_can_be_turned_off(run: Run) -> None:
    assert json.loads(run(ASK, {"desk": DESK}, XLROTATION_PLUGINS="off"))["functions"] == []


def test_a_plug_in_that_is_imported_first_cannot_take_our_names(run: Run) -> None:
    code = """
try:
    import thief
except TypeError as error:
    print(error)
import xlrotation as xr
print(xr.open("sample").PX_RET("XLK") != 1)
"""
    shown = run(code, {"thief": BROKEN["a function of ours"]}).splitlines()
    assert shown == ["PX_RET is declared twice", "True"]


def test_a_provider_of_a_plug_in_is_asked_by_its_key(run: Run) -> None:
    code = """
from xlrotation.market.providers.registry import named, provider
print(provider("DESK").name, named("Our desk").key)
"""
    assert run(code, {"desk": PROVIDER}) == "Our desk desk"


def test_a_function_of_a_plug_in_that_fails_fails_alone(run: Run) -> None:
    module = DESK.replace("    last, base", "    raise ZeroDivisionError('oh')\n    last, base")
    code = """
import xlrotation as xr
m = xr.open("sample")
try:
    m.DESK_TWICE()
except xr.BadArgument as error:
    print(error)
print(m.PX_RET("XLK"))
"""
    shown = run(code, {"desk": module}, XLROTATION_STRICT="").splitlines()
    assert shown[0].startswith("internal error (ZeroDivisionError: oh)")
    assert len(shown) == 2


def test_a_changed_plug_in_makes_a_batch_do_its_work_again(run: Run) -> None:
    code = "from xlrotation.batch.work import program\nprint(program())"
    first = run(code, {"desk": DESK})
    assert first == run(code, {"desk": DESK})
    assert first != run(code, {"desk": DESK + "\n# another\n"})
    assert first != run(code, {"desk": DESK}, XLROTATION_PLUGINS="off")


def test_the_files_of_the_fronts_hold_them_where_they_are_asked_for(run: Run, tmp_path: Path) -> None:
    code = f"import os\nfrom xlrotation.fronts.build import main\nos.chdir({str(tmp_path)!r})\nmain(ARGUMENTS)"
    run(code.replace("ARGUMENTS", "['--plugins']"), {"desk": DESK})
    assert "def DESK_TWICE(symbol=None" in (tmp_path / "udfs.py").read_text("utf-8")
    run(code.replace("ARGUMENTS", "[]"), {"desk": DESK})
    assert "DESK_TWICE" not in (tmp_path / "udfs.py").read_text("utf-8")


def test_a_function_that_is_declared_later_is_there(run: Run) -> None:
    code = "import xlrotation as xr\nm = xr.open('sample')\nexec(TEXT)\nprint(m.DESK_MEMBERS()['Symbol'].tolist())"
    assert run(code.replace("TEXT", repr(DESK)), {}) == "['XLK', 'XLU']"
