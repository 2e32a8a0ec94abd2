"""A call, and all calls of an evaluation, see one state of the data, whatever is written meanwhile."""

from __future__ import annotations

import csv
import json
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from tests.batch.helpers import reports
from tests.conftest import FixedSource, panel_of
from tests.workbook.books import make_book
from xlrotation import jobs
from xlrotation.cli import main
from xlrotation.errors import CellError, NoData
from xlrotation.functions.boundary.answers import Answers
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market import sources
from xlrotation.market.panel import Panel
from xlrotation.market.sources import FolderSource, Pinned, StoreSource
from xlrotation.market.store.store import Store
from xlrotation.workbook.evaluation.evaluate import evaluate_formula, evaluate_workbook

SAMPLE = Session("sample").panel
N = 24


class Counting:
    """A source that counts how often it is asked and gives a new panel each time."""

    text = "test"

    def __init__(self, make: Callable[[int], Panel]) -> None:
        self.make = make
        self.asked = 0

    def panel(self) -> Panel:
        self.asked += 1
        return self.make(self.asked)

    def reload(self) -> None:
        pass


def scaled(panel: Panel, factor: float) -> Panel:
    fields = {name: values * factor if name == "close" else values for name, values in panel.fields.items()}
    return Panel(panel.days, panel.symbols, fields, "test", series=panel.series, chains=panel.chains)


@pytest.mark.parametrize("name", list(functions()))
def test_a_call_asks_the_source_once(name):
    source = Counting(lambda _: SAMPLE)
    session = Session(source)
    evaluate_formula(functions()[name].example, session)
    source.asked = 0
    session.call(name)
    assert source.asked == 1
    places = [place for place, parameter in enumerate(functions()[name].parameters) if parameter.kind.spills]
    for place in places:  # spilled over cells, still once
        source.asked = 0
        session.call(name, *[None] * place, [["XLK"], ["2026-01-16"], ["5D"]])
        assert source.asked == 1


def test_a_ratio_is_of_one_state():
    changing = Session(Counting(lambda n: grown(SAMPLE, 0.001 if n % 2 else 0.003)))
    fixed = [Session(FixedSource(grown(SAMPLE, growth))).call("ROT_RRG") for growth in (0.001, 0.003)]
    assert fixed[0] != fixed[1]
    for place in range(4):
        assert changing.call("ROT_RRG") == fixed[place % 2]


def grown(panel: Panel, growth: float) -> Panel:
    """*panel* with the sector funds pulled apart."""
    n = len(panel.days)
    pull = np.outer(np.arange(n), np.arange(len(panel.symbols)) % 3)
    return Panel(panel.days, panel.symbols, {"close": panel.fields["close"] * (1 + growth) ** pull}, "test")


def test_a_pinned_session_stays_and_shares_its_record():
    source = Counting(lambda n: panel_of({"A": [100.0 + n]}))
    session = Session(source)
    pinned = session.pinned()
    first = pinned.call("PX_CLOSE", "A")
    assert [pinned.call("PX_CLOSE", "A") for _ in range(3)] == [first] * 3
    assert session.call("PX_CLOSE", "A") != first
    assert pinned.pinned().call("PX_CLOSE", "A") == first
    pinned.source.reload()
    assert pinned.call("PX_CLOSE", "A") == first
    pinned.call("PX_CLOSE", "NONE")
    assert session.failures[-1].arguments == "'NONE'"
    session.pinned(apart=True).call("PX_CLOSE", "OTHER")
    assert session.failures[-1].arguments == "'NONE'"


def depth(error: BaseException) -> int:
    return len(traceback.extract_tb(error.__traceback__))


def test_a_reason_that_is_told_again_and_again_gathers_nothing():
    """Each raising of the same error would hold its frames, and all that they name."""

    def away(_: int) -> Panel:
        raise NoData("away")

    pinned = Session(Counting(away)).pinned()
    for count in range(50):
        pinned.call("PX_CLOSE", f"A{count}")
        pinned.call("XLR_SYMBOL", f"A{count}")
    with pytest.raises(NoData) as told:
        _ = pinned.panel
    assert depth(told.value) < 20

    sample = Session("sample").pinned()
    for _ in range(50):
        assert sample.call("VOL_IMPLIED", "XLK", "1M", None) is CellError.NA
        sample._snapshot.answers = Answers()
    kept = sample._snapshot.market(None)._remembered.values()
    assert [error for error in kept if isinstance(error, NoData)]
    assert all(depth(error) < 20 for error in kept if isinstance(error, NoData))


def test_what_cannot_be_read_stays_so_for_the_evaluation():
    def make(n: int) -> Panel:
        if n == 1:
            raise NoData("away")
        return panel_of({"A": [100.0]})

    session = Session(Counting(make))
    pinned = session.pinned()
    assert [pinned.call("PX_CLOSE", "A") for _ in range(2)] == [CellError.NA] * 2
    assert "away" in pinned.failures[-1].reason
    assert session.call("PX_CLOSE", "A") == 100.0
    with pytest.raises(NoData):
        Pinned.of(Counting(lambda _: make(1))).panel()


