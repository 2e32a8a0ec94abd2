"""Batches from plan to results, on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.batch.helpers import reports, write_plan
from xlrotation.batch import run as batch
from xlrotation.batch.plan import read_plan
from xlrotation.cli import main


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
    path = write_plan(tmp_path, 1, f'source = "folder:{tmp_path / "none"}"')
    assert main(["batch", str(path)]) == 1
    assert "newest/b00: failed" in capsys.readouterr().err
    path = write_plan(tmp_path, 1, "[job.inputs]\nnone = 1")
    assert main(["batch", str(path)]) == 1
    assert "none" in capsys.readouterr().err


def test_a_batch_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed with its workers at any moment, it leaves whole results, and a second run does just the rest."""
    path = write_plan(tmp_path, 30, 'formats = "json"')
    command = [sys.executable, "-m", "xlrotation", "batch", str(path), "--workers", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    out = tmp_path / "out"
    deadline = time.monotonic() + 120
    while len(reports(out)) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = len(reports(out))
    assert done >= 5
    for book in out.rglob("*.xlsx"):
        with zipfile.ZipFile(book) as package:
            assert book.name.startswith(".") or package.testzip() is None
    tasks, summary = batch.missing(read_plan(path))
    assert len(summary.present) == done
    assert len(tasks) == 30 - done
    batch.run(tasks, summary, workers=2)
    assert not summary.failed
    assert len(reports(out)) == 30
