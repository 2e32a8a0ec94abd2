"""A third language is one file: nothing else knows of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xlrotation.fronts import collection
from xlrotation.languages import catalogues, po

ROOT = Path(__file__).parents[2]
LETTERS = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")
HEADER = """Language: xx_XX
Content-Type: text/plain; charset=UTF-8
Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 2 : 1);
X-Names: Xish, Lingua X
"""
OTHERS = {
    ("", "{title} · as of {day} · {source}"): "{source}: {day}, {title}",
    ("", "{size}, {style}"): "{style} < {size}",
    ("", "{role}: {said}"): "{said} ({role})",
    ("", "After {runs:n} earlier {runs:#run|runs} of five closes above 110 the S&P 500 moved {mean:%} in 126 sessions "
     "on average, up in {positive:.0%} of cases; its usual move is {usual:%}."):
        "{runs:n} {runs:#one|many|few}; {usual:%}, {mean:%}, {positive:.0%}",
    ("decimal point", "."): ",",
    ("between thousands", ","): ".",
    ("name of a language", "English"): "Ænglisc",
}  # fmt: skip
"""What another language says in another order, with forms and marks of its own."""

LEFT_OUT = ("", "Number of closes.")


def accented(text: str) -> str:
    """A text in a language that nobody speaks: every vowel outside its places has an accent."""
    parts = re.split(r"(\{\w+(?::[^?#}]+)?\}|\{\w+:[?#]|\|?\})", text)
    return "".join(part if part.startswith("{") else part.translate(LETTERS) for part in parts)


SCRIPT = """
import json, sys
from pathlib import Path
from xlrotation.languages import catalogues
catalogues.FOLDERS[:] = [Path(sys.argv[1])]  # English, Chinese and the new one, whatever there will be
from xlrotation import languages
from xlrotation.fronts import build, reference
from xlrotation.fronts.libreoffice import extension
from xlrotation.functions.boundary.registry import as_dict, functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.symbols import display_name
from xlrotation.reports import definition, market_breadth, small_value_rotation, liquidity_crossroads
from xlrotation.reports.templates import template_names
from xlrotation.workbook.evaluation.evaluate import evaluate_formula, evaluate_workbook

told = {"known": languages.known(), "names": []}
told["names"] += map(languages.language, ("xx", "xx-YY", "XISH", "lingua x", "Ænglisc"))
session = Session("sample", lang="Xish")
told["lang"] = session.lang
def ask(formula):
    return evaluate_formula("=" + formula, session)
told["cells"] = {f: ask(f) for f in sys.stdin.read().splitlines()}
told["rows"] = {
    f"REP_SUMMARY {lang}": session.call("REP_SUMMARY", "liquidity_crossroads", lang) for lang in languages.known()
}
told["name"] = [display_name("XLK", lang) for lang in languages.known()]
specs = list(functions().values())
told["pages"] = [name for name in build.generated() if name.endswith("/functions.md")]
told["page"] = reference.render_in("xx")[:60_000]
told["english page"] = reference.render()[:3000]
told["calc"] = extension.configuration(specs)
told["help"] = extension.texts(specs)["pxRet"]
told["dict"] = as_dict(functions()["PX_RET"])
folder = Path(sys.argv[1])
told["sheets"] = {}
for module in (market_breadth, small_value_rotation):
    book = folder / f"{module.__name__}.xlsx"
    definition.build(module.BOOK, book)
    for lang in languages.known():
        found = evaluate_workbook(book, session, {"lang": lang})
        told["sheets"][f"{module.__name__.rpartition('.')[2]} {lang}"] = {
            f"{sheet}!{row},{column}": str(value)
            for sheet, cells in found.values.items() for (row, column), value in cells.items()
        }
        told.setdefault("problems", []).extend(map(str, found.problems))
