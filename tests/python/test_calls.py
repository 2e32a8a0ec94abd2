"""The functions as methods: what they give, how they fail, what they stand on."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import pickle
import pydoc
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import xlrotation as xr
from xlrotation.errors import DividedByZero
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_formula


@pytest.fixture(scope="module")
def m() -> xr.Functions:
    return xr.open("sample")


CELLS = Session("sample")


@pytest.mark.filterwarnings("ignore::xlrotation.python.failures.Remark")
@pytest.mark.parametrize("name", functions())
def test_every_function_gives_what_its_cell_shows(m: xr.Functions, name: str) -> None:
    formula = functions()[name].example
    shown = evaluate_formula(formula, CELLS)
    found = m.eval(formula, errors="value")
    if not isinstance(shown, list):
        assert found == shown or (name in ("XLR_VERSION",) and isinstance(found, str))
        return
    assert isinstance(found, pd.DataFrame)
    spec = functions()[name]
    heads = spec.table and list(found.columns) == shown[0]
    rows = shown[1:] if heads else shown
    assert len(found) == len(rows)
    if name in ("XLR_ERRORS", "XLR_STATUS"):
        return  # of the session
    for row, cells in zip(found.itertuples(index=False), rows, strict=True):
        for value, cell in zip(row, cells, strict=True):
            same = value == cell or (pd.isna(value) and cell in ("", None))
            assert same or pd.Timestamp(value) == pd.Timestamp(cell)


def test_a_table_has_typed_columns(m: xr.Functions) -> None:
    table = m.ROT_SECTOR_TABLE(["5D", "20D"])
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == ["Sector", "Symbol", "5D", "20D"]
    assert [table[head].dtype.kind for head in ("5D", "20D")] == ["f", "f"]
    assert pd.api.types.is_string_dtype(table["Symbol"].dtype)
    history = m.PX_HISTORY(["XLK", "XLF"], rows=3)
    assert history["Date"].dtype.kind == "M"
    assert history["Date"].iloc[-1] == pd.Timestamp(m.asof)
    streaks = m.RS_STREAK_TABLE("RUT", "SPX")
    assert [kind.kind for kind in streaks.dtypes] == ["i", "M", "M", "f"]
    assert table.attrs["function"] == "ROT_SECTOR_TABLE"
    assert table.attrs["asof"] == str(m.asof)
    assert "sample" in table.attrs["notice"]
    assert m.ROT_SECTOR_TABLE("5D", asof="2026-01-16").attrs["asof"] == "2026-01-16"
    assert m.ROT_SECTOR_TABLE("5D", asof=["2026-01-16"]).attrs["asof"] == "2026-01-16"


def test_a_table_without_heads_counts_its_columns(m: xr.Functions) -> None:
    for header in (False, 0, "FALSE", "no", np.False_, [[False]], 0.0):
        table = m.ROT_SECTOR_TABLE(["5D"], header=header)
        assert list(table.columns) == [0, 1, 2]
        assert len(table) == 11
    assert len(m.MAC_SHARE([1.0, 3.0])) == 2


def test_gaps_of_a_table_are_told(tmp_path: Path) -> None:
    days = pd.bdate_range("2026-01-02", "2026-01-30")
    frame = pd.DataFrame({"Date": days.strftime("%Y-%m-%d"), "AAA": 100.0 + np.arange(len(days))})
    frame["BBB"] = np.where(np.arange(len(days)) < 10, np.nan, frame["AAA"])
    frame = frame[~days.isin(["2026-01-19"])]
    frame.to_csv(tmp_path / "closes.csv", index=False)
    m = xr.open(tmp_path)
    table = m.PX_HISTORY(["AAA", "BBB"], "2026-01-02")
    assert table["BBB"].dtype.kind == "f"
    assert table["BBB"].isna().sum() == len(table.attrs["errors"]) > 0
    assert table.attrs["errors"][0] == "row 0, BBB: #N/A"
    for taken in (table.copy(), table["BBB"], table.iloc[1:]):  # thousands of gaps are not copied with every column
        assert taken.attrs["errors"] is table.attrs["errors"]
    values = m.PX_HISTORY(["AAA", "BBB"], "2026-01-02", errors="value")
    assert values["BBB"].iloc[0] is xr.CellError.NA
    assert "errors" not in m.PX_HISTORY("AAA").attrs


def test_a_column_of_arguments_gives_a_column_of_answers(m: xr.Functions) -> None:
    by_list = m.PX_RET(["XLK", "XLF"], "20D")
    assert isinstance(by_list, pd.Series)
    assert by_list.name == "PX_RET"
    assert list(by_list.index) == ["XLK", "XLF"]
    assert by_list["XLF"] == m.PX_RET("XLF", "20D")
    for given in (np.array(["XLK", "XLF"]), iter(["XLK", "XLF"]), {"XLK": 1, "XLF": 2}.keys()):
        assert list(m.PX_RET(given, "20D").index) == ["XLK", "XLF"]
    labelled = pd.Series(["XLK", "XLF"], index=["one", "two"])
    assert list(m.PX_RET(labelled, "20D").index) == ["one", "two"]
    days = pd.DatetimeIndex(["2026-01-15", "2026-01-16"])
    assert m.PX_CLOSE("XLK", days).index.equals(days)
    assert m.PX_CLOSE("XLK", days).tolist() == [m.PX_CLOSE("XLK", day) for day in days]
    grid = m.PX_RET(["XLK", "XLF"], [["5D", "20D"]])
    assert grid.shape == (2, 2)
    assert grid.iloc[1, 1] == m.PX_RET("XLF", "20D")
    frame = pd.DataFrame({"a": ["XLK"], "b": ["XLF"]}, index=["x"])
    assert m.PX_RET(frame).loc["x", "b"] == m.PX_RET("XLF")


def test_a_column_with_a_failure_raises_or_keeps_it(m: xr.Functions) -> None:
    with pytest.raises(xr.NoData, match="no symbol 'ZZZ'") as caught:
        m.PX_RET(["XLK", "ZZZ"])
    assert any("row 1" in note for note in caught.value.__notes__)
    kept = m.PX_RET(["XLK", "ZZZ"], errors="value")
    assert kept["ZZZ"] is xr.CellError.NA
    assert kept["XLK"] == m.PX_RET("XLK")
    gap = m.PX_RET(pd.Series(["XLK", None]), errors="value")
    assert gap.iloc[1] is xr.CellError.NA


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("PX_CLOSE", ["ZZZ"], xr.NoData),
        ("PX_CLOSE", ["XLK", "2031-01-01"], xr.NoData),
        ("PX_RET", ["XLK", "20Q"], xr.BadArgument),
        ("RS_STREAK", ["RUT", "SPX", None, "H"], xr.BadArgument),
        ("MAC_SHARE", [[[0.0]]], DividedByZero),
        ("PX_RET", [[[4.0], [-2.0], [3.0], [-4.0]], 2], xr.OutOfDomain),
        ("RS_STREAK", ["RUT", "SPX", None, None, "X", "Y"], xr.BadArgument),
    ],
)
def test_a_failure_raises_with_the_sentence_of_the_cell(
    m: xr.Functions, name: str, arguments: list[object], kind: type[xr.RotationError]
) -> None:
    cells = Session("sample")
    shown = cells.call(name, *arguments)
    with pytest.raises(kind) as caught:
        m.call(name, *arguments)
    assert type(caught.value) is kind
    assert str(caught.value) == cells.failures[-1].reason
    assert m.call(name, *arguments, errors="value") is shown
    assert shown.value in m.failures[-1]


def test_a_failure_speaks_the_language_of_the_session() -> None:
    cells = Session("sample", "zh")
    cells.call("PX_RET", "XLK", "20Q")
    with pytest.raises(xr.BadArgument) as caught:
        xr.open("sample", lang="zh").PX_RET("XLK", "20Q")
    assert str(caught.value) == cells.failures[-1].reason
    assert "窗口" in str(caught.value)


def test_an_error_that_came_in_goes_out(m: xr.Functions) -> None:
    with pytest.raises(xr.NoData, match="brought in"):
        m.PX_RET("XLK", xr.CellError.NA)
    with pytest.raises(xr.RotationError):
        m.PX_RET("XLK", xr.CellError.REF)
    assert m.PX_RET("XLK", xr.CellError.REF, errors="value") is xr.CellError.REF


def test_formulas_have_the_natives_of_spreadsheets(m: xr.Functions) -> None:
    assert m.eval("=IF(RS_STREAK()>=9,1,0)") == (1.0 if m.RS_STREAK() >= 9 else 0.0)
    assert m.eval('=PX_RET("XLK")*100') == m.PX_RET("XLK") * 100
    assert m.eval('IFERROR(PX_CLOSE("ZZZ"),-1)') == -1
    assert list(m.eval('=ROT_SECTOR_TABLE("5D")').columns) == ["Sector", "Symbol", "5D"]
    assert m.eval("=SEQUENCE(2,2)").shape == (2, 2)
    with pytest.raises(xr.NoData, match="no symbol 'ZZZ'"):
        m.eval('=PX_CLOSE("ZZZ")+1')
    with pytest.raises(xr.NoData, match="no symbol 'ZZZ'"):
        m.eval('=PX_CLOSE({"XLK","ZZZ"})')
    assert m.eval('=PX_CLOSE({"XLK","ZZZ"})', errors="value").iloc[0, 1] is xr.CellError.NA
    with pytest.raises(DividedByZero, match="#DIV/0!"):
        m.eval("=1/0")
    with pytest.raises(xr.BadArgument, match="did you mean RS_STREAK"):
        m.eval("=RS_STREEK()")
    for formula in ("", "=", "=1+", 5, None, "=RS_STREAK(A1)", "=1\0"):
        with pytest.raises(xr.BadArgument):
            m.eval(formula)  # type: ignore[arg-type]
    assert m.eval("=1/0", errors="value") is xr.CellError.DIV0


def test_keywords_stand_for_places(m: xr.Functions) -> None:
    assert m.RS_STREAK(b="SPX", a="RUT") == m.RS_STREAK("RUT", "SPX")
    assert m.RS_STREAK("RUT", asof=dt.date(2026, 1, 16)) == CELLS.call("RS_STREAK", "RUT", None, "2026-01-16")
    with pytest.raises(TypeError, match="takes no 'c'"):
        m.RS_STREAK(c=1)
    with pytest.raises(TypeError, match="'a' twice"):
        m.RS_STREAK("RUT", a="RUT")
    with pytest.raises(xr.BadArgument, match="takes at most"):
        m.RS_STREAK(*"abcdef")
    with pytest.raises(xr.BadArgument, match="'raise' or 'value'"):
        m.RS_STREAK(errors="ignore")
    with pytest.raises(xr.BadArgument, match="did you mean RS_STREAK"):
        m.call("RS_STREEK")
    with pytest.raises(AttributeError, match="RS_STREEK"):
        m.RS_STREEK  # noqa: B018
    assert m.call("rs_streak", "RUT") == m.RS_STREAK("RUT")


def test_what_is_pinned_stays(tmp_path: Path) -> None:
    file = tmp_path / "closes.csv"
    file.write_text("Date,AAA\n2026-01-14,1\n2026-01-15,2\n2026-01-16,3\n", "utf-8")
    m = xr.open(tmp_path)
    assert m.PX_CLOSE("AAA") == 3
    file.write_text("Date,AAA\n2026-01-14,1\n2026-01-15,2\n2026-01-16,4\n", "utf-8")
    assert m.PX_CLOSE("AAA") == 3
    assert m.at("2026-01-15").PX_CLOSE("AAA") == 2
    pickled = pickle.dumps(m)
    with pytest.raises(xr.NoData, match="not those that were pickled"):
        pickle.loads(pickled)
    file.unlink()
    assert m.PX_CLOSE("AAA") == 3
    with pytest.raises(xr.NoData):
        xr.open(tmp_path)


def test_it_is_pickled_and_copied_with_its_date_and_language() -> None:
    m = xr.open("sample", asof="2026-01-16", lang="zh", errors="value")
    for other in (pickle.loads(pickle.dumps(m)), copy.copy(m), copy.deepcopy(m)):
        assert (other.asof, other.source, other.PX_CLOSE("ZZZ")) == (m.asof, m.source, xr.CellError.NA)
        assert other.RS_STREAK() == m.RS_STREAK()
        assert list(other.ROT_SECTOR_TABLE("5D").columns) == list(m.ROT_SECTOR_TABLE("5D").columns)
    table = m.ROT_SECTOR_TABLE("5D")
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(table)), table)


def test_nothing_after_the_date_is_shown() -> None:
    m = xr.open("sample", asof="2026-01-16")
    assert m.asof == dt.date(2026, 1, 16)
    for later in ("2026-01-20", dt.date(2026, 1, 20), np.datetime64("2026-01-20"), pd.Timestamp("2026-01-20")):
        with pytest.raises(xr.NoData, match="after the as-of date"):
            m.PX_CLOSE("XLK", later)
        with pytest.raises(xr.NoData, match="after the as-of date"):
            m.at(later)
        with pytest.raises(xr.NoData, match="after the as-of date"):
            m.sessions(last=later)
    assert m.sessions("2026-01-12") == [dt.date(2026, 1, day) for day in range(12, 17)]
    with pytest.raises(xr.BadArgument, match="is after the last"):
        m.sessions("2026-01-12", "2026-01-09")
    before = m.at("2026-01-11")
    assert before.asof == dt.date(2026, 1, 9)
    assert before.PX_CLOSE("XLK") == m.PX_CLOSE("XLK", "2026-01-09")
    with pytest.raises(xr.NoData):
        xr.open("sample", asof="2031-01-03")
    with pytest.raises(xr.NoData):
        xr.open("sample", asof="1900-01-03")


@pytest.mark.parametrize("given", ["2026-13-01", "soon", pd.NaT, np.nan, "", [], b"x", 0, 5, True, "01/02/2026"])
def test_what_is_no_date_opens_nothing(given: object) -> None:
    with pytest.raises(xr.BadArgument):
        xr.open("sample", asof=given)
    with pytest.raises(xr.BadArgument):
        xr.open("sample").at(given)


def test_sources_are_those_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closes.csv").write_text("Date,AAA\n2026-01-15,1\n2026-01-16,2\n", "utf-8")
    for source in (tmp_path, str(tmp_path), f"folder:{tmp_path}"):
        assert xr.open(source).PX_CLOSE("AAA") == 2
    monkeypatch.chdir(tmp_path.parent)
    assert xr.open(tmp_path.name).PX_CLOSE("AAA") == 2
    monkeypatch.setenv("XLROTATION_SOURCE", f"folder:{tmp_path}")
    assert xr.open().PX_CLOSE("AAA") == 2
    assert xr.open("sample").source == "sample"
    home = tmp_path / "home"
    (home / "desk").mkdir(parents=True)
    monkeypatch.setenv("XLROTATION_HOME", str(home))
    with pytest.raises(xr.NoData, match="the store desk is empty"):
        xr.open(home / "desk")
    for nothing in ("yaho", "a\0b", "/x/\0b", "", "  "):
        with pytest.raises(xr.BadArgument, match="no source"):
            xr.open(nothing)
    with pytest.raises(xr.NoData, match="home folder"):
        xr.open("~nobody-of-that-name/data")
    with pytest.raises(xr.NoData, match="no such folder"):
        xr.open(tmp_path / "not there")
    with pytest.raises(xr.BadArgument, match="keeps no old states"):
        xr.open("sample", as_known_on="2026-01-16")
    with pytest.raises(xr.RotationError):
        xr.open("sample", exchange="NOWHERE")
    with pytest.raises(xr.BadArgument, match="language"):
        xr.open("sample", lang="klingon")


def test_what_failed_before_can_be_asked_for() -> None:
    m = xr.open("sample")
    for _ in range(3):
        assert m.PX_CLOSE("ZZZ", errors="value") is xr.CellError.NA
        assert m.XLR_ERRORS().iloc[0, 1:3].tolist() == ["PX_CLOSE", "'ZZZ'"]
    assert len(m.failures) == len(m.XLR_ERRORS()) == 3
    assert m.eval("=ROWS(XLR_ERRORS())") == 4


def test_threads_call_together_and_each_gets_its_own_reason(m: xr.Functions) -> None:
    names = [f"ZZ{number}" for number in range(40)]
    barrier = threading.Barrier(8)

    def one(name: str) -> tuple[str, str]:
        if name in names[:8]:
            barrier.wait()
        with pytest.raises(xr.NoData) as caught:
            m.PX_CLOSE(name)
        return name, str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        for name, told in pool.map(one, names):
            assert name in told


def test_remarks_are_warnings_once() -> None:
    m = xr.open("sample")
    with pytest.warns(xr.Remark, match="a text is a gap"):
        m.PX_RET(["n/a", *np.linspace(100, 110, 40)], 5)
    assert any("a text is a gap" in remark for remark in m.remarks)


def test_methods_show_their_help_and_signature() -> None:
    for name, spec in functions().items():
        method = getattr(xr.Functions, name)
        assert method.__doc__ == spec.docstring
        assert list(inspect.signature(method).parameters)[1:-1] == [p.name for p in spec.parameters]
    shown = pydoc.render_doc(xr.Functions.RS_STREAK, renderer=pydoc.plaintext)
    assert "RS_STREAK(self, /, a='^RUT', b='^GSPC', asof=None, freq='D', *, errors=None)" in shown
    assert "Consecutive periods" in shown
    assert set(functions()) <= set(dir(xr.Functions))


def test_a_notebook_shows_units_and_what_must_be_said(m: xr.Functions) -> None:
    table = m.ROT_SECTOR_TABLE("5D")
    html = table._repr_html_()
    assert f"{100 * table['5D'].iloc[0]:+,.2f} %" in html
    assert "sample data" in html
    assert "as of 2026-02-13" in html
    assert "2026-02-13" in m.PX_HISTORY("XLK", rows=3)._repr_html_()
    assert "sample data" in m._repr_html_()
    assert "sample data" in repr(m)
    table["5D"] = np.nan
    assert ">nan<" not in table._repr_html_()
    long = m.PX_HISTORY("XLK", rows=500)
    assert "the first 60 of 500 rows" in long._repr_html_()
    assert long._repr_html_().count("<tr>") == 61
    plain = table.head(2)
    assert type(plain) is pd.DataFrame
    table["<b>"] = "<script>"
    assert "<script>" not in table._repr_html_()


def test_all_is_what_there_is() -> None:
    assert set(xr.__all__) <= set(dir(xr))
    for name in xr.__all__:
        assert getattr(xr, name) is not None
    with pytest.raises(AttributeError):
        xr.nothing  # noqa: B018
    assert callable(xr.batch)
    assert xr.measures.streaks.__name__ == "xlrotation.measures.streaks"
    assert set(xr.measures.__all__) == {path.stem for path in Path(xr.measures.__file__).parent.glob("[a-z]*.py")}


LIGHT = """
import sys
import xlrotation as xr
assert "numpy" not in sys.modules and "pandas" not in sys.modules, "import"
xr.BadArgument, xr.CellError
assert "numpy" not in sys.modules, "errors"
m = xr.open("sample")
m.RS_STREAK("RUT", "SPX")
assert "pandas" not in sys.modules and "openpyxl" not in sys.modules, "a number"
m.ROT_SECTOR_TABLE("5D")
assert "pandas" in sys.modules
"""


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_warning_of_anybody_else(m: xr.Functions) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        m.ROT_SECTOR_TABLE(["5D"])
        m.PX_RET(["XLK", "ZZZ"], errors="value")
