"""What the reading of a folder or a store puts into reasons, in Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import xlrotation.market as package
import xlrotation.workbook as workbook
from tests.market.test_remedies import MENDED, put
from xlrotation.errors import NoData
from xlrotation.functions.boundary import readingreasons, refreshreasons, workbookreasons
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.reasontexts import REASONS
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import pieces, translated
from xlrotation.market.providers.folder.source import Reader
from xlrotation.market.reasons import about
from xlrotation.workbook.evaluation.machine import TOO_MANY
from xlrotation.workbook.evaluation.operators import NO_REFERENCES
from xlrotation.workbook.evaluation.uncomputed import UNCOMPUTED

ROOT = Path(package.__file__).parent
READERS = [
    *sorted((ROOT / "providers" / "folder").glob("*.py")),
    *(ROOT / f"{name}.py" for name in ("ownlists", "listing", "lastcell", "sources", "quarantine", "deferred")),
    *(ROOT / "store" / f"{name}.py" for name in ("reading", "states", "storage", "extras", "blocks", "pieces")),
]
NO_REMARKS = {  # modules of words that are understood, of remedies, and of what is kept in a cache
    *("headers.py", "headwords.py", "headremedies.py", "filenames.py", "calendars.py", "quoteheads.py", "melted.py"),
    *("remedies.py", "checking.py", "kept.py", "packing.py", "dateforms.py", "percentages.py", "knowntables.py"),
}


_PARTS = re.compile(r"""\0|; |, row 1: | (?=[\["])""")


def parts_of(node):
    """The words of a text that stand together, between its places and semicolons."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _PARTS.split(node.value)
    if isinstance(node, ast.JoinedStr):
        text = "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
        return _PARTS.split(text)
    return []


def said(files=READERS):
    """Each module with the words, three or more in a row, of each of its texts."""
    for path in files:
        tree = ast.parse(path.read_text("utf-8"))
        joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        inner = {part for node in joined for part in node.values}
        docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if node in inner or node in docs or path.name in NO_REMARKS:
                continue
            for part in parts_of(node):
                words = part.strip(" ,:;()'")
                if (
                    words != "home exchange of a piece of work"
                    and re.search("[a-z]{2,} [a-z']+ [a-z]", words)
                    and not re.search(r"[\\|]", words)
                ):
                    yield path.name, words


def test_every_remark_of_a_reader_has_a_text():
    texts = [text.english.replace("{{", "{").replace("}}", "}") for text in (*REASONS, *readingreasons.OF_READINGS)]
    every = list(said())
    assert len(every) > 300
    assert [(name, words) for name, words in every if not any(words in text for text in texts)] == []


WORKING = [
    *sorted((ROOT / "refresh").glob("*.py")),
    *(path for path in sorted((ROOT / "providers").glob("*.py")) if path.stem not in ("sample", "bounds")),
    *sorted((ROOT / "providers" / "yahoo").glob("*.py")),
]
NOT_TOLD = {  # an address of a program, what a provider says of itself, and how a web page says what is told otherwise
    "Mozilla/5.0 (X11",
    "przekroczony dzienny limit",
    "exceeded the daily hits limit",
    "has nothing to fetch",  # errors that end the command, in English as its usage
    "its files are read as they are",
    "name the symbols to fetch from it",
    "name the symbols to compare with",
    "REPORT:CODE with one of",
    "no provider for",
    "nothing is stored from",
}


def test_every_remark_of_a_refresh_has_a_text():
    texts = [text.english for text in (*REASONS, *readingreasons.OF_READINGS, *refreshreasons.OF_REFRESHES)]
    every = [(name, words) for name, words in said(WORKING) if words not in NOT_TOLD]
    assert len(every) > 100
    assert [(name, words) for name, words in every if not any(words in text for text in texts)] == []


def test_every_reason_of_a_formula_that_is_not_computed_has_words_in_chinese():
    found = [*map("uses XYZ, which {}".format, UNCOMPUTED.values()), NO_REFERENCES, f"fills 7 cells, {TOO_MANY}"]
    for path in sorted(Path(workbook.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Unsupported" and node.args:
                found += filter(None, [whole(node.args[0])])
    assert len(found) > 60
    lacking = [one for one in found if any(part in told_in(one, "zh") for part in one.split("; "))]
    assert lacking == []


def whole(node):
    """A text with 7 in its places; those that hold another reason are left out."""
    if isinstance(node, ast.Constant):
        return node.value
    if not isinstance(node, ast.JoinedStr) or re.search("error|UNCOMPUTED|TOO_MANY", ast.unparse(node)):
        return ""
    return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)


TEXTS = (*readingreasons.OF_READINGS, *refreshreasons.OF_REFRESHES, *workbookreasons.OF_WORKBOOKS)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.english)
def test_a_remark_is_fitted_and_keeps_what_stands_in_its_places(text):
    assert translated("zh", text.english)
    filled, values = "", []
    for words, name, _ in pieces(text.english):
        filled += words
        if name is not None:
            values.append(f"Q{len(values)}x")
            filled += values[-1]
    told = told_in(filled, "zh")
    assert told != filled
    assert not re.search("[a-z]{3,} [a-z]+ [a-z]", re.sub("xlrotation [a-z -]+", "", told)), told
    assert [value for value in values if value not in told] == []


@pytest.mark.parametrize("kind", MENDED)
def test_remarks_on_files_are_in_chinese_with_their_files_rows_and_days(tmp_path, kind):
    put(tmp_path, MENDED[kind][0])
    try:
        remarks = Reader(tmp_path).load().remarks
    except NoData as error:
        remarks = [error.message.replace(str(tmp_path), "folder")]
    assert remarks
    for remark in remarks:
        told = told_in(remark, "zh")
        plain = re.sub(r"field larger than field limit", "", told)  # Python's own words
        assert not re.search("[A-Za-z]{2,} [a-z]{2,}", plain), told
        assert sorted(set(re.findall(r"\d[\d.-]*\d", remark)) - set(re.findall(r"\d[\d.-]*\d", told))) == []
        assert set(re.findall(r"[\w-]+\.csv", remark, re.ASCII)) <= set(re.findall(r"[\w-]+\.csv", told, re.ASCII))


HEADS = "Date," + ",".join(f"pct above ma{n}" for n in range(40))


def test_a_reason_for_a_missing_symbol_is_in_chinese_to_its_end(tmp_path):
    days = "".join(f"2026-02-{day:02},{600 + day}\n" for day in (9, 10, 11, 12, 13))
    (tmp_path / "SPY.csv").write_text(f"Date,Close\n{days}", "utf-8")
    for n in range(2):
        (tmp_path / f"{'breadth_' * 12}{n}.csv").write_text(f"{HEADS}\n2026-02-13{',1' * 40}\n", "utf-8")
    session = Session(f"folder:{tmp_path}", lang="zh")
    session.call("PX_RET", "IWD")
    reason = session.failures[-1].reason
    assert reason.startswith("数据中没有IWD；")
    assert "breadth_" in reason
    assert "（表头为Date, pct above ma0, " in reason
    assert reason.endswith("另有1条同类备注，见XLR_STATUS()")
    assert "left out" not in reason
    rows = dict(session.call("XLR_STATUS"))
    told = next(value for value in rows.values() if "breadth_" in str(value))
    assert str(told).count("表头为") == 2
    assert "left out" not in told


@pytest.mark.parametrize("length", range(1, 400, 7))
def test_a_long_remark_is_cut_between_its_parts(length):
    head = "H" * length
    remark = (
        f"left out column {head}: a.csv, row 2, column {head}: 'lots' is no number; correct the cell or leave it empty"
    )
    remark += "; so are all 9 others of the column"
    told = told_in(about([remark], head).removeprefix("; "), "zh")
    assert told.startswith(f"略去列{'H' * min(length, 100)}")
    assert not re.search("[a-z]{3,} [a-z]+ [a-z]", told)
    parts = ["不是数字", "请更正该单元格或留空", "该列其余9个单元格也是如此", "..."]
    assert all(any(part.endswith(own) for own in parts) for part in told.split(";"))


def test_what_is_left_out_of_a_remark_between_brackets_closes_them():
    heads = "(its heads are A, B; folder.toml can say what each column is)"
    remark = f"left out {'a' * 230}.csv: has no Date column and is no member list {heads}"
    told = about([remark], "zz")
    assert told.endswith("(its heads are A, B; ...)")
    assert told_in(told.removeprefix("; "), "zh").endswith("（表头为A, B；...）")


@pytest.mark.parametrize("text", ["left out ", "a: b c, row 3 has ", "p.csv, row 3, column ", "a: "])
def test_a_file_whose_name_looks_like_remarks_is_told_all_the_same(text):
    """However often they stand in one another; no answer may fail for its reason."""
    assert told_in(f"{text * 3000}: 'x' is no number", "zh")
