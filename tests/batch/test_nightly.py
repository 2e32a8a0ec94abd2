"""Nights: what is remembered from run to run, what is new, what is kept, and the exit status of it."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import errno
import html.parser
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.batch.helpers import end
from tests.workbook.books import make_book
from xlrotation import files
from xlrotation.batch import work
from xlrotation.batch.lock import alone
from xlrotation.batch.plan import read_plan
from xlrotation.cli import main
from xlrotation.market.calendar import XNYS
from xlrotation.market.refresh.report import RefreshReport

SYMBOLS = ("AAPL", "MSFT", "XOM", "JPM", "PG", "KO", "GE", "IBM", "CAT", "MMM")


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are done in this process, and each run opens its sources anew, as another process does."""
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))

    def here(tasks: list[work.Task], *_: object) -> Any:
        work._LOCAL = threading.local()
        return ((task, work.do(task)) for task in tasks)

    monkeypatch.setattr("xlrotation.batch.pool.run", here)


def write_table(path: Path, symbols: tuple[str, ...] = SYMBOLS, sessions: int = 40, last: int = 50) -> None:
    days = XNYS.sessions_between(dt.date(2025, 11, 3), dt.date(2026, 2, 13))[:last][-sessions:]
    lines = [",".join(("Date", *symbols))]
    for row, day in enumerate(days):
        lines.append(",".join((str(day), *(f"{100 + row + 3 * place:.2f}" for place in range(len(symbols))))))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_desk(folder: Path, more: str = "", job: str = "") -> Path:
    """A plan with one workbook, of whose 24 formulas one shows an error that is known."""
    write_table(folder / "data/panel.csv")
    write_table(folder / "data/other.csv", ("HD",))
    cells = {f"A{n}": f'=PX_RET("{SYMBOLS[n % 10]}","{n}D")' for n in range(1, 23)}
    (folder / "books").mkdir(exist_ok=True)
    make_book(folder / "books/desk.xlsx", {"S": cells | {"B1": '=PX_CLOSE("HD")', "B2": '=PX_CLOSE("NOPE")'}})
    plan = folder / "jobs.toml"
    plan.write_text(
        f'output = "out"\nsource = "folder:data"\nformats = ["json"]\n{more}\n[[job]]\nbooks = "books/*.xlsx"\n{job}\n',
        "utf-8",
    )
    return plan


def results(folder: Path) -> dict[str, bytes]:
    """All results, but for the reports of the jobs and what stands beside them."""
    out = folder / "out"
    skipped = (".report.json", "-memory", ".eml")
    found = [path for path in out.rglob("*") if path.is_file() and not path.name.endswith(skipped)]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def summary(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    def run(plan: Path, *options: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        status = main(["batch", str(plan), "--summary", "json", *options])
        return status, json.loads(capsys.readouterr().out)

    return run


Run = Callable[..., tuple[int, dict[str, Any]]]


def test_trouble_is_repeated_until_somebody_knows_of_it(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path)
    first, again = summary(plan), summary(plan)
    assert first[0] == again[0] == 1
    assert first[1]["done"] == again[1]["present"] == ["newest/desk"]
    assert first[1]["new"] == again[1]["new"]
    assert [(e["sheet"], e["cell"], e["error"]) for e in again[1]["new"]["newest/desk"]] == [("S", "B2", "#N/A")]
    status, found = summary(plan, "--accept-errors")
    assert (status, found["known"], found["new"]) == (0, 1, {})
    before = (tmp_path / "out/jobs-memory").stat().st_mtime_ns
    assert summary(plan)[0] == 0
    assert (tmp_path / "out/jobs-memory").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        ("S!B2", 0),
        ("S!B2 #N/A", 0),
        ("S!A1:C9", 0),
        ("'S'!$B$2", 0),
        ("S!B:B", 0),
        ("s!2:2", 0),
        ("S!*", 0),
        ("*!B2", 0),
        ("B2", 0),
        ("#N/A", 0),
        ("S!B2 #VALUE!", 1),
        ("S!B3", 1),
        ("T!*", 1),
        ("S!C:D", 1),
        ("#REF!", 1),
    ],
)
@pytest.mark.parametrize("of_job", [False, True])
def test_what_a_plan_expects_is_not_new(tmp_path: Path, summary: Run, expected: str, status: int, of_job: bool) -> None:
    line = f'expected = ["{expected}"]'
    plan = write_desk(tmp_path, "" if of_job else line, line if of_job else "")
    found = summary(plan)
    assert found[0] == status
    assert found[1]["gone"] == ([expected] if status else [])