print(json.dumps(told, default=str))
"""
FORMULAS = """ROT_INTERPRET("WMT","20D")
ROT_MECH_LABEL()
VOL_BAND(45)
VOL_BAND(45,"zh")
VOL_BAND(45,"xx_XX.UTF-8")
VOL_BAND(45,"yy")
ROT_SECTOR_BEST("20D")
XLR_SYMBOL(ROT_SECTOR_BEST("20D"))
XLR_SYMBOL("téchnólógy")
XLR_SYMBOL("科技")
XLR_SYMBOL("nó súch")
XLR_HELP("PX_RET")
XLR_HELP("PX_MA")
XLR_FUNCTIONS("Prícés")
XLR_STATUS()
REP_CLAIMS("volatility_gap")
ROT_UNWIND()"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What everything says where a file ``xx.po`` lies beside the others."""
    folder = tmp_path_factory.mktemp("languages")
    entries = [po.Entry("", "", HEADER)]
    texts = (key for key in collection.texts() if key != LEFT_OUT)
    entries += [po.Entry(*key, OTHERS.get(key, accented(key[1]))) for key in texts]
    (folder / "xx.po").write_text(po.written(entries), "utf-8")
    shutil.copy(catalogues.FOLDERS[0] / "zh.po", folder)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        input=FORMULAS,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_is_known_by_its_code_and_names(told: dict[str, Any]) -> None:
    assert told["known"] == ["en", "xx", "zh"]
    assert told["names"] == ["xx", "xx", "xx", "xx", "en"]
    assert told["lang"] == "xx"


def test_functions_speak_it(told: dict[str, Any]) -> None:
    cells = told["cells"]
    assert re.fullmatch(
        r"strong gain, \d+,\d pp ahead of the S&P 500 \(defensive\)".translate(LETTERS).replace(r"\á", r"\a"),
        cells['ROT_INTERPRET("WMT","20D")'],
    )
    assert cells["ROT_MECH_LABEL()"].startswith(("méchánícál, ", "fúndáméntál, ", "míxéd, "))
    assert re.search(r"\(\d+/100, p = 0,\d\d\)$", cells["ROT_MECH_LABEL()"])
    assert cells["VOL_BAND(45)"] == cells['VOL_BAND(45,"xx_XX.UTF-8")'] == "éxtrémé"
    assert cells['VOL_BAND(45,"zh")'] == "极端恐慌"
    assert cells['VOL_BAND(45,"yy")'] == "#VALUE!"
    assert cells['ROT_SECTOR_BEST("20D")'].translate(LETTERS) == cells['ROT_SECTOR_BEST("20D")'] != ""
    assert cells['XLR_SYMBOL(ROT_SECTOR_BEST("20D"))'].startswith("XL")  # what is shown is understood
    assert cells['XLR_SYMBOL("téchnólógy")'] == cells['XLR_SYMBOL("科技")'] == "XLK"
    assert cells['XLR_SYMBOL("nó súch")'] == "#N/A"
    assert told["name"] == ["Technology", "Téchnólógy", "信息技术"]


def test_help_speaks_it(told: dict[str, Any]) -> None:
    cells = told["cells"]
    rows = dict(cells['XLR_HELP("PX_RET")'])
    assert accented("Return over a window") in rows[accented("Gives")]
    assert rows["basis"].startswith(accented("price (default): as market reports quote"))
    assert dict(cells['XLR_HELP("PX_MA")'])["n"] == "Number of closes. Default 20.".replace(
        " Default", accented(" Default")
    )
    assert [row[1] for row in cells['XLR_FUNCTIONS("Prícés")'][1:]] == ["Prícés"] * (
        len(cells['XLR_FUNCTIONS("Prícés")']) - 1
    )
    assert cells["XLR_STATUS()"][0] == ["Ítém", "Válúé"]


def test_reports_speak_it(told: dict[str, Any]) -> None:
    rows = told["cells"]['REP_CLAIMS("volatility_gap")']
    assert all(accented(row[1]) == row[1] for row in rows)
    assert any(re.match("mátchés: .*, ", row[7]) for row in rows)
    lines = [row[0] for row in told["rows"]["REP_SUMMARY xx"]]
    assert lines[:2] == ["Súmmáry", "Líqúídíty át thé cróssróáds, ás óf 2025-11-20"]
    assert len(lines) == len(told["rows"]["REP_SUMMARY en"]) == len(told["rows"]["REP_SUMMARY zh"])
    assert not [line for line in lines[1:] if re.search("[aeiou]", line.replace("few", ""))]
    assert any(re.match(r"2 few; \+\d+,\d\d%, ", line) for line in lines)  # a form, an order and a mark of its own
    assert told["cells"]["ROT_UNWIND()"][0] == ["Tríggér, 5 séssíóns", "Válúé", "Thréshóld", "Státé"]