# what is written all the time


def store_writer(_: Path) -> tuple[str, Callable[[float], None]]:
    def write(close: float) -> None:
        Store("w").write(panel_of({f"S{i}": [99.0, close] for i in range(N)}))

    return "store:w", write


def folder_writer(folder: Path) -> tuple[str, Callable[[float], None]]:
    (folder / "data").mkdir()

    def write(close: float) -> None:
        with (folder / "data" / "w.csv.part").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["Date", *(f"S{i}" for i in range(N))])
            rows.writerow(["2026-02-12", *[99.0] * N])
            rows.writerow(["2026-02-13", *[close] * N])
            file.write("\n" * int(close * 10 % 7))  # another size: a change shows where times are coarse
        (folder / "data" / "w.csv.part").replace(folder / "data" / "w.csv")

    return f"folder:{folder / 'data'}", write


@pytest.fixture(params=[store_writer, folder_writer], ids=["store", "folder"])
def restless(request, tmp_path, monkeypatch):
    """A source to which something is written before each time that it is looked at."""
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sources, "_CHECK_SECONDS", 0.0)
    text, write = request.param(tmp_path)
    looks: list[float] = []

    def writing(real):
        def look(self, held):
            looks.append(100.0 + len(looks) % 9 / 10)
            write(looks[-1])
            return real(self, held)

        return look

    for kind in (StoreSource, FolderSource):
        monkeypatch.setattr(kind, "_look", writing(kind._look))
    return text, looks


@pytest.fixture
def book(tmp_path) -> Path:
    cells: dict[str, object] = {f"A{i + 1}": f'=PX_CLOSE("S{i}")' for i in range(N)}
    cells |= {"B1": f"=SUM(A1:A{N})", "B2": '=PX_CLOSE("S0")+0*B1', "B3": '=IF(PX_CLOSE("S1")=A1,"same","apart")'}
    return make_book(tmp_path / "book.xlsx", {"S": cells}, {})


def shown(path: Path) -> set[object]:
    sheet = openpyxl.load_workbook(path, data_only=True)["S"]
    closes = {sheet[f"A{i + 1}"].value for i in range(N)} | {sheet["B2"].value}
    assert len(closes) == 1
    assert sheet["B1"].value == pytest.approx(N * closes.copy().pop())
    assert sheet["B3"].value == "same"
    return closes


def test_the_source_really_changes(restless):
    session = Session(restless[0])
    assert len({session.call("PX_CLOSE", "S0") for _ in range(4)}) == 4


@pytest.mark.parametrize("keep", [False, True], ids=["values", "formulas"])
def test_an_export_sees_one_state_and_names_it(restless, book, tmp_path, keep):
    session = Session(restless[0])
    session.call("PX_CLOSE", "S0")
    report = jobs.export(book, tmp_path / "out", session, keep_formulas=keep, json=True)
    (close,) = shown(tmp_path / "out" / "book.xlsx")
    assert close == restless[1][-1]
    assert report.state
    assert json.loads((tmp_path / "out" / "book.json").read_text("utf-8"))["state"] == report.state
    if restless[0] == "store:w":
        panel = Store("w").read(report.state)
        assert panel.fields["close"][-1, 0] == close


def test_a_refresh_of_a_workbook_sees_one_state(restless, book):
    report = jobs.refresh_book(book, Session(restless[0]))
    shown(book)
    assert report.state


def test_a_command_sees_one_state_for_all_its_workbooks(restless, book, tmp_path, capsys):
    second = tmp_path / "second.xlsx"
    second.write_bytes(book.read_bytes())
    out = tmp_path / "out"
    assert main(["export", str(book), str(second), "--source", restless[0], "-o", str(out), "--json"]) == 0
    states = {report["state"] for report in json.loads(capsys.readouterr().out)}
    assert len(states) == 1
    assert shown(out / "book.xlsx") == shown(out / "second.xlsx")
    assert main(["refresh-book", str(book), str(second), "--source", restless[0]]) == 0
    assert f"data of state {max(states)}" not in (said := capsys.readouterr().out)
    assert said.count("data of state") == 2
    assert shown(book) == shown(second)


def test_a_formula_sees_one_state(restless, capsys):
    apart = "-".join(['MAX(PX_CLOSE("S0"),PX_CLOSE("S1"))', 'MIN(PX_CLOSE("S2"),PX_CLOSE("S3"))'])
    session = Session(restless[0])
    assert evaluate_formula(f"={apart}", session) == 0
    assert evaluate_formula('=PX_CLOSE("S0")-PX_CLOSE("S1")', session) == 0
    assert main(["eval", f"={apart}", "--source", restless[0]]) == 0
    assert float(capsys.readouterr().out) == 0


def test_a_workbook_that_is_evaluated_sees_one_state(restless, book):
    values = evaluate_workbook(book, Session(restless[0])).values["S"]
    assert len({values[row + 1, 1] for row in range(N)}) == 1