@pytest.mark.parametrize("text", ["S!", "", "S!B", "S!B2:", "#WHAT", "S!B2:9", "S!2", "S!B2 N/A", "B0"])
def test_what_expects_nothing_is_a_mistake_of_the_plan(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = write_desk(tmp_path, f'expected = ["{text}"]')
    assert main(["batch", str(plan)]) == 2
    assert "expected: " in capsys.readouterr().err


def test_an_error_that_moves_or_vanishes_or_has_another_reason(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path)
    assert summary(plan, "--accept-errors")[0] == 0
    book = tmp_path / "books/desk.xlsx"
    make_book(book, {"S": {"A1": '=PX_CLOSE("HD")', "B3": '=PX_CLOSE("NOPE")'}})
    status, found = summary(plan)
    assert status == 1
    assert [e["cell"] for e in found["new"]["newest/desk"]] == ["B3"]
    assert found["gone"] == ["newest/desk: S!B2 #N/A"]
    make_book(book, {"S": {"A1": '=PX_CLOSE("HD")', "B2": '=PX_CLOSE("HD","1999-01-04")'}})
    assert summary(plan)[0] == 1  # the same error value in the same cell, for another reason
    make_book(book, {"S": {"A1": '=PX_CLOSE("HD")'}})
    status, found = summary(plan)
    assert (status, found["gone"]) == (0, ["newest/desk: S!B2 #N/A"])


def test_what_is_accepted_holds_on_other_dates(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path, "", 'asof = "2026-01-09"')
    assert summary(plan, "--accept-errors")[0] == 0
    plan.write_text(plan.read_text("utf-8").replace("2026-01-09", "2026-01-12"), "utf-8")
    status, found = summary(plan)
    assert (status, found["done"], found["known"]) == (0, ["2026-01-12/desk"], 1)


def damage(folder: Path, how: str) -> None:
    panel = folder / "data/panel.csv"
    if how == "random":
        panel.write_bytes(np.random.default_rng(5).bytes(20_000))
    elif how == "gone":
        panel.unlink()
    elif how == "empty":
        panel.write_bytes(b"")
    elif how == "head alone":
        panel.write_text("Date," + ",".join(SYMBOLS) + "\n")
    elif how == "60 % fewer symbols":
        write_table(panel, SYMBOLS[:4])
    elif how == "60 % fewer days":
        write_table(panel, sessions=16)
    elif how == "went back":
        write_table(panel, last=45)
        write_table(folder / "data/other.csv", ("HD",), last=45)
    elif how == "blank cells":
        lines = panel.read_text("utf-8").splitlines()
        blank = [line.split(",")[0] + "," * len(SYMBOLS) for line in lines[1:-1]]
        panel.write_text("\n".join([lines[0], *blank, lines[-1]]))


HOWS = (
    *("random", "gone", "empty", "head alone", "60 % fewer symbols", "60 % fewer days", "went back", "blank cells"),
)


@pytest.mark.parametrize("how", HOWS)
def test_a_source_that_lost_its_content_leaves_the_last_good_report(tmp_path: Path, summary: Run, how: str) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    assert summary(plan)[0] == 0
    good = results(tmp_path)
    tables = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (tmp_path / "data").iterdir()}
    damage(tmp_path, how)
    for _ in range(2):  # the next night it is as bad
        status, found = summary(plan)
        assert status == 1
        assert list(found["failed"]) == ["newest/desk"]
        assert "The last good report stays" in found["failed"]["newest/desk"]
        assert found["lost"]
        assert results(tmp_path) == good
    report = json.loads((tmp_path / "out/newest/desk.report.json").read_text("utf-8"))
    assert report["failed"]
    assert report["kept"]["asof"] == "2026-01-14"
    if how == "random":
        assert "panel.csv" in report["data"]["unread"][0]
        assert any("panel.csv" in text for text in next(iter(found["data"].values()))["unread"])
    for path, (content, stamp) in tables.items():
        path.write_bytes(content)
        os.utime(path, ns=(stamp, stamp))
    status, found = summary(plan)
    assert (status, found["present"]) == (0, ["newest/desk"])  # nothing to do: the last good report has stayed
    assert not json.loads((tmp_path / "out/newest/desk.report.json").read_text("utf-8"))["failed"]


