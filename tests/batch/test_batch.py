"""Batches from plan to results, on this machine."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import openpyxl
import pytest

from tests.batch.helpers import end, reports, whole_books, write_plan
from tests.conftest import panel_of
from tests.workbook.books import make_book
from xlrotation.batch import run as batch
from xlrotation.batch import work
from xlrotation.batch.plan import read_plan
from xlrotation.cli import main
from xlrotation.market.sources import open_source
from xlrotation.market.store.store import Store


def test_a_batch_and_its_second_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'asof = ["2026-01-16", "2026-02-13"]\nformats = ["csv", "json"]\n[job.inputs]\nwindow = ["5D", "20D"]'
    plan = str(write_plan(tmp_path, 2, text))
    assert main(["batch", plan, "--dry-run"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 8
    assert main(["batch", plan, "--workers", "2"]) == 0
    assert "8 jobs done, 0 there already, 0 failed" in capsys.readouterr().out
    out = tmp_path / "out"
    values = {
        path.stem: openpyxl.load_workbook(path)["S"]["A1"].value for path in sorted((out / "2026-01-16").glob("*.xlsx"))
    }
    assert set(values) == {"b00-5D", "b00-20D", "b01-5D", "b01-20D"}
    assert values["b00-5D"] == values["b01-5D"] != values["b00-20D"]
    assert (out / "2026-02-13/b00-5D-csv/S.csv").is_file()
    assert json.loads((out / "2026-02-13/b00-5D.json").read_text("utf-8"))["names"]["window"] == "5D"
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    assert main(["batch", plan]) == 0
    assert "0 jobs done, 8 there already, 0 failed" in capsys.readouterr().out
    assert stamps == {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    assert not list(out.rglob(".*"))


def test_only_what_is_missing_or_changed_is_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_plan(tmp_path, 3, 'formats = "json"')
    assert main(["batch", str(path), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["done"]) == {f"newest/b0{n}" for n in range(3)}
    before = {name: (tmp_path / "out/newest" / name).read_bytes() for name in ("b00.xlsx", "b00.json")}
    (tmp_path / "out/newest/b00.json").unlink()
    with zipfile.ZipFile(tmp_path / "books/b01.xlsx", "a") as package:
        package.writestr("customXml/item9.xml", "<changed/>")
    tasks, summary = batch.missing(read_plan(path))
    assert ([task.job.name for task in tasks], summary.present) == (["newest/b00", "newest/b01"], ["newest/b02"])
    assert main(["batch", str(path)]) == 0
    assert before == {name: (tmp_path / "out/newest" / name).read_bytes() for name in before}  # the same to the byte
    path.write_text(path.read_text("utf-8").replace('"json"', '"csv"'), "utf-8")
    assert len(batch.missing(read_plan(path))[0]) == 3
    assert batch.missing(read_plan(path), again=True)[1].present == []


def test_a_broken_job_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_plan(tmp_path, 3)
    good = (tmp_path / "books/b01.xlsx").read_bytes()
    (tmp_path / "books/b01.xlsx").write_bytes(good[:500])
    assert main(["batch", str(path), "--workers", "2"]) == 1
    said = capsys.readouterr()
    assert "2 jobs done, 0 there already, 1 failed" in said.out
    assert "newest/b01: failed" in said.err
    found = reports(tmp_path / "out")
    assert [bool(report["failed"]) for report in found.values()] == [False, True, False]
    (tmp_path / "books/b01.xlsx").write_bytes(good)
    assert main(["batch", str(path)]) == 0
    assert "1 jobs done, 2 there already, 0 failed" in capsys.readouterr().out


def test_sources_and_inputs_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_plan(tmp_path, 1, 'source = ["x"]')
    assert main(["batch", str(path)]) == 2
    assert "source is" in capsys.readouterr().err
    path = write_plan(tmp_path, 1, f"source = 'folder:{tmp_path / 'none'}'")
    assert main(["batch", str(path)]) == 1
    assert "newest/b00: failed" in capsys.readouterr().err
    path = write_plan(tmp_path, 1, "[job.inputs]\nnone = 1")
    assert main(["batch", str(path)]) == 1
    assert "none" in capsys.readouterr().err


@pytest.mark.long
def test_a_batch_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed with its workers at any moment, it leaves whole results, and a second run does just the rest."""
    path = write_plan(tmp_path, 30, 'formats = "json"')
    command = [sys.executable, "-m", "xlrotation", "batch", str(path), "--workers", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    out = tmp_path / "out"
    deadline = time.monotonic() + 120
    while len(reports(out)) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    end(process)
    done = len(reports(out))
    assert done >= 5
    assert whole_books(out) >= done
    tasks, summary = batch.missing(read_plan(path))
    assert len(summary.present) == done
    assert len(tasks) == 30 - done
    batch.run(tasks, summary, workers=2)
    assert not summary.failed
    assert len(reports(out)) == 30


def test_new_option_chains_make_results_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function reads more than prices: whatever of it changes in a store, the job is done again."""
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    sample = open_source("sample").panel()
    day = sample.chains.days("^GSPC")[-1]
    first = sample.chains.chain("^GSPC", day)
    assert first is not None
    store = Store("desk")
    store.write_together(sample, chains=[first], series={"UNRATE": sample.series["UNRATE"]})
    book = {"S": {"A1": f'=VOL_IMPLIED("SPX","1M","{day}")', "A2": '=INDEX(MAC_SERIES("UNRATE",,,FALSE),1,2)'}}
    path = write_plan(tmp_path, 0, 'source = "store:desk"')
    make_book(tmp_path / "books/b00.xlsx", book)

    def value() -> object:
        assert main(["batch", str(path), "--workers", "1"]) == 0
        assert batch.missing(read_plan(path))[1].present == ["newest/b00"]
        return openpyxl.load_workbook(tmp_path / "out/newest/b00.xlsx")["S"]["A1"].value

    before = value()
    store.write_chains([replace(first, bid=first.bid * 1.5, ask=first.ask * 1.5)])
    assert [task.job.name for task in batch.missing(read_plan(path))[0]] == ["newest/b00"]
    assert value() > before * 1.2
    days, values = sample.series["UNRATE"]
    store.write_series({"UNRATE": (days, values + 1)})
    assert len(batch.missing(read_plan(path))[0]) == 1


def test_a_workbook_saved_while_the_batch_runs_is_not_mixed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_plan(tmp_path, 1)
    book, out = tmp_path / "books/b00.xlsx", tmp_path / "out/newest/b00.xlsx"
    planned = book.read_bytes()
    other = {"S": {"A1": '=PX_RET("XLK",B1,asof)', "B1": "20D", "A2": "=XLR_VERSION()", "C1": 46066}}

    def ran_over_another() -> list[str]:
        """What is missing after a run between whose planning and work the book was another, and then restored."""
        tasks, summary = batch.missing(read_plan(path), again=True)
        make_book(book, other, {"asof": "=S!$C$1", "window": "=S!$B$1"})
        batch.run(tasks, summary, workers=1)
        book.write_bytes(planned)
        return [task.job.name for task in batch.missing(read_plan(path))[0]]

    assert ran_over_another() == []
    assert openpyxl.load_workbook(out)["S"]["B1"].value == "5D"
    monkeypatch.setattr(batch, "_HELD", 0)  # no room to keep it: it is read again, and found to be another
    assert ran_over_another() == ["newest/b00"]
    assert "was changed after the batch was planned" in reports(tmp_path / "out")["newest/b00.report.json"]["failed"]


def test_the_language_of_the_environment_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_plan(tmp_path, 1)
    make_book(tmp_path / "books/b00.xlsx", {"S": {"A1": "=INDEX(XLR_HELP(),1,1)"}})
    monkeypatch.delenv("XLROTATION_LANG", raising=False)
    tasks, summary = batch.missing(read_plan(path))
    assert not batch.run(tasks, summary, workers=1).failed
    assert len(batch.missing(read_plan(path))[0]) == 0
    monkeypatch.setenv("XLROTATION_LANG", "zh")
    assert len(batch.missing(read_plan(path))[0]) == 1


def test_a_result_that_was_touched_or_half_replaced_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_plan(tmp_path, 1, 'formats = ["csv"]')
    assert main(["batch", str(path), "--workers", "1"]) == 0
    for result in sorted((tmp_path / "out").rglob("*.*")):
        if result.is_file() and not result.name.endswith(".report.json"):
            good = result.read_bytes()
            result.write_bytes(good[:-1])
            assert len(batch.missing(read_plan(path))[0]) == 1, result
            result.write_bytes(good)
    assert batch.missing(read_plan(path))[0] == []
    (task,) = batch.missing(read_plan(path), again=True)[0]

    class Killed(BaseException):
        pass

    monkeypatch.setattr("xlrotation.jobs.export", Mock(side_effect=Killed))
    with pytest.raises(Killed):
        work.do(task)
    assert len(batch.missing(read_plan(path))[0]) == 1  # its files may be those of the run that was killed


def test_no_result_replaces_a_workbook_of_the_batch(tmp_path: Path) -> None:
    path = write_plan(tmp_path, 2, 'name = "{book}"', output="books")
    good = {book: book.read_bytes() for book in (tmp_path / "books").iterdir()}
    tasks, summary = batch.missing(read_plan(path))
    assert tasks == []
    assert all("would be overwritten" in reason for reason in summary.failed.values())
    path.write_text(path.read_text("utf-8").replace("*.xlsx", "b00.xlsx").replace("{book}", "b01"), "utf-8")
    assert main(["batch", str(path), "--workers", "1"]) == 0  # b01 is no workbook of this batch
    assert good[tmp_path / "books/b00.xlsx"] == (tmp_path / "books/b00.xlsx").read_bytes()


def test_another_version_of_the_package_computes_anew_and_is_not_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_plan(tmp_path, 1)
    tasks, summary = batch.missing(read_plan(path))
    assert not batch.run(tasks, summary, workers=1).failed
    monkeypatch.setattr(work, "program", lambda: "another")
    assert len(batch.missing(read_plan(path))[0]) == 1
    assert "another version of xlrotation" in work.do(tasks[0]).failed


def test_workers_do_not_take_other_data_for_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches of one process whose source has the same text, but lies elsewhere, even with equal states' names."""
    when = dt.datetime(2026, 2, 13, 22, tzinfo=dt.UTC)
    for place, close in (("one", 100.0), ("two", 50.0)):
        folder = tmp_path / place
        folder.mkdir()
        monkeypatch.setenv("XLROTATION_HOME", str(folder))
        Store("w", now=when).write(panel_of({"XLK": [close, close * 1.25]}))
        make_book(folder / "b.xlsx", {"S": {"A1": '=PX_CLOSE("XLK")'}}, {})
        (folder / "jobs.toml").write_text('output = "out"\nsource = "store:w"\n[[job]]\nbooks = "b.xlsx"\n', "utf-8")
        tasks, summary = batch.missing(read_plan(folder / "jobs.toml"))
        assert not batch.run(tasks, summary, workers=2).failed
        assert openpyxl.load_workbook(folder / "out/newest/b.xlsx")["S"]["A1"].value == close * 1.25


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers share nothing")
def test_workers_share_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data are opened where workers are forked from, and by none of them."""
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    Store("w").write(panel_of({"XLK": [100.0, 101.0]}))
    make_book(tmp_path / "b.xlsx", {"S": {"A1": '=PX_CLOSE("XLK")'}}, {})
    plan = tmp_path / "jobs.toml"
    plan.write_text('output = "out"\nsource = "store:w"\n[[job]]\nbooks = "b.xlsx"\n', "utf-8")
    code = (
        "import os, sys; from pathlib import Path; from xlrotation.market.store.store import Store\n"
        "real = Store.read\n"
        "def read(self, *rest, **more):\n"
        "    print(os.getppid(), file=open('opened', 'a')); return real(self, *rest, **more)\n"
        "Store.read = read\n"
    )
    (tmp_path / "sitecustomize.py").write_text(code, "utf-8")
    command = [sys.executable, "-m", "xlrotation", "batch", str(plan), "--workers", "1"]
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    opened = (tmp_path / "opened").read_text("utf-8").split()
    assert len(opened) == 2  # by the command, and by what workers are forked from