def test_the_reference_and_the_wizards_speak_it(told: dict[str, Any]) -> None:
    assert told["pages"] == ["docs/functions.md", "docs/xx/functions.md", "docs/zh/functions.md"]
    assert told["page"].startswith("# Fúnctíón référéncé\n")
    assert "\n## PX: Prícés\n" in told["page"]
    assert "| árgúmént | tákés | méáníng |" in told["page"]
    assert "en, xx or zh" in told["english page"]
    assert '<value xml:lang="xx-XX">' in told["calc"]
    assert list(told["help"]["help"]) == ["en", "xx", "zh"] == list(told["help"]["arguments"][0]["help"])
    assert told["help"]["help"]["xx"] == told["dict"]["xx"] == accented(told["dict"]["summary"])


@pytest.mark.parametrize("name", ["market_breadth", "small_value_rotation"])
def test_a_template_speaks_it(told: dict[str, Any], name: str) -> None:
    assert told["problems"] == []
    english, third, chinese = (told["sheets"][f"{name} {lang}"] for lang in ("en", "xx", "zh"))
    assert english.keys() == third.keys() == chinese.keys()
    title = accented(english["Report!1,1"])
    if name == "small_value_rotation":
        title = " < ".join(reversed(title.split(", ")))  # the places in another order
    assert third["Report!1,1"] == title != english["Report!1,1"]
    day = re.search(r"\d{4}-\d\d-\d\d", english["Report!2,1"])
    assert day is not None
    assert third["Report!2,1"].startswith(f"sámplé: {day[0]}, ")  # here too
    assert chinese["Report!2,1"].endswith(f" · 截至{day[0]} · 示例")
    changed = sum(third[place] != english[place] for place in english)
    assert changed > 0.9 * sum(chinese[place] != english[place] for place in english)
    verdicts = {place: value for place, value in third.items() if place.startswith("Audit!") and value == "ágréés"}
    assert len(verdicts) == sum(value == "agrees" for place, value in english.items() if place.startswith("Audit!"))
    counted = [p for p, value in english.items() if p.startswith("Audit!") and value.startswith("Figures: ")]
    for place in counted:
        sheet, _, cell = place.partition("!")
        beside = f"{sheet}!{cell.partition(',')[0]},4"
        assert english[beside] == third[beside] == chinese[beside]


def test_a_file_that_is_none_is_told_in_the_cell(tmp_path: Path) -> None:
    (tmp_path / "xx.po").write_text('msgid "calm"\nmsgstr "cálm\n', "utf-8")
    code = """
import sys
from pathlib import Path
from xlrotation.languages import catalogues
catalogues.FOLDERS.append(Path(sys.argv[1]))
from xlrotation.functions.boundary.session import Session
here = Session("sample", lang="xx")
assert len(here.call("XLR_FUNCTIONS", "价格", False, "zh")) == len(here.call("XLR_FUNCTIONS", "PX", False, "en")) > 5
assert here.call("REP_SUMMARY", "市场广度", "zh")[0] == ["要点"]
assert here.call("XLR_SYMBOL", "no such name").value == "#N/A"
assert Session("sample", lang="中文").lang == "zh"
print(here.call("VOL_BAND", 3.0), here.call("VOL_BAND", 3.0, "zh"), here.call("VAL_PE", 6.0, 3.0))
print(here.failures.newest(1)[0].reason)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.stdout.splitlines() == [
        "#VALUE! 平静 2.0",
        'the texts of language xx cannot be read (xx.po): line 1: no entry of a PO file: msgid "calm"',
    ], done.stderr
