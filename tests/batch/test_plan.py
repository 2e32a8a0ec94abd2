"""Plans: what a TOML file asks for, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.workbook.books import make_book
from xlrotation.batch.plan import read_plan
from xlrotation.errors import RotationError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "books").mkdir()
    for name in ("a.xlsx", "b.xlsx"):
        make_book(tmp_path / "books" / name, {"S": {"A1": 1}})
    (tmp_path / "books" / "~$a.xlsx").write_bytes(b"lock of Excel")
    (tmp_path / "books" / "note.txt").write_text("no workbook")
    return tmp_path


def plan(folder: Path, text: str):
    path = folder / "jobs.toml"
    path.write_text(text, "utf-8")
    return read_plan(path)


def test_books_by_dates_by_languages_by_inputs(folder: Path) -> None:
    found = plan(
        folder,
        """
        output = "out"
        source = "sample"
        formats = ["xlsx", "json", "pdf"]
        [[job]]
        books = ["books/*"]
        asof = ["2026-01-16", 2026-02-13]
        lang = ["en", "zh"]
        [job.inputs]
        symbol = ["RUT", "SPX"]
        "S!B1" = 3
        """,
    )
    assert found.output == str(folder / "out")
    assert len(found.jobs) == len({job.name for job in found.jobs}) == 2 * 2 * 2 * 2
    first = found.jobs[0]
    assert first.name == "2026-01-16/a-en-RUT"
    assert first.inputs == (("symbol", "RUT"), ("S!B1", 3))
    assert first.formats == ("pdf", "json")
    assert {job.asof for job in found.jobs} == {"2026-01-16", "2026-02-13"}
    assert {Path(job.book).name for job in found.jobs} == {"a.xlsx", "b.xlsx"}


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("week", ["2026-01-02", "2026-01-09", "2026-01-16", "2026-01-23", "2026-01-30", "2026-02-03"]),
        ("month", ["2026-01-30", "2026-02-03"]),
    ],
)
def test_spans_end_on_the_last_session_of_each_period(folder: Path, every: str, days: list[str]) -> None:
    span = f'asof = {{ from = 2026-01-01, to = "2026-02-03", every = "{every}" }}'
    found = plan(folder, f'output = "o"\n[[job]]\nbooks = "books/a.xlsx"\n{span}')
    assert [job.asof for job in found.jobs] == days


def test_spans_of_days_hold_sessions_only(folder: Path) -> None:
    span = "asof = { from = 2026-01-14, to = 2026-01-21 }"
    found = plan(folder, f'output = "o"\n[[job]]\nbooks = "books/a.xlsx"\n{span}')
    days = [dt.date.fromisoformat(job.asof or "") for job in found.jobs]
    assert [day.day for day in days] == [14, 15, 16, 20, 21]  # a weekend, and Martin Luther King's day


def test_addresses_stay_as_they_are(folder: Path) -> None:
    assert plan(folder, 'output = "s3://bucket/x"\n[[job]]\nbooks="books/a.xlsx"').output == "s3://bucket/x"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lacks output"),
        ('output = "o"', r"lacks \[\[job\]\]"),
        ('output = "o"\n[[job]]', "lacks books"),
        ('output = "o"\n[[job]]\nbooks = "none/*.xlsx"', "nothing matches 'none"),
        ('output = "o"\n[[job]]\nbooks = "books/note.txt"', "nothing matches"),
        ('output = "o"\n[[job]]\nbook = "books/a.xlsx"', "has 'book'; there are"),
        ('outputs = "o"\n[[job]]\nbooks = "books/a.xlsx"', "has 'outputs'"),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\nlang = "xq"', "lang: no language 'xq'; there are en"),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\nformats = ["doc"]', "formats has 'doc'"),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\nasof = "soon"', "asof: "),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\nasof = { from = 2026-01-17, to = 2026-01-19 }', "no session"),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\nkeep_formulas = "yes"', "keep_formulas is 'yes'"),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\nname = "{bok}"', "a field that is not there"),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\nname = "../{book}"', "no name below the output"),
        ('output = "o"\n[[job]]\nbooks = "books/*"\nname = "same"', "several jobs would write same"),
        ('output = "o"\n[[job]]\nbooks = "books/a.xlsx"\n[job.inputs]\nx = [[1]]', "inputs.x has"),
        ('output = "o', "cannot be read"),
        (r'output = "C:\Users\me"', "at line 1, column .*; in double quotes a backslash is no part of a path"),
        ('output = "o"\nsource = "folder:C:\\Data"', "at line 2, column .*; in double quotes a backslash"),
        (r'output = "C:\temp"', r"output is 'C:\\temp', which is no path; .*single quotes"),
        ('output = "o"\n[[job]]\nbooks = "books\\new.xlsx"', r"job.* 1: books is 'books\\new.xlsx', which is no path"),
        (
            'output = "o"\nsource = "folder:..\\raw"\n[[job]]\nbooks = "books/a.xlsx"',
            r"source is 'folder:..\\raw', which",
        ),
        ("output = " + "[" * 5000, "lists in lists"),
    ],
)
def test_mistakes_are_named(folder: Path, text: str, said: str) -> None:
    with pytest.raises(RotationError, match=said) as caught:
        plan(folder, text)
    assert "jobs.toml" in caught.value.message


def test_a_path_of_windows_in_single_quotes(folder: Path) -> None:
    found = plan(folder, "output = 'o'\nsource = 'folder:C:\\temp\\new'\n[[job]]\nbooks = 'books/a.xlsx'")
    assert str(found.jobs[0].source).endswith(r"C:\temp\new")


def test_a_missing_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(RotationError, match="no such file"):
        read_plan(tmp_path / "none.toml")


def test_values_cannot_leave_the_output(folder: Path) -> None:
    found = plan(folder, 'output = "o"\n[[job]]\nbooks = "books/a.xlsx"\n[job.inputs]\nx = ["../../e", "..", "{asof}"]')
    names = [job.name for job in found.jobs]
    assert names == ["newest/a-_.._e", "newest/a-_", "newest/a-_asof_"]


@pytest.mark.parametrize(
    ("book", "pattern", "name"),
    [
        ("CON.xlsx", "{book}", "_CON"),
        ("nul.v2.xlsx", "out/{book}", "out/_nul.v2"),
        ("a.xlsx", "aux/{book}", "_aux/a"),
        ("a.xlsx", "{book}./x", "a/x"),
        ("a..xlsx", "{book}", "a"),
    ],
)
def test_names_are_such_as_every_system_takes(tmp_path: Path, book: str, pattern: str, name: str) -> None:
    (tmp_path / book).write_bytes(b"")
    plan = tmp_path / "jobs.toml"
    plan.write_text(f'output = "o"\n[[job]]\nbooks = "{book}"\nname = "{pattern}"\n', "utf-8")
    (job,) = read_plan(plan).jobs
    assert job.name == name


def test_a_long_name_is_cut(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    plan = tmp_path / "jobs.toml"
    long = "长" * 200
    text = 'output = "o"\n[[job]]\nbooks = "a.xlsx"\nname = "{book}-{x}"\n'
    plan.write_text(f'{text}inputs.x = ["{long}a", "{long}b"]\n', "utf-8")
    names = [job.name for job in read_plan(plan).jobs]
    assert len(set(names)) == 2
    assert all(len(f"{name}.report.json".encode()) <= 255 for name in names)


@pytest.mark.parametrize("names", [("same", "SAME"), ("x", "x.report")])
def test_names_that_one_file_would_have(tmp_path: Path, names: tuple[str, str]) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    plan = tmp_path / "jobs.toml"
    plan.write_text('output = "o"\n' + "".join(f'[[job]]\nbooks = "a.xlsx"\nname = "{name}"\n' for name in names))
    with pytest.raises(RotationError, match="several jobs would write"):
        read_plan(plan)


def test_a_plan_that_an_editor_marked_as_unicode(tmp_path: Path) -> None:
    make_book(tmp_path / "book.xlsx", {"S": {"A1": 1}})
    plan = tmp_path / "plan.toml"
    plan.write_text('output = "out"\n[[job]]\nbooks = ["book.xlsx"]\n', encoding="utf-8-sig")
    assert [job.name for job in read_plan(plan).jobs] == ["newest/book"]
