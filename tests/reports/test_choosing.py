"""Formulas that show a text in the language of a cell."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.workbook.books import make_book
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import Text, catalogues, po
from xlrotation.reports.choosing import expression, in_every, quoted
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook

BOOKS = Path(__file__).parents[2] / "workbooks"
TOLD = {
    "b then {a}": "{a} þa b",
    "{a} and {b}": "{b} ond {a}",
    "{a} or {b}!": "{a} oþþe {b}",
    'say "{a}"': 'cweð ""{a}""',
    "yes": "yes",
    "{verdict}: {a}": "{verdict} - {a}",
    "agrees": "geþwærað",
}


@pytest.fixture
def old_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third language that has these texts and no others."""
    entries = [po.Entry("", "", "Language: ang\n"), *(po.Entry("", text, told) for text, told in TOLD.items())]
    (tmp_path / "ang.po").write_text(po.written(entries), "utf-8")
    shutil.copy(catalogues.FOLDERS[0] / "zh.po", tmp_path)
    monkeypatch.setattr(catalogues, "FOLDERS", [tmp_path])
    catalogues.forget()
    yield
    monkeypatch.undo()
    catalogues.forget()


def shown(tmp_path: Path, formula: str, lang: str) -> object:
    book = make_book(tmp_path / "b.xlsx", {"S": {"A1": f"={formula}", "B1": lang}}, {"lang": "=S!$B$1"})
    return evaluate_workbook(book, Session("sample")).values["S"][1, 1]


@pytest.mark.usefixtures("old_english")
@pytest.mark.parametrize(
    ("text", "english", "third", "chinese"),
    [
        ("b then {a}", "b then A", "A þa b", "b then A"),
        ("{a} and {b}", "A and B", "B ond A", "A and B"),
        ("{a} or {b}!", "A or B!", "A oþþe B", "A or B!"),
        ('say "{a}"', 'say "A"', 'cweð ""A""', 'say "A"'),
        ("Source: {source}, to {day}", "Source: A, to B", "Source: A, to B", "来源：A，截至B"),
        ("{a}", "A", "A", "A"),
    ],
)
def test_a_sentence_is_whole_in_every_language(
    tmp_path: Path, text: str, english: str, third: str, chinese: str
) -> None:
    places = dict(zip(re.findall(r"\{(\w+)\}", text), ('UPPER("a")', "CHAR(66)"), strict=False))
    formula = expression(Text(text), **places)
    assert [shown(tmp_path, formula, lang) for lang in ("en", "ang", "zh")] == [english, third, chinese]


@pytest.mark.usefixtures("old_english")
def test_a_formula_chooses_among_the_languages_that_have_the_text() -> None:
    assert expression(Text("agrees")) == 'IF(lang="ang","geþwærað",IF(lang="zh","一致","agrees"))'
    assert expression(Text("differs")) == 'IF(lang="zh","不一致","differs")'
    assert expression(Text("no such text")) == '"no such text"'


def test_with_two_languages_words_are_chosen_place_by_place() -> None:
    made = expression(Text("Source: {source}, to {day}"), source="X", day="Y")
    assert made == 'IF(lang="zh","来源：","Source: ")&X&IF(lang="zh","，截至",", to ")&Y'
    assert expression(Text("{rows} x {columns} table"), rows="R", columns="C") == (
        'R&" x "&C&IF(lang="zh","表格"," table")'
    )


@pytest.mark.usefixtures("old_english")
def test_a_place_may_be_filled_by_a_text_or_for_each_language(tmp_path: Path) -> None:
    text = Text("{verdict}: {a}").of(verdict=Text("agrees"))
    formula = expression(text, a='"{}"'.format)
    assert [shown(tmp_path, formula, lang) for lang in ("en", "ang", "zh")] == [
        *("agrees: en", "geþwærað - ang", "agrees: en")
    ]


@pytest.mark.usefixtures("old_english")
def test_a_wording_that_languages_share_is_counted_once() -> None:
    assert in_every(Text("yes")) == ["yes", "是"]
    assert in_every(Text("no such text")) == ["no such text"]


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 510, 511])
def test_a_long_text_is_written_in_parts(tmp_path: Path, length: int) -> None:
    text = ('a"' * length)[:length]
    parts = re.findall(r'"((?:[^"]|"")*)"', quoted(text))
    assert "".join(parts).replace('""', '"') == text
    assert all(len(part.replace('""', '"')) <= 255 for part in parts)
    assert shown(tmp_path, f"{quoted(text)}&LEN({quoted(text)})", "en") == f"{text}{length}"


@pytest.mark.parametrize("path", sorted(BOOKS.glob("*.xlsx")), ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_no_formula_has_a_text_that_excel_refuses(path: Path) -> None:
    """A text in a formula has 255 characters at most."""
    seen = 0
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                formula = getattr(cell.value, "text", cell.value)
                if isinstance(formula, str) and formula.startswith("="):
                    texts = [text.replace('""', '"') for text in re.findall(r'"((?:[^"]|"")*)"', formula)]
                    seen += len(texts)
                    assert all(len(text) <= 255 for text in texts), (sheet.title, cell.coordinate)
    assert seen > 100
