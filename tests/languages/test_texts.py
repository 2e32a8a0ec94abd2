"""Every text has its translation, and every translation its text."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import xlrotation
from xlrotation.errors import BadArgument, CellError
from xlrotation.fronts import collection
from xlrotation.functions.boundary.failures import Failure
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.boundary.words import word
from xlrotation.languages import ENGLISH, Text, alternatives, catalogues, known, listed, po, spoken
from xlrotation.languages.places import misfit
from xlrotation.market.providers.sample import NOTICE
from xlrotation.market.symbols import NAME

PACKAGE = Path(xlrotation.__file__).parent
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]+")

DATA = {
    *(
        "market/symbols.py",
        "market/sectors.py",
        "market/universes.py",
        "market/abroad.py",
        "market/ownlists.py",
        "market/spelling.py",
    ),  # names, understood and shown
    *(
        "market/dates.py",
        "market/windowwords.py",
        "workbook/natives/dates.py",
        "workbook/evaluation/values.py",
    ),  # dates
    *("workbook/evaluation/numberformat.py", "workbook/evaluation/dateformat.py"),  # formats of cells
    *(f"market/providers/folder/{name}.py" for name in ("headers", "layouts", "optiontables", "pricetables")),  # heads
    *(f"market/providers/folder/{name}.py" for name in ("tables", "rows", "moments", "headwords")),  # cells and heads
    *(
        f"market/providers/folder/{name}.py"
        for name in ("melted", "peeking", "headremedies", "filenames", "quoteheads", "calendars")
    ),  # heads, names of files, dates
    "market/signs.py",  # names of what may be negative
    *(
        f"functions/auditing/{name}.py"
        for name in (
            *(
                "arithmetic",
                "audit",
                "binding",
                "counted",
                "days",
                "figures",
                "measure",
                "names",
                "notmeasured",
                "numerals",
            ),
            *("prose", "reportdate", "signs", "standing", "started", "subject", "tables", "when", "words"),
            *(
                "clauses",
                "members",
                "clock",
                "companies",
                "dayof",
                "held",
                "left",
                "reach",
                "spreads",
                "standsin",
                "unknown",
                "usual",
            ),
        )
    ),  # the language of reports
    "audits/papers.py",  # the signs by which a text's coding is told
}
"""Modules whose Chinese is understood, not shown."""

INPUTS = {
    "functions/boundary/kinds.py": {"科技"},
    "functions/boundary/reasontexts.py": {"科技"},
    "functions/families/xlr/library.py": {"罗素"},
    "functions/families/rot/rotation.py": {"科技"},
    "functions/boundary/advice.py": {"＂"},
    "workbook/formulas/tokens.py": {"，；"},
}
"""What an analyst may type, in an example, as advice, or by mistake."""


def test_chinese_stands_in_its_file_alone() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): set(CHINESE.findall(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".csv", ".json", ".toml", ".txt", ".xml", ".md", ".html", ".js")
    }
    assert len(found) > 250
    shown = {name: texts - INPUTS.get(name, set()) for name, texts in found.items() if name not in DATA}
    assert {name: texts for name, texts in shown.items() if texts} == {}
    assert not [name for name in (*DATA, *INPUTS) if not found[name]]


@pytest.fixture(scope="module")
def texts() -> dict[tuple[str, str], str]:
    return collection.texts()


def test_every_text_has_its_chinese(texts: dict[tuple[str, str], str]) -> None:
    told = catalogues.catalogue("zh").texts
    assert [(key, place) for key, place in texts.items() if key not in told and key[0] != NAME] == []
    assert len(told) > 1200


def test_every_translation_has_its_text(texts: dict[tuple[str, str], str]) -> None:
    for lang in known()[1:]:
        assert [key for key in catalogues.catalogue(lang).texts if key not in texts] == []


def test_the_places_of_a_translation_are_those_of_its_text() -> None:
    checked = 0
    for lang in known()[1:]:
        for (_, text), told in catalogues.catalogue(lang).texts.items():
            if "{" in text:
                assert misfit(text, told) == "", text
                checked += 1
    assert checked > 50


def test_words_of_a_text_are_written_out() -> None:
    """Words that are put together could not be found by whoever collects them."""
    joined = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if name == "Text" and any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in node.args):
                joined.append((path.name, node.lineno))
    assert joined == []


def test_no_module_asks_which_language_it_is() -> None:
    asked = re.compile(r"""==\s*["'](zh|en)["']|["'](zh|en)["']\s*==|\bin \(["'](en|zh)["']""")
    found = [path.name for path in PACKAGE.rglob("*.py") if asked.search(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize("lang", known())
def test_the_notice_on_sample_data_is_known_by_how_it_begins(lang: str) -> None:
    """The front sheet of a report leaves it out of the sentences."""
    told = Text(NOTICE).into(lang)
    assert (told[:1].upper() + told[1:]).startswith(
        Text("Sample data", "how the notice on sample data begins").into(lang)
    )


def test_a_language_has_a_header() -> None:
    for lang in known()[1:]:
        header = catalogues.catalogue(lang).header
        assert header["language"].startswith(lang)
        assert "charset=UTF-8" in header["content-type"]
        assert header["x-names"]
        assert catalogues.plural(lang)(1) in (0, 1)


@pytest.mark.parametrize(
    ("template", "value", "told"),
    [
        ("{x:#day|days}", 1, "day"),
        ("{x:#day|days}", -1, "day"),
        ("{x:#day|days}", 0, "days"),
        ("{x:n} {x:#day|days}", 2.0, "2 days"),
        ("{x:#day}", 2, "day"),
        ("{{x}} {x}", 1, "{x} 1"),
        ("{x}", True, "True"),
        ("{x}", Text("none"), "none"),
        ("{x}", listed(["a", Text("b"), 3]), "a, b, 3"),
        ("{x}", alternatives(["a", "b", "c"]), "a, b or c"),
        ("{x}", alternatives(["a"]), "a"),
        ("{x}", listed([]), ""),
    ],
)
def test_places_are_filled(template: str, value: object, told: str) -> None:
    assert Text(template).into(ENGLISH, x=value) == told
    assert str(Text(template).of(x=value)) == told


def test_a_text_that_a_language_lacks_is_in_english_throughout() -> None:
    assert Text("{x:n} {x:#day|days} of {y}").of(x=2, y=listed(["a", "b"])).into("zh") == "2 days of a, b"
    assert Text("no such text").into("zh") == "no such text"
    assert word("none", "zh") == "无"
    assert word("no such word", "zh") == "no such word"
    assert Text("Language of words: {known}. Blank: as in the settings.").into(
        "zh", known=alternatives(["en", "zh"])
    ) == ("文字语言：en或zh；留空按设置。")


@pytest.fixture
def language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Write the header of a language file beside the others."""

    def write(code: str, header: str) -> None:
        (tmp_path / f"{code}.po").write_text(po.written([po.Entry("", "", header)]), "utf-8")
        catalogues.forget()

    monkeypatch.setattr(catalogues, "FOLDERS", [*catalogues.FOLDERS, tmp_path])
    yield write
    monkeypatch.undo()
    catalogues.forget()


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("plural=system(1);", "unexpected token|invalid token"),
        ("nplurals=2; plural=n/0;", "no form for 0"),
        ("nplurals=2; plural=10%(n-11);", "no form for 11"),
        ("nplurals=2; plural=n==1 ? 0 : 2;", "0 has form 2, and there are 2"),
        ("nplurals=2; plural=n%1000000;", "2 has form 2"),
        (f"nplurals=2; plural={'(' * 300}n{')' * 300};", "too complex"),
    ],
)
def test_plural_forms_that_are_none_are_told(language: Callable[[str, str], None], rule: str, why: str) -> None:
    language("xx", f"Plural-Forms: {rule}\n")
    with pytest.raises(BadArgument, match=f"Plural-Forms of language xx cannot be read: .*({why})"):
        catalogues.plural("xx")


