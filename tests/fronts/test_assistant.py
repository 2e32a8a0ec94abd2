"""The tools for assistants: what they answer is what a cell shows, whatever they are asked."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlrotation.cli import main
from xlrotation.errors import BadArgument, NoData, RotationError
from xlrotation.fronts.assistant import bounded
from xlrotation.fronts.assistant.declared import LONGEST_FORMULA, MOST_FORMULAS, TOOLS, checked
from xlrotation.fronts.assistant.tools import Tools
from xlrotation.fronts.assistant.worker import WAITING, Opened, Refused, Worker
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session

EVERY = ("source", "state", "asof", "exchange")
"""What each answer on data says of them."""


@pytest.fixture(scope="module")
def tools() -> Tools:
    return Tools(Session("sample", "en"))


def ask(tools: Tools, name: str, **given: Any) -> dict[str, Any]:
    answer = tools.call(name, checked(name, given))
    assert len(json.dumps(answer, allow_nan=False)) < 8 * bounded.MOST
    return answer


def first(tools: Tools, formula: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(tools, "evaluate", formulas=[formula], **given)["results"][0]
    return found


EXAMPLES = [spec.example for spec in functions().values() if spec.steady]


@pytest.mark.parametrize("formula", EXAMPLES)
def test_a_value_is_that_of_the_cell(tools: Tools, formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = first(tools, formula)
    main(["eval", "--source", "sample", "--lang", "en", "--json", formula])
    printed = json.loads(capsys.readouterr().out)
    if "cut" in found:
        assert found["value"] == printed[: len(found["value"])]
        assert found["rows"] == len(printed)
    else:
        assert found["value"] == printed


def test_an_answer_says_what_it_is_of(tools: Tools) -> None:
    answer = ask(tools, "evaluate", formulas=['=PX_RET("XLK","5D")'], asof="2026-01-17")
    assert answer["source"] == "sample"
    assert answer["state"].startswith("content:")
    assert answer["asof"] == "2026-01-16"  # the session before that Saturday
    assert "synthetic" in answer["notice"]
    (found,) = answer["results"]
    assert found["unit"] == "decimal (0.0128 is 1.28 %)"
    (call,) = found["calls"]
    assert (call["function"], call["asof"], call["exchange"]) == ("PX_RET", "2026-01-16", "XNYS")


def test_a_call_with_a_date_of_its_own_says_that_date(tools: Tools) -> None:
    found = first(tools, '=RS_STREAK("RUT","SPX","2026-01-14")-RS_STREAK("RUT","SPX","2026-01-18")')
    assert [call["asof"] for call in found["calls"]] == ["2026-01-14", "2026-01-16"]
    assert [call["result"]["value"] for call in found["calls"]] == [9, 11]
    assert found["value"] == -2
    assert found["unit"] is None  # a formula of calls has no unit that is known


def test_a_range_of_dates_says_all_of_them(tools: Tools) -> None:
    (call,) = first(tools, '=RS_STREAK("RUT","SPX",{"2026-01-14";"2026-01-16"})')["calls"]
    assert call["asof"] == ["2026-01-14", "2026-01-16"]


def test_a_gap_has_its_reason_and_only_its_own(tools: Tools) -> None:
    bad, good = ask(tools, "evaluate", formulas=['=PX_RET("XLKK")', '=PX_RET("XLK")'])["results"]
    assert (bad["kind"], bad["value"]) == ("error", "#N/A")
    assert "did you mean XLK" in bad["gaps"][0]["reason"]
    assert good["gaps"] == []
    (hidden,) = ask(tools, "evaluate", formulas=['=IFERROR(PX_RET("XLKK"),0)'])["results"]
    assert hidden["value"] == 0
    assert "XLKK" in hidden["gaps"][0]["reason"]  # a 0 that stands for a gap says so


def test_an_error_of_a_native_function_has_a_reason(tools: Tools) -> None:
    found = first(tools, "=1/0")
    assert (found["kind"], found["value"]) == ("error", "#DIV/0!")
    assert found["gaps"]


def test_a_number_that_no_cell_holds_is_told_with_a_reason(tools: Tools) -> None:
    found = first(tools, "=1E400")
    assert found["value"] in (None, "#NUM!")  # refused, or an error: never infinity
    assert found["gaps"]


def test_a_source_that_goes_away_is_told_in_every_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [f"2026-01-{day:02},{100 + day},{50 + day}\n" for day in (5, 6, 7, 8, 9)]
    (tmp_path / "p.csv").write_text(f"Date,AAA,SAP.DE\n{''.join(days)}", "utf-8")
    held = Tools(Session(f"folder:{tmp_path}", "en"))
    answer = ask(held, "evaluate", formulas=['=PX_CLOSE("AAA")', '=PX_CLOSE("SAP.DE")'])
    assert [found["calls"][0]["exchange"] for found in answer["results"]] == ["XNYS", "XETR"]
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    (tmp_path / "p.csv").unlink()
    for _ in range(3):  # a file that is being saved is away for a moment
        answer = ask(held, "evaluate", formulas=['=PX_CLOSE("AAA")'])
    assert answer["results"][0]["value"] == 109
    assert "cannot be read any more" in answer["data_remarks"][0]


@pytest.mark.parametrize("asof", ["2026-02-16x", "soon", "2026-02-30", "99999-01-01", "2026-13-01", "01/02/2026"])
def test_what_is_no_date_is_refused(tools: Tools, asof: str) -> None:
    with pytest.raises(BadArgument):
        ask(tools, "evaluate", formulas=["=RS_STREAK()"], asof=asof)


@pytest.mark.parametrize("asof", ["2031-01-01", "9999-12-31", "2019-01-01", "0001-01-01"])
def test_a_date_that_the_data_do_not_cover_is_refused(tools: Tools, asof: str) -> None:
    with pytest.raises(RotationError):
        ask(tools, "evaluate", formulas=["=RS_STREAK()"], asof=asof)
    found = first(tools, f'=RS_STREAK("RUT","SPX","{asof}")')
    assert found["kind"] == "error"
    assert found["gaps"][0]["reason"]


def test_nothing_after_the_servers_own_date_is_shown() -> None:
    held = Tools(Session("sample", "en", Session("sample").market("2026-01-14").asof))
    assert first(held, "=RS_STREAK()")["value"] == 9
    assert ask(held, "list_data")["last"] == "2026-01-14"
    with pytest.raises(NoData):
        ask(held, "evaluate", formulas=["=RS_STREAK()"], asof="2026-01-16")
    assert first(held, '=RS_STREAK("RUT","SPX","2026-01-16")')["kind"] == "error"


def test_the_name_of_the_state_is_that_of_the_content(tools: Tools) -> None:
    again = Tools(Session("sample", "en"))
    state = ask(tools, "list_data")["state"]
    assert ask(again, "list_data")["state"] == state
    assert ask(tools, "evaluate", formulas=["=1"])["state"] == state


HOSTILE = [
    "",
    "=",
    "=1+",
    "=" + "(" * 4000 + "1" + ")" * 4000,
    "=" + "+".join(["1"] * 4000),
    "=A1",
    "=SUM(A:XFD)",
    "=SUM('C:\\x\\[y.xlsx]Sheet1'!A1)",
    "='file:///etc/passwd'#$Sheet1.A1",
    '=WEBSERVICE("http://localhost/")',
    '=HYPERLINK("file:///etc/passwd","x")',
    '=CALL("kernel32","Beep","JJJ",1,1)',
    '=cmd|"/c calc"!A1',
    '=INDIRECT("A1")',
    '=INDIRECT("[/etc/passwd]x!A1")',
    '=RTD("a",,"b")',
    '=PY("import os")',
    '=REGISTER.ID("a","b")',
    '=PX_RET("../../etc/passwd")',
    '=PX_RET("folder:/etc")',
    '=XLR_SOURCE("/etc/passwd")',
    '=PX_RET("\x00\ud800")',
    '=PX_RET("' + "x" * 8000 + '")',
    "=RAND()",
    "=NOW()",
    "=PX_RET({" + ",".join(['"XLK"'] * 900) + "})",
    "=SEQUENCE(1048576,16384)",
    "=PX_RET(SEQUENCE(100,100))",
    '=REPT("x",1000000)',
    "=\u202e1+1",
    "'=1",
]


@pytest.mark.parametrize("formula", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_formula_has_an_answer_within_bounds(tools: Tools, formula: str) -> None:
    (found,) = ask(tools, "evaluate", formulas=[formula])["results"]
    text = json.dumps(found, ensure_ascii=False)
    assert "root:" not in text
    if found["kind"] in ("refused", "error"):
        assert found["gaps"][0]["reason"]


def test_a_table_that_is_too_long_says_what_is_left_out(tools: Tools) -> None:
    found = first(tools, "=SEQUENCE(200000)")
    assert found["rows"] == 200000
    assert len(found["value"]) < 200000
    assert "of 200000 rows" in found["cut"]
    wide = first(tools, "=SEQUENCE(1,16384)")
    assert (wide["value"], wide["columns"]) == ([], 16384) or len(wide["value"][0]) == 16384


def test_formulas_share_the_bound_of_an_answer(tools: Tools) -> None:
    answer = ask(tools, "evaluate", formulas=["=SEQUENCE(20000)"] * MOST_FORMULAS)
    assert len(json.dumps(answer)) < 3 * bounded.MOST
    assert all(found["cut"] for found in answer["results"])


def test_hundreds_of_calls_are_not_all_told(tools: Tools) -> None:
    found = first(tools, '=ROWS(MAP(SEQUENCE(300),LAMBDA(n,PX_RET("XLK",n&"D"))))')
    assert len(found["calls"]) < len(found["calls"]) + found["calls_left_out"] == 300


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("evaluate", {}, "lacks formulas"),
        ("evaluate", {"formulas": []}, "less than"),
        ("evaluate", {"formulas": "=1"}, "of the type array"),
        ("evaluate", {"formulas": [1]}, "of the type string"),
        ("evaluate", {"formulas": ["=1"] * (MOST_FORMULAS + 1)}, "more than"),
        ("evaluate", {"formulas": ["=" + "1" * LONGEST_FORMULA]}, "longer than"),
        ("evaluate", {"formulas": [[["=1"]]]}, "of the type string"),
        ("evaluate", {"formulas": ["=1"], "source": "folder:/etc"}, "does not take 'source'"),
        ("evaluate", {"formulas": ["=1"], "as_of": "2026-01-16"}, "does not take 'as_of'"),
        ("evaluate", {"formulas": ["=1"], "asof": 46000}, "of the type string"),
        ("list_data", {"limit": 10**9}, "more than"),
        ("list_data", {"offset": -1}, "less than"),
        ("list_data", {"limit": True}, "of the type integer"),
        ("search_functions", {"query": "x" * 10**6}, "longer than"),
        ("explain", {"path": "/etc/passwd"}, "does not take"),
        ("write_file", {}, "no tool"),
        ("x" * 10**6, {}, "no tool"),
    ],
)
def test_arguments_that_are_not_declared_are_refused(name: str, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(BadArgument, match=told) as raised:
        checked(name, arguments)
    assert len(str(raised.value)) < 500


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(TOOLS)),
    arguments=st.dictionaries(
        st.sampled_from(["formulas", "formula", "function", "query", "family", "limit", "asof", "lang", "report", "x"]),
        JSON_VALUES | st.lists(st.text(max_size=20), min_size=1, max_size=3),
        max_size=4,
    ),
)
def test_anything_is_answered_or_refused_with_a_sentence(name: str, arguments: dict[str, Any]) -> None:
    told = ""
    try:
        answer = Tools(Session("sample", "en")).call(name, checked(name, arguments))
        told = json.dumps(answer, allow_nan=False)
    except RotationError as error:
        told = str(error)
    assert told


def test_functions_are_found_in_both_languages(tools: Tools) -> None:
    found = ask(tools, "search_functions", query="streak")
    assert "RS_STREAK" in [item["name"] for item in found["functions"]]
    chinese = ask(tools, "search_functions", query="板块", lang="zh", limit=200)
    assert "ROT_SECTOR_RET" in [item["name"] for item in chinese["functions"]]
    every = ask(tools, "search_functions", limit=200)
    assert every["found"] == len(functions()) == len(every["functions"])
    some = ask(tools, "search_functions", limit=5)
    assert some["left_out"] == len(functions()) - 5


def test_a_function_is_explained(tools: Tools) -> None:
    for name in functions():
        found = ask(tools, "explain", function=name)
        assert found["signature"].startswith(name)
        assert len(found["arguments"]) == len(functions()[name].parameters)
    with pytest.raises(NoData, match="did you mean RS_STREAK"):
        ask(tools, "explain", function="RS_STREEK")
    with pytest.raises(BadArgument, match="either"):
        ask(tools, "explain")


def test_a_formula_is_explained_with_what_was_defaulted(tools: Tools) -> None:
    found = ask(tools, "explain", formula='=RS_STREAK("RUT",,"2026-01-14")')
    assert all(found[key] for key in EVERY)
    (call,) = found["calls"]
    told = {item["name"]: (item["given"], item["defaulted"]) for item in call["arguments"]}
    assert told == {"a": ("RUT", False), "b": (None, True), "asof": ("2026-01-14", False), "freq": (None, True)}
    assert [item["function"] for item in found["definitions"]] == ["RS_STREAK"]


def test_data_are_listed_page_by_page(tools: Tools) -> None:
    pages = [ask(tools, "list_data", offset=offset, limit=40) for offset in (0, 40, 80, 120)]
    tickers = [item["ticker"] for page in pages for item in page["symbols"]]
    assert tuple(tickers) == Session("sample").panel.symbols
    assert pages[0]["symbols_left_out"] == pages[0]["symbols_found"] - 40
    assert "XLK" in [item["ticker"] for item in ask(tools, "list_data", query="科技")["symbols"]]


def test_a_report_is_audited_as_by_the_command(tools: Tools, capsys: pytest.CaptureFixture[str]) -> None:
    found = ask(tools, "audit_report", report="market_breadth")
    main(["audit", "--source", "sample", "--lang", "en", "--json", "market_breadth"])
    (printed,) = json.loads(capsys.readouterr().out)
    assert {key: found[key] for key in printed} == printed
    with pytest.raises(BadArgument):
        ask(tools, "audit_report", report="/etc/passwd")


TEXT = "On 16 January 2026 the S&P 500 fell 0.06%. The thing that we follow rose 0.12% then. The VIX closed at 99.5."


def test_any_report_is_audited_by_its_text(tools: Tools) -> None:
    found = ask(tools, "audit_report", text=TEXT)
    told = [(one["number"], one["span"], one["verdict"]) for one in found["figures"]]
    assert told[0] == (1, "0.06%", "agrees")
    assert found["measured"] == len(told) == 3
    assert found["date"] == "2026-01-16"
    later = ask(tools, "audit_report", text=TEXT, first=3)
    assert [one["number"] for one in later["figures"]] == [3]
    again = ask(tools, "audit_report", text=TEXT.replace("On 16 January 2026 the", "The"), date="2026-01-16")
    assert again["figures"][0]["formula"] == found["figures"][0]["formula"]


def test_what_an_assistant_proposes_is_checked_and_accuses_nobody(tools: Tools) -> None:
    day = {"asof": "2026-01-16", "measure": "return", "window": "1D"}
    fits = {"number": 2, "subject": "^RUT", **day}
    found = ask(tools, "audit_report", text=TEXT, readings=[fits])["figures"]
    assert found[1]["verdict"] == "ambiguous"  # the rules read it otherwise: the proposal is only told
    assert 'PX_RET("^RUT","1D","2026-01-16")' in found[1]["note"]
    text = "16 January 2026. The valuation spread was 69.7%, that of another 12.34%."
    before = ask(tools, "audit_report", text=text)["figures"]
    assert all(one["formula"] == "" for one in before)
    share = {"subject": "sectors", "measure": "sector spread", "window": "1D", "asof": "2026-01-16"}
    proposed = [{"number": 1, **share}, {"number": 2, **share}]
    after = ask(tools, "audit_report", text=text, readings=proposed)["figures"]
    assert [one["formula"] for one in after] == ['=ROT_SECTOR_SPREAD("1D","2026-01-16")'] * 2
    assert after[1]["verdict"] == "ambiguous"  # never "differs"
    assert all("proposed" in one["note"] for one in after)


@pytest.mark.parametrize(
    "proposal",
    [
        {"subject": 'X",A1)&CALL("', "measure": "return"},
        {"subject": "^GSPC" * 40, "measure": "return"},
        {"subject": "^GSPC", "measure": "system"},
        {"subject": "^GSPC", "measure": "return", "window": '1D")+1/0+PX_RET("X'},
        {"subject": "^GSPC", "measure": "return", "asof": "yesterday"},
        {"subject": "^GSPC", "measure": "average", "n": -1},
        {"subject": "^GSPC", "measure": "average", "n": float("inf")},
        {"subject": "^GSPC", "measure": "return", "side": "UP"},
        {"subject": "^GSPC", "measure": "return", "formula": "=1"},
        {"subject": "^GSPC", "measure": "return", "number": 0},
        {"subject": "^GSPC", "measure": "flow"},
        {"subject": "^GSPC"},
    ],
)
def test_hostile_proposals_are_refused(tools: Tools, proposal: dict[str, Any]) -> None:
    with pytest.raises(BadArgument):
        ask(tools, "audit_report", text=TEXT, readings=[{"number": 1, "asof": "2026-01-16"} | proposal])


def test_proposals_are_bounded(tools: Tools) -> None:
    one = {"number": 1, "subject": "^RUT", "measure": "return", "window": "1D", "asof": "2026-01-16"}
    with pytest.raises(BadArgument):
        ask(tools, "audit_report", text=TEXT, readings=[one] * 101)
    found = ask(tools, "audit_report", text=TEXT, readings=[one | {"window": f"{n}D"} for n in range(2, 60)])
    assert len(found["figures"][0]["readings"]) <= 6
    with pytest.raises(BadArgument):
        ask(tools, "audit_report", text="5" * 100_001)
    with pytest.raises(BadArgument):
        ask(tools, "audit_report", text=TEXT, report="market_breadth")
    with pytest.raises(BadArgument):
        ask(tools, "audit_report", readings=[one])


def test_a_long_audit_says_where_it_was_cut(tools: Tools) -> None:
    text = "16 January 2026. " + "The S&P 500 rose 0.5%, the Nasdaq 0.4%. " * 300
    found = ask(tools, "audit_report", text=text)
    last = found["figures"][-1]["number"]
    assert last < found["measured"]
    assert str(last + 1) in found["cut"]


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(Opened("sample", "en", None, None), seconds=120.0)
    yield made
    made.close()


def asked(worker: Worker, formula: str) -> Any:
    given = checked("evaluate", {"formulas": [formula]})
    return worker.ask("evaluate", given, threading.Event())["results"][0]["value"]


ENDLESS = "=REDUCE(0,SEQUENCE(2000),LAMBDA(a,b,a+SUM(SEQUENCE(2000,2000))))"


def test_a_formula_without_end_is_ended_and_the_next_one_computed(worker: Worker) -> None:
    assert asked(worker, "=RS_STREAK()") == 1
    worker._seconds = 0.3
    with pytest.raises(Refused, match=r"more than 0\.3 seconds"):
        asked(worker, ENDLESS)
    worker._seconds = 120.0
    assert asked(worker, "=RS_STREAK()") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_a_formula_that_takes_all_memory_is_no_end_of_the_server() -> None:
    made = Worker(Opened("sample", "en", None, None, memory=100 << 20), seconds=300.0)
    try:
        # one array of this size may fit into memory that was freed before: several together cannot
        given = checked("evaluate", {"formulas": ["=LET(a,SEQUENCE(2000,2000),b,a+1,c,b*2,d,c-a,SUM(a,b,c,d))"]})
        (found,) = made.ask("evaluate", given, threading.Event())["results"]
        assert "memory" in found["gaps"][0]["reason"]
        assert asked(made, "=1+1") == 2
    finally:
        made.close()


def test_a_process_that_dies_within_a_call_is_replaced(worker: Worker) -> None:
    assert asked(worker, "=1+1") == 2
    threading.Timer(0.2, worker._process.kill).start()
    with pytest.raises(Refused, match="ended its process"):
        asked(worker, ENDLESS)
    assert asked(worker, "=1+1") == 2


def test_calls_beyond_those_that_may_wait_are_turned_away(worker: Worker) -> None:
    given_up = threading.Event()
    told: list[str] = []

    def wait() -> None:
        try:
            worker.ask("evaluate", checked("evaluate", {"formulas": [ENDLESS]}), given_up)
        except Refused as error:
            told.append(str(error))

    threads = [threading.Thread(target=wait) for _ in range(WAITING + 3)]
    for thread in threads:
        thread.start()
    for thread in threads[-3:]:
        thread.join(0.2)
    given_up.set()
    for thread in threads:
        thread.join(30)
    assert len(told) == WAITING + 3
    assert sum("too many" in text for text in told) == 3


def test_a_call_that_nobody_waits_for_is_given_up(worker: Worker) -> None:
    assert asked(worker, "=1+1") == 2
    given_up = threading.Event()
    threading.Timer(0.2, given_up.set).start()
    with pytest.raises(Refused, match="given up"):
        worker.ask("evaluate", checked("evaluate", {"formulas": [ENDLESS]}), given_up)


def test_a_source_that_is_not_there_is_told_by_each_call() -> None:
    made = Worker(Opened("folder:/nowhere/at/all", "en", None, None))
    try:
        with pytest.raises(Refused, match="nowhere"):
            asked(made, "=RS_STREAK()")
    finally:
        made.close()
    with pytest.raises(Refused, match="ends"):
        asked(made, "=1")