def test_a_loss_that_is_meant_is_accepted(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path)
    summary(plan)
    damage(tmp_path, "60 % fewer symbols")
    assert summary(plan)[0] == 1
    status, found = summary(plan, "--accept-errors")
    assert (status, found["failed"], found["done"]) == (0, {}, ["newest/desk"])
    assert summary(plan)[0] == 0


def test_small_losses_are_told_and_slow_ones_add_up(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path, "[bounds]\nlost = 0.3")
    text = plan.read_text("utf-8").replace("[bounds]\nlost = 0.3\n", "") + "[bounds]\nlost = 0.3\n"
    plan.write_text(text.replace("[[job]]", 'expected = ["#N/A"]\n[[job]]'), "utf-8")
    assert summary(plan)[0] == 0
    write_table(tmp_path / "data/panel.csv", SYMBOLS, 39)
    assert summary(plan)[0] == 0  # a window that rolled
    write_table(tmp_path / "data/panel.csv", SYMBOLS[:9])
    for _ in range(2):
        status, found = summary(plan)
        assert (status, found["failed"]) == (1, {})
        assert "MMM" in next(iter(found["lost"].values()))[0]
    write_table(tmp_path / "data/panel.csv", SYMBOLS[:8])
    assert not summary(plan)[1]["failed"]
    write_table(tmp_path / "data/panel.csv", SYMBOLS[:6])
    status, found = summary(plan)
    assert list(found["failed"]) == ["newest/desk"]


def test_a_report_that_would_show_errors_where_values_were_is_not_put_in_its_place(
    tmp_path: Path, summary: Run
) -> None:
    """The loss is too small to be seen in the data, and yet all that the workbook asks for."""
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    write_table(tmp_path / "data/many.csv", tuple(f"Q{n}" for n in range(90)))
    assert summary(plan)[0] == 0
    good = results(tmp_path)
    (tmp_path / "data/panel.csv").unlink()
    status, found = summary(plan)
    assert status == 1
    assert "22 of 24 cells would show errors" in found["failed"]["newest/desk"]
    assert results(tmp_path) == good
    assert (
        json.loads((tmp_path / "out/newest/desk.report.json").read_text("utf-8"))["kept"]["errors"][0]["cell"] == "B2"
    )
    assert summary(plan)[0] == 1
    assert results(tmp_path) == good


