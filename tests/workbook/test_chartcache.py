"""Charts in the plain form are filled by their bytes; by the tree of their elements they get the same."""

from __future__ import annotations

import itertools
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import openpyxl.chart
import pytest
import xlsxwriter
from lxml import etree

from xlrotation.workbook.package import chartcache
from xlrotation.workbook.package.chartcache import Chart, Filler
from xlrotation.workbook.package.splice import parse, plain_xml

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT.parent / "shared" / "foreign"
IS_CHART = re.compile(r"/charts/chart\d*\.xml$")


def charts_of(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as package:
        return [package.read(name) for name in package.namelist() if IS_CHART.search(name)]


TEMPLATES = [data for path in sorted((ROOT / "workbooks").glob("*.xlsx")) for data in charts_of(path)]


def of_libraries(folder: Path) -> list[bytes]:
    with xlsxwriter.Workbook(str(folder / "a.xlsx")) as book:
        sheet = book.add_worksheet("A & B")
        sheet.write_column("A1", [1, 2.5, None, -3, 1e-7])
        sheet.write_column("B1", ["x", "<&>", "", "'", '"'])
        for kind in ("line", "scatter", "pie"):
            chart = book.add_chart({"type": kind})
            chart.add_series({"values": "='A & B'!$A$1:$A$5", "categories": "='A & B'!$B$1:$B$5"})
            sheet.insert_chart("D1", chart)
    other = openpyxl.Workbook()
    other.active.append([1, 2])
    chart = openpyxl.chart.LineChart()
    chart.add_data(openpyxl.chart.Reference(other.active, range_string="Sheet!$A$1:$B$1"))
    other.active.add_chart(chart, "D1")
    other.save(folder / "b.xlsx")
    return charts_of(folder / "a.xlsx") + charts_of(folder / "b.xlsx")


def by_tree(part: bytes) -> Chart:
    data = plain_xml(part)
    return Chart(data, chartcache._caches_of(data, parse(data)))


Values = Callable[[str], Sequence[object] | None]


def fillings(chart: Chart) -> list[Values]:
    """What the cells of a chart may hold now: the same, the same numbers, other values, more or fewer, nothing."""
    held = {cache.reference: cache for cache in chart.caches}

    def stored(reference: str) -> list[object]:
        cache = held[reference]
        texts = cache.texts()
        count = int(cache.stated or len(texts))
        values: list[object] = [texts.get(str(index)) for index in range(count)]
        return [float(v) if cache.numbers and isinstance(v, str) else v for v in values]

    def now(reference: str) -> list[object]:
        chance = random.Random(reference)
        odd = [0, 1.5, -2e-9, 1e16, True, False, None, "", "a<&>\r'\"", "é", 3, float(2**40)]
        return [*map(chance.choice, itertools.repeat(odd, chance.randint(0, 9)))]

    return [
        stored,
        lambda reference: [*stored(reference), None],
        lambda reference: stored(reference)[:-1],
        lambda reference: [v + 1 if isinstance(v, float) else v for v in stored(reference)],
        now,
        lambda reference: now(reference) if len(reference) % 2 else None,
        lambda _: [],
    ]


def filled(chart: Chart, values: Values) -> bytes:
    return Filler(values).refreshed(chart)


def assert_the_same(part: bytes) -> None:
    read, reference = chartcache.read(part), by_tree(part)
    assert [(c.reference, c.numbers, c.stated) for c in read.caches] == [
        (c.reference, c.numbers, c.stated) for c in reference.caches
    ]
    assert [cache.texts() for cache in read.caches] == [cache.texts() for cache in reference.caches]
    for values in fillings(reference):
        made = filled(read, values)
        assert made == filled(reference, values)
        etree.fromstring(made)


def test_the_charts_of_our_workbooks_are_in_the_plain_form() -> None:
    assert len(TEMPLATES) > 20
    assert all(chartcache._plain_caches(data) for data in TEMPLATES)


def test_both_ways_give_the_same(tmp_path: Path) -> None:
    made = of_libraries(tmp_path)
    assert len(made) == 4
    for data in [*TEMPLATES[::3], *made]:
        assert_the_same(data)


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="no workbooks of other makers beside this checkout")
def test_both_ways_give_the_same_of_charts_of_other_makers() -> None:
    paths = [path for folder in ("sound", "excel_values") for path in sorted((FOREIGN / folder).glob("*.xls[xm]"))]
    found = sorted({data for path in paths for data in charts_of(path)}, key=len)
    assert found
    for data in found[: len(found) * 9 // 10 : max(1, len(found) // 25)]:
        assert_the_same(data)


PLAIN = (
    '<?xml version="1.0" encoding="UTF-8"?>\r\n<c:chartSpace xmlns:c="urn:c" xmlns:d="urn:d"><c:chart>'
    "<c:cat><c:strRef><c:f>'A &amp; B'!$A$1:$A$3</c:f><c:strCache><c:ptCount val=\"3\"/>"
    '<c:pt idx="0"><c:v>x &lt; y</c:v></c:pt><c:pt idx="2"><c:v>z</c:v></c:pt></c:strCache></c:strRef></c:cat>'
    '<c:val><c:numRef><c:f>S!$B$1:$B$3</c:f><c:numCache><c:formatCode>0.0</c:formatCode><c:ptCount val="3"/>'
    '<c:pt idx="0"><c:v>1.50</c:v></c:pt><c:pt idx="1"><c:v>2</c:v></c:pt></c:numCache></c:numRef></c:val>'
    "</c:chart></c:chartSpace>"
)

TURNS = {
    "as it is": lambda text: text,
    "a comment": lambda text: text.replace("<c:val>", "<!-- <c:numRef/> --><c:val>"),
    "a cache in a comment": lambda text: text.replace("<c:val>", f"<!--{text[text.index('<c:val>') :]}--><c:val>"),
    "a quoted section": lambda text: text.replace("<c:v>z<", "<c:v><![CDATA[<z>]]><"),
    "an instruction": lambda text: text.replace(
        "<c:val>", f"<?x {text[text.index('<c:numRef>') : text.index('</c:val>')]}?><c:val>"
    ),
    "numbers of characters": lambda text: text.replace("<c:v>z<", "<c:v>&#128;&#13;<"),
    "the end of a line in a text": lambda text: text.replace("<c:v>z<", "<c:v>z\r\nz<"),
    "a blank in a tag": lambda text: text.replace("<c:numRef>", "<c:numRef >"),
    "a point with its own format": lambda text: text.replace('idx="1"', 'idx="1" formatCode="0"'),
    "no format": lambda text: text.replace("<c:formatCode>0.0</c:formatCode>", ""),
    "no number of points": lambda text: text.replace('<c:ptCount val="3"/>', ""),
    "extensions": lambda text: text.replace("</c:numCache>", "<c:extLst><c:ext/></c:extLst></c:numCache>"),
    "a point twice": lambda text: text.replace('idx="1"', 'idx="0"'),
    "points out of order": lambda text: text.replace('idx="0"', 'idx="1"', 1).replace('idx="2"', 'idx="0"'),
    "a point without a value": lambda text: text.replace("<c:v>2</c:v>", ""),
    "another prefix for one": lambda text: re.sub("(</?)c:(numRef)", r"\1d:\2", text),
    "no prefix": lambda text: text.replace("c:", "").replace("xmlns:c", "xmlns").replace("xmlns:d", "xmlns:q"),
    "no cache": lambda text: re.sub("<c:numCache>.*</c:numCache>", "", text),
    "an empty cache": lambda text: re.sub("<c:strCache>.*</c:strCache>", "<c:strCache/>", text),
    "a cache of the other kind": lambda text: text.replace("numCache", "strCache"),
    "blanks around a reference": lambda text: text.replace("S!$B$1:$B$3", " S!$B$1:$B$3\n"),
    "blanks between elements": lambda text: text.replace("><", ">\n <"),
    "levels": lambda text: text.replace("strRef", "multiLvlStrRef"),
    "a cache within a cache": lambda text: text.replace(
        "</c:numCache>",
        f"<c:extLst>{re.search('<c:numRef>.*</c:numRef>', text)[0]}</c:extLst></c:numCache>",
    ),
    "a mark of its encoding": lambda text: "\ufeff" + text,
    "another encoding": lambda text: text.replace("UTF-8", "UTF-16"),
}


@pytest.mark.parametrize("turn", TURNS)
def test_both_ways_give_the_same_of_unusual_charts(turn: str) -> None:
    text = TURNS[turn](PLAIN)
    assert (text == PLAIN) is (turn == "as it is")
    assert_the_same(text.encode("utf-16" if turn == "another encoding" else "utf-8"))


def test_a_chart_that_shows_what_it_showed_keeps_its_bytes() -> None:
    chart = chartcache.read(PLAIN.encode())
    assert all(cache.points is not None for cache in chart.caches)
    values: dict[str, list[object]] = {"'A & B'!$A$1:$A$3": ["x < y", None, "z"], "S!$B$1:$B$3": [1.5, 2, None]}
    assert filled(chart, values.__getitem__) is chart.data
    values["S!$B$1:$B$3"][2] = -0.25
    assert (
        filled(chart, values.__getitem__)
        == PLAIN.replace("<c:v>1.50<", "<c:v>1.5<")
        .replace("</c:numCache>", '<c:pt idx="2"><c:v>-0.25</c:v></c:pt></c:numCache>')
        .encode()
    )


@pytest.mark.parametrize(
    "text", ["<c:chartSpace", "<!DOCTYPE a><c:chartSpace xmlns:c='u'/>", PLAIN.replace("</c:v>", "")]
)
def test_what_is_no_chart_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        chartcache.read(text.encode())