@pytest.mark.parametrize(
    ("rule", "forms"),
    [
        ("", {0: 1, 1: 0, 5: 1}),
        ("nplurals=1; plural=0;", {0: 0, 1: 0, 10**9: 0}),
        ("nplurals=2; plural=n>1;", {0: 0, 1: 0, 2: 1}),
        ("nplurals=3; plural=n==1 ? 0 : n!=0 && n%1000000==0 ? 1 : 2;", {1: 0, 2: 2, 5 * 10**6: 1}),
    ],
)
def test_plural_forms_are_those_of_the_rule(
    language: Callable[[str, str], None], rule: str, forms: dict[int, int]
) -> None:
    language("xx", f"Plural-Forms: {rule}\n" if rule else "Language: xx\n")
    assert {number: catalogues.plural("xx")(number) for number in forms} == forms


@pytest.mark.parametrize("names", ["中文", "Xish, chinese", "ENGLISH"])
def test_a_name_of_two_languages_means_neither(language: Callable[[str, str], None], names: str) -> None:
    language("xx", f"X-Names: {names}\n")
    taken = names.rpartition(", ")[2]
    with pytest.raises(BadArgument, match=f"'{taken}' is the name of (en|xx) and of (xx|zh); give the code of one"):
        spoken(taken)
    assert [spoken(code) for code in ("en", "xx", "zh", "zh-CN")] == ["en", "xx", "zh", "zh"]


def test_an_error_may_carry_a_text() -> None:
    error = BadArgument(Text("Figures: {verdict}").of(verdict=Text("agrees")))
    assert str(error) == error.message == "Figures: agrees"
    failures = [
        Failure(dt.datetime(2026, 1, 1), "F", "", error.cell_error, told) for told in (error.told, "in English")
    ]
    assert [failure.reason_in("zh") for failure in failures] == ["数字：一致", "in English"]
    assert [failure.reason for failure in failures] == ["Figures: agrees", "in English"]


def test_the_record_of_failures_is_told_in_the_language_asked_for() -> None:
    session = Session("sample", lang="en")
    session.failures.append(Failure(dt.datetime(2026, 1, 1), "F", "", CellError.VALUE, Text("no data")))
    assert session.call("XLR_ERRORS", 1, False, "zh")[0][4] == "无数据"
    assert session.call("XLR_ERRORS", 1, False)[0][4] == "no data"