def test_an_empty_source_on_the_first_night_is_no_measure(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    for path in (tmp_path / "data").iterdir():
        path.unlink()
    status, found = summary(plan)
    assert (status, list(found["failed"])) == (1, ["newest/desk"])
    assert results(tmp_path) == {}
    write_desk(tmp_path, 'expected = ["S!B2"]')
    assert summary(plan)[0] == 0


def test_bounds_of_age(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]', "[bounds]\nbehind = 3")
    status, found = summary(plan)
    assert status == 1
    assert "sessions behind, and the plan takes 3" in found["failed"]["newest/desk"]
    plan = write_desk(tmp_path, 'expected = ["S!B2"]', 'asof = "2026-01-09"\n[bounds]\nbehind = 3')
    status, found = summary(plan)
    assert (status, "stale" in found["subject"]) == (0, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[bounds]\nlost = 2", "lost is 2"),
        ("[bounds]\nerrors = true", "errors is True"),
        ("[bounds]\nbehind = 1.5", "behind is 1.5"),
        ("[bounds]\nlose = 0.1", "has 'lose'"),
        ("[[watch]]\nname = 'x'", "lacks formula"),
        ("[[watch]]\nformula = '=1'\nabove = 'x'", "above is 'x'"),
        ("[watch]\nformula = '=1'", "written as"),
        ("[[watch]]\nformula = '=1'\nasof = 'soon'", "watch]] 1: asof"),
        ('[mail]\nto = "a\\nBcc: b@c"', "mail: to holds"),
        ("[mail]\ncc = 'x'", "has 'cc'"),
        ("[mail]\nto = '<<<'", "no address"),
        ("[mail]\nfrom = 'bü@example.com'", "no address"),
        ("[mail]\nto = 'a b c'", "no address"),
        ("[refresh]\noptions = 1", "options is 1"),
    ],
)
def test_mistakes_in_settings_are_named(
    tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = write_desk(tmp_path, "", text)
    assert main(["batch", str(plan)]) == 2
    assert said in capsys.readouterr().err


def test_a_misspelt_path_is_one_failed_job(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    for name in ("boks/*.xlsx", "books/dsek.xlsx"):
        plan.write_text(plan.read_text("utf-8") + f'[[job]]\nbooks = "{name}"\nlang = ["en", "zh"]\n', "utf-8")
    status, found = summary(plan)
    assert (status, found["done"]) == (1, ["newest/desk"])
    assert list(found["failed"]) == ["[[job]] 2, boks/*.xlsx", "[[job]] 3, books/dsek.xlsx"]
    assert summary(plan)[0] == 1
    assert main(["batch", str(plan), "--dry-run"]) == 1


RULES = """
[[watch]]
name = "high"
formula = '=PX_CLOSE("HD")'
above = {above}
[[watch]]
formula = '=PX_CLOSE("HD")>1000'
"""


def test_a_watch_rule_that_fires(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]', RULES.format(above=100))
    status, found = summary(plan)
    assert status == 3
    assert [(rule["name"], rule["fired"]) for rule in found["watch"]] == [("high", True), ("watch 2", False)]
    assert "watch: high" in found["subject"]
    assert summary(plan)[0] == 3
    assert summary(write_desk(tmp_path, 'expected = ["S!B2"]', RULES.format(above=1e6)))[0] == 0


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("formula = '=PX_CLOSE(\"NOPE\")'\nabove = 1", "no symbol 'NOPE'"),
        ("formula = '=PX_CLOSE(\"HD\")'", "needs above or below"),
        ("formula = '=1=1'\nabove = 1", "no threshold"),
        ("formula = '={1,2}'\nabove = 1", "a table"),
        ("formula = '=\"x\"'\nabove = 1", "'x'"),
        ("formula = '=PX_CLOS(\"HD\")'\nabove = 1", "PX_CLOS"),
        ("formula = '=1+'\nabove = 1", "cannot be looked at"),
        ("formula = '=PX_CLOSE(\"HD\")'\nabove = 1\nsource = 'folder:none'", "none"),
    ],
)
def test_a_watch_rule_that_cannot_be_looked_at_is_trouble(tmp_path: Path, summary: Run, rule: str, said: str) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]', f"[[watch]]\n{rule}")
    status, found = summary(plan)
    assert status == 1
    assert said in found["watch"][0]["failed"] or said in "cannot be looked at"
    assert not found["watch"][0]["fired"]


def test_a_rule_is_not_looked_at_on_data_that_lost_their_content(tmp_path: Path, summary: Run) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]', RULES.format(above=100))
    assert summary(plan)[0] == 3
    damage(tmp_path, "random")
    status, found = summary(plan)
    assert status == 1
    assert all("The last good report stays" in rule["failed"] for rule in found["watch"])