def test_the_status_of_a_symbol_is_that_of_one_state(restless, capsys):
    assert main(["status", "S0", "--source", restless[0], "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["S0"]
    assert rows[-1]["last"] == "2026-02-13"


@pytest.mark.usefixtures("book")
def test_a_batch_on_a_store_goes_on_with_the_state_that_it_was_planned_with(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    text, write = store_writer(tmp_path)
    write(100.0)
    plan = tmp_path / "jobs.toml"
    plan.write_text(
        f'output = "out"\nsource = "{text}"\n[[job]]\nbooks = "book.xlsx"\nasof = ["2026-02-13"]\n', "utf-8"
    )
    from xlrotation.batch import run, work
    from xlrotation.batch.plan import read_plan

    tasks, _ = run.missing(read_plan(plan))
    write(101.0)
    done = [work.do(task) for task in tasks]
    assert [report.failed for report in done] == [""]
    assert shown(tmp_path / "out" / "2026-02-13" / "book.xlsx") == {100.0}
    assert {report["state"] for report in reports(tmp_path / "out").values()} == {tasks[0].state}
    tasks, _ = run.missing(read_plan(plan))
    assert len(tasks) == 1
    work.do(tasks[0])
    assert shown(tmp_path / "out" / "2026-02-13" / "book.xlsx") == {101.0}


@pytest.mark.usefixtures("book")
def test_a_batch_on_a_folder_refuses_another_state_than_it_was_planned_with(tmp_path):
    from xlrotation.batch import run, work
    from xlrotation.batch.plan import read_plan

    text, write = folder_writer(tmp_path)
    write(100.0)
    plan = tmp_path / "jobs.toml"
    plan.write_text(f"output = 'out'\nsource = '{text}'\n[[job]]\nbooks = 'book.xlsx'\n", "utf-8")
    tasks, _ = run.missing(read_plan(plan))
    write(101.0)
    assert "not those that the batch was planned with" in work.do(tasks[0]).failed
    assert not list((tmp_path / "out").rglob("*.xlsx"))


def test_a_folder_that_changes_while_it_is_read_is_read_again_or_says_so(tmp_path, monkeypatch):
    from xlrotation.market.providers.folder.source import Reader

    text, write = folder_writer(tmp_path)
    write(100.0)
    real, loads = Reader.load, []

    def changing(times):
        def load(self, **how):
            panel = real(self, **how)
            loads.append(1)
            if len(loads) <= times:
                write(100.0 + len(loads) / 10)
            return panel

        return load

    monkeypatch.setattr(Reader, "load", changing(2))
    panel = FolderSource(text.removeprefix("folder:")).panel()
    assert (len(loads), panel.fields["close"][-1, 0], panel.remarks) == (3, 100.2, ())
    loads.clear()
    monkeypatch.setattr(Reader, "load", changing(10**6))
    panel = FolderSource(text.removeprefix("folder:")).panel()
    assert "changed while they were read" in panel.remarks[0]


# threads


def test_an_old_value_never_gets_into_a_new_snapshot():
    """A thread is stopped in the middle of a call; the data change; it goes on; nothing stale remains."""
    stopped, go_on = threading.Event(), threading.Event()
    panels = [panel_of({"A": [3.0]}), panel_of({"A": [99.0]})]

    class Source:
        text = "test"
        now = 0

        def panel(self) -> Panel:
            panel = panels[self.now]
            if threading.current_thread() is not threading.main_thread():
                stopped.set()
                go_on.wait(60)
            return panel

        def reload(self) -> None:
            pass

    source = Source()
    session = Session(source)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(session.call, "PX_CLOSE", "A")
        assert stopped.wait(60)
        source.now = 1
        assert session.call("PX_CLOSE", "A") == 99.0
        go_on.set()
        assert slow.result() == 3.0
    assert session.call("PX_CLOSE", "A") == 99.0
    assert session.call("PX_CLOSE", "A", "2026-02-13") == 99.0


def test_threads_get_whole_answers(restless):
    """Many threads, and a source that changes at each look: each answer is of one state, no call ends in a fault."""
    session = Session(restless[0])
    cells = [[f"S{i}"] for i in range(N)]

    def ask(n: int) -> set[object]:
        if n % 5 == 0:
            session.source.reload()
        if n % 3 == 0:
            session.call("PX_CLOSE", "NONE", n)
            return {len(session.call("XLR_ERRORS")) > 1}
        closes = session.call("PX_CLOSE", cells, None if n % 2 else "2026-02-13")
        return {row[0] for row in closes}

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(ask, range(60)):
            assert len(found) == 1
    assert all("internal" not in failure.reason for failure in session.failures)


def test_a_source_is_read_by_one_thread_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    _, write = store_writer(tmp_path)
    write(100.0)
    source = StoreSource("w")
    inside: list[int] = []
    real = Store.read

    def read(self, version=None, lazily=False):
        inside.append(len(inside))
        return real(self, version, lazily)

    monkeypatch.setattr(Store, "read", read)
    with ThreadPoolExecutor(8) as pool:
        panels = list(pool.map(lambda _: source.panel(), range(16)))
    assert len(inside) == 1
    assert len(set(map(id, panels))) == 1