HOSTILE = '<script>alert(1)</script>\r\nBcc: a@b\x1b[31m\u202e&"'


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize("form", ["text", "html", "json", "mail"])
def test_hostile_texts_stay_texts(tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    rule = f"[[watch]]\nname = {json.dumps(HOSTILE)}\nformula = '=TRUE'"
    plan = write_desk(tmp_path, "", f'{rule}\n[mail]\nto = "desk@example.com"\nfrom = "Büro <bot@example.com>"')
    make_book(tmp_path / "books/desk.xlsx", {"<b>&": {"A1": '=PX_CLOSE("<b>&x</b>")'}})
    assert main(["batch", str(plan), "--summary", form]) == 3
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said or form == "json"
    if form == "text":
        head, _, body = said.partition("\n\n")
        assert head.count("\n") == 0
        assert head.startswith("Subject: xlrotation jobs: watch: <script>")
        assert "\nBcc" not in body
    elif form == "html":
        page = _Tags()
        page.feed(said)
        assert page.tags == {"html", "head", "meta", "title", "body", "h1", "p", "h2", "ul", "li", "a"}
        assert "<b>&x" not in said
        assert page.links == [(tmp_path / "out/newest/desk.xlsx").as_uri()]
    elif form == "json":
        assert json.loads(said)["status"] == 3
    else:
        mail = email.message_from_string(said, policy=email.policy.default)
        assert set(mail) == {"Subject", "From", "To", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"}
        assert mail["Bcc"] is None
        assert mail["From"].addresses[0].display_name == "Büro"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_events_are_lines_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = write_desk(tmp_path)
    assert main(["batch", str(plan), "--log", "json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["started", "source", "job done", "new error", "finished"]
    assert all(line["time"].endswith("Z") for line in lines)
    assert lines[-1]["status"] == 1
    plan.write_text("output", "utf-8")
    assert main(["batch", str(plan), "--log", "json"]) == 2
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["status"], "cannot be read" in line["reason"]) == (2, True)


def test_a_night_refreshes_first_and_leaves_a_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def refresh(source: str, *_: object, **__: object) -> RefreshReport:
        asked.append(source)
        if len(asked) > 1:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return RefreshReport(source, message="3 symbols received", received=["XLK"], missing={"OLD": "gone"})

    monkeypatch.setattr("xlrotation.market.refresh.run.refresh", refresh)
    watch = "[[watch]]\nformula = '=PX_CLOSE(\"XLK\")'\nabove = 1\nsource = 'yahoo'"
    plan = write_desk(tmp_path, 'expected = ["S!B2"]', watch)
    assert main(["nightly", str(plan)]) == 1  # the store is empty, so the rule cannot be looked at
    said = capsys.readouterr().out
    assert said.startswith("Subject: ")
    assert "3 symbols received" in said
    assert "OLD: gone" in said
    mail = email.message_from_bytes((tmp_path / "out/jobs.mail.eml").read_bytes(), policy=email.policy.default)
    assert "1 watch rule not looked at" in mail["Subject"]
    assert main(["nightly", str(plan)]) == 1
    assert "refresh yahoo: Network is unreachable" in capsys.readouterr().out
    assert asked == ["yahoo", "yahoo"]
    assert main(["nightly", str(plan), "--no-refresh", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["present"] == ["newest/desk"]
    assert asked == ["yahoo", "yahoo"]


def test_a_damaged_memory_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = write_desk(tmp_path)
    main(["batch", str(plan)])
    memory = tmp_path / "out/jobs-memory"
    for text in ("", "{", "[]", '{"version": 9}', '{"version": 1, "sources": {"x": {"counts": 3}}, "accepted": {}}'):
        memory.write_text(text)
        assert main(["batch", str(plan)]) == 2
        assert "jobs-memory: is damaged" in capsys.readouterr().err
        assert memory.read_text() == text


def test_a_full_disk_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, summary: Run) -> None:
    """Whichever of the files is the first that finds no room, those of the last good report stay together."""
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    summary(plan)
    good = results(tmp_path)
    write_table(tmp_path / "data/panel.csv", sessions=41, last=51)
    write_table(tmp_path / "data/other.csv", ("HD",), sessions=41, last=51)
    created, ended = files._created, []
    for allowed in range(8):
        left = [allowed]

        def full(folder: Path, suffix: str, mode: int, left: list[int] = left) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
            return created(folder, suffix, mode)

        with monkeypatch.context() as patched:
            patched.setattr(files, "_created", full)
            ended.append(main(["batch", str(plan)]))
        now = results(tmp_path)
        changed = {name for name in now if now[name] != good[name]}
        assert changed in (set(), set(now)), allowed
        if changed:
            break
        assert ended[-1] in (1, 2), allowed
    assert len(ended) > 4  # the note of the job, its files where they are made, and where they go
    assert summary(plan)[0] == 0
    assert results(tmp_path) != good
    assert not list((tmp_path / "out").rglob(f"{files.TEMPORARY}*"))


def test_a_file_that_cannot_be_read_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, summary: Run) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    assert summary(plan)[0] == 0
    good = results(tmp_path)

    def refused(path: Path) -> Any:
        if Path(path).name == "panel.csv":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return files.open_regular(path)

    for module in ("tables", "peeking"):
        monkeypatch.setattr(f"xlrotation.market.providers.folder.{module}.open_regular", refused)
    status, found = summary(plan)
    assert (status, list(found["failed"])) == (1, ["newest/desk"])
    assert "panel.csv" in next(iter(found["data"].values()))["unread"][0]
    assert results(tmp_path) == good


def test_a_plan_and_paths_in_other_scripts(tmp_path: Path, summary: Run) -> None:
    folder = tmp_path / "夜间 报表"
    folder.mkdir()
    plan = write_desk(folder, 'expected = ["S!B2"]').rename(folder / "计划 é.toml")
    (folder / "books/desk.xlsx").rename(folder / "books/市场.xlsx")
    status, found = summary(plan)
    assert (status, found["done"]) == (0, ["newest/市场"])
    assert (folder / "out/计划 é-memory").is_file()
    assert main(["nightly", str(plan), "--summary", "mail"]) == 0
    assert (folder / "out/计划 é.mail.eml").is_file()


def test_a_folder_is_meant_from_where_the_plan_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, summary: Run
) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert summary(plan)[0] == 0


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
def test_the_zone_of_the_machine_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, summary: Run
) -> None:
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    assert summary(plan)[0] == 0
    monkeypatch.setenv("TZ", zone)
    if hasattr(time, "tzset"):
        time.tzset()
    try:
        status, found = summary(plan)
        assert (status, found["present"]) == (0, ["newest/desk"])
    finally:
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()


def test_one_run_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = write_desk(tmp_path)
    with alone(read_plan(plan)):
        assert main(["nightly", str(plan), "--no-refresh"]) == 2
        assert "another run of jobs is at work" in capsys.readouterr().err
        assert main(["batch", str(plan), "--log", "json"]) == 2
        assert json.loads(capsys.readouterr().err)["status"] == 2
        assert main(["batch", str(plan), "--dry-run"]) == 0
    assert main(["nightly", str(plan), "--no-refresh"]) == 1
    (tmp_path / "home/locks").rename(tmp_path / "home/moved")
    (tmp_path / "home/locks").touch()  # a data folder that takes no lock
    assert main(["nightly", str(plan), "--no-refresh"]) == 1
    assert (tmp_path / "out/jobs.lock").exists()


def test_a_night_that_is_killed_is_gone_on_with(tmp_path: Path, summary: Run) -> None:
    """Killed at whatever moment, it holds no lock, leaves whole files, and the next run does the rest."""
    plan = write_desk(tmp_path, 'expected = ["S!B2"]')
    for number in range(6):
        (tmp_path / f"books/more{number}.xlsx").write_bytes((tmp_path / "books/desk.xlsx").read_bytes())
    command = [sys.executable, "-m", "xlrotation", "nightly", str(plan), "--workers", "1", "--no-refresh"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not results(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.01)
    end(process)
    assert results(tmp_path)
    status, found = summary(plan)
    assert (status, len(found["done"]) + len(found["present"])) == (0, 7)
    assert {name.endswith((".xlsx", ".json")) for name in results(tmp_path)} == {True}


def test_links_of_a_mail_are_those_that_it_opens(tmp_path: Path) -> None:
    from xlrotation.batch.mail import _link

    place = tmp_path / 'a "b" <c>.xlsx'
    assert "<c>" not in _link(str(place))
    assert urllib.request.url2pathname(_link(str(place)).split('"')[1].removeprefix("file://")) == str(place)
    assert _link("s3://key:secret@bucket/x") == "s3://***@bucket/x"
    assert "javascript" not in _link("javascript:alert(1)").partition('href="')[2]
