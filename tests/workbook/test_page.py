"""A report as one HTML page: what it says, how it looks in a browser by day and by night, and that it needs nothing."""

from __future__ import annotations

import html
import http.server
import io
import itertools
import math
import os
import re
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from xlrotation import cli, jobs
from xlrotation.errors import BadWorkbook, RotationError
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.formulas.references import Area
from xlrotation.workbook.output.page import charts, colours, drawing, layout
from xlrotation.workbook.output.page.html import page_of, write_html
from xlrotation.workbook.output.page.sheets import Cell, Look, Page

pytest.importorskip("matplotlib", reason="needs the extra: pip install xlrotation[html]")
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl, of sparklines

SAMPLE = Session("sample", lang="en")
BOOKS = Path(__file__).parents[2] / "workbooks"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("XLROTATION_NEED_CHROMIUM"),
    reason="Chromium (Debian: chromium) is not installed",
)
EVIL = "<script>document.title='taken'</script><img src='http://127.0.0.1:{port}/x'>&\"'"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    for lang in ("en", "zh"):
        jobs.export(BOOKS / "daily_dashboard.xlsx", folder / lang, SAMPLE, html=True, lang=lang)
    return folder


def browse(page: Path, folder: Path, *options: str) -> str:
    """What a browser makes of a page: its document after loading, or what *options* write."""
    command = [
        *(str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--no-first-run", "--disable-extensions", "--disable-background-networking", "--window-size=940,2400"),
        *(f"--user-data-dir={folder}/profile", *options, page.as_uri()),
    ]
    return subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode()


def pixels(page: Path, folder: Path, night: bool) -> Counter[tuple[int, int, int]]:
    from PIL import Image

    shot = folder / f"{'night' if night else 'day'}.png"
    browse(page, folder, f"--screenshot={shot}", f"--blink-settings=preferredColorScheme={0 if night else 1}")
    with Image.open(io.BytesIO(shot.read_bytes())) as image:
        return Counter({colour: n for n, colour in image.convert("RGB").getcolors(2**24)})


def numbers_shown(text: str) -> list[float]:
    """The numbers of the cells of a page, as a reader reads them."""
    cells = lxml.html.fromstring(text).xpath("//td[contains(concat(' ', @class, ' '), ' n ')]")
    found = []
    for cell in cells:
        told = "".join(cell.xpath("./text()")).replace(",", "")
        if re.fullmatch(r"[+-]?[\d.]+%?", told):
            found.append(float(told.rstrip("%")) / (100 if told.endswith("%") else 1))
    return found


def digits(form: str) -> int:
    """Places behind the point that a number format shows of a number."""
    return len(re.split(r"[;%]", re.sub(r"\[[^]]*\]", "", form))[0].partition(".")[2]) + 2 * ("%" in form)


def test_numbers_are_those_of_the_workbook(exported: Path) -> None:
    shown = numbers_shown((exported / "en/daily_dashboard.html").read_text("utf-8"))
    book = openpyxl.load_workbook(exported / "en/daily_dashboard.xlsx", data_only=True)
    held = [
        (float(cell.value), digits(cell.number_format))
        for row in book.worksheets[0].iter_rows()
        for cell in row
        if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    ]
    assert len(held) >= 60
    left = sorted(shown)
    for value, places in sorted(held, key=lambda pair: -pair[1]):  # those first that say most
        near = min(left, key=lambda one, value=value: abs(one - value))
        assert abs(near - value) <= 0.5000001 * 10**-places, (value, near)
        left.remove(near)
    assert not left


@needs_chromium
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_browser_shows_tables_charts_and_words(exported: Path, tmp_path: Path, lang: str) -> None:
    page = exported / lang / "daily_dashboard.html"
    tree = lxml.html.fromstring(browse(page, tmp_path, "--dump-dom"))
    assert tree.get("lang") == lang
    assert len(tree.xpath("//h1")) == 1
    assert len(tree.xpath("//table//th[@scope='col']")) >= 6
    charts = tree.xpath("//figure/*[local-name()='svg']")
    assert len(charts) >= 2
    assert all(chart.get("aria-label") and chart.get("role") == "img" for chart in charts)
    identities = tree.xpath("//@id")
    assert len(identities) == len(set(identities))
    told = tree.text_content()
    assert ("市场" in told or "晨" in told) == (lang == "zh")
    assert "VIX" in told


@needs_chromium
def test_light_and_dark_differ_and_both_are_drawn(exported: Path, tmp_path: Path) -> None:
    page = exported / "en/daily_dashboard.html"
    day, night = (pixels(page, tmp_path, dark) for dark in (False, True))
    assert day.most_common(1)[0][0] == (255, 255, 255)
    paper = night.most_common(1)[0][0]
    assert max(paper) < 40
    for found, background in ((day, (255, 255, 255)), (night, paper)):
        blue = sum(n for (r, _, b), n in found.items() if b - r > 90)
        assert blue > 2_000, "lines and bars"
        assert found.total() - found[background] > 50_000


@needs_chromium
def test_a_text_stays_a_text_and_nothing_is_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        evil = EVIL.format(port=server.server_port)
        path = tmp_path / "evil.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("S&<b>")
            sheet.write_string("A1", evil)
            sheet.write_row("A3", [evil, 1.5])
            sheet.write_row("A4", [evil, -2.5])
            chart = book.add_chart({"type": "bar"})
            cells = ["S&<b>", 2, 0, 3, 0], ["S&<b>", 2, 1, 3, 1]
            chart.add_series({"name": evil, "categories": cells[0], "values": cells[1]})
            chart.add_series({"name": "$x$", "categories": cells[0], "values": cells[1]})
            chart.set_title({"name": evil})
            chart.set_x_axis({"name": evil, "num_format": '0.0"</text><script>"'})
            sheet.insert_chart("D3", chart, {"description": evil})
        page = write_html(path, '"><script>')
        text = browse(page, tmp_path, "--dump-dom")
    finally:
        server.shutdown()
        server.server_close()
    tree = lxml.html.fromstring(text)
    assert asked == []
    assert not tree.xpath("//script | //img | //*[local-name()='image'] | //link | //iframe | //@onload")
    assert tree.xpath("//title")[0].text_content() == evil
    assert tree.text_content().count(evil) >= 5
    assert tree.xpath("//figure/*[local-name()='svg']")[0].get("aria-label") == evil
    assert "$x$" in tree.text_content()


def test_a_page_names_nothing_outside(exported: Path) -> None:
    text = (exported / "en/daily_dashboard.html").read_text("utf-8")
    assert "default-src 'none'" in html.unescape(text)
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)|url\((?!#)|@import""", text)
    assert set(re.findall(r"https?://[^\s\"'<]*", text)) <= {
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/2000/svg",
    }


def test_the_same_workbook_gives_the_same_page(exported: Path) -> None:
    path = exported / "en/daily_dashboard.xlsx"
    assert page_of(path, "en") == page_of(path, "en")


def test_gaps_of_a_line_stay_gaps_and_an_empty_chart_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "gaps.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [1, 2, 3])
        sheet.write_formula("A4", "=NA()", None, "#N/A")
        sheet.write_column("A5", [5, 6])
        for place, column in (("C1", 0), ("C20", 1)):
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": ["S", 0, column, 5, column], "line": {"color": "#123456"}})
            sheet.insert_chart(place, chart)
    tree = lxml.html.fromstring(page_of(path, "en"))
    (figure,) = tree.xpath("//figure")
    (line,) = [p for p in figure.xpath(".//*[local-name()='path']") if "--c123456" in (p.get("style") or "")]
    assert line.get("d").count("M") == 2


def test_a_sheet_that_is_no_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("S").write(300_000, 0, 1)
    with pytest.raises(RotationError, match="too many for one page"):
        page_of(path, "en")


def test_what_openpyxl_does_not_read_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "odd.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("S").write(0, 0, 1)

    def fails(*_: object, **__: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(openpyxl, "load_workbook", fails)
    with pytest.raises(BadWorkbook, match=r"odd\.xlsx: cannot be shown as a page"):
        page_of(path, "en")


def test_without_matplotlib_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    book = BOOKS / "daily_dashboard.xlsx"
    assert cli.main(["export", str(book), "-o", str(tmp_path), "--html"]) == 1
    assert "pip install xlrotation[html]" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.html"))


# Colours

HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(HEX, HEX)
def test_what_is_legible_by_day_is_so_by_night(ink: str, behind: str) -> None:
    if colours.contrast(ink, behind) >= colours.LEGIBLE:
        night = colours.dark(ink, behind), colours.turned(behind)
        assert colours.contrast(*night) >= colours.LEGIBLE or night[0] in ("#000000", "#ffffff")


@pytest.mark.parametrize("ink", ["#000000", "#1f3044", "#0072b2", "#d55e00", "#00008b", "#666666"])
@pytest.mark.parametrize("behind", ["#ffffff", "#f4f6f8", "#fff8dc", "#e9a27c", "#7fb8da"])
def test_the_books_own_colours_are_legible_by_night(ink: str, behind: str) -> None:
    if colours.contrast(ink, behind) >= colours.LEGIBLE:
        assert colours.contrast(colours.dark(ink, behind), colours.turned(behind)) >= colours.LEGIBLE


def test_contrast_is_as_wcag_defines_it() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WebAIM's well-known example


# Layout


def page(*areas: str) -> Page:
    """A page in which the cells of *areas* (``A1:B3``) show something."""
    made = Page("S")
    for text in areas:
        first, _, last = text.partition(":")
        (c1, r1), (c2, r2) = ((ord(t[0]) - 64, int(t[1:])) for t in (first, last or first))
        for place in itertools.product(range(r1, r2 + 1), range(c1, c2 + 1)):
            made.cells[place] = Cell("x", False, Look())
    return made


def leaves(block: layout.Block | None) -> Iterator[Area]:
    if block is not None and not block.parts:
        yield block.area
    for part in block.parts if block is not None else ():
        yield from leaves(part)


@pytest.mark.parametrize(
    ("areas", "found"),
    [
        ((), []),
        (("A1:B3",), ["A1:B3"]),
        (("A1:B3", "A5:B6"), ["A1:B3", "A5:B6"]),
        (("A1:B3", "D1:E3"), ["A1:B3", "D1:E3"]),
        (("A1:E1", "A3:B6", "D3:E6", "A8:E9"), ["A1:E1", "A3:B6", "D3:E6", "A8:E9"]),
        (("A1:B9", "D1:E3", "D5:E9"), ["A1:B9", "D1:E3", "D5:E9"]),
    ],
)
def test_what_stands_together_is_a_block(areas: tuple[str, ...], found: list[str]) -> None:
    shown = [
        f"{chr(64 + a.column)}{a.row}" + (f":{chr(64 + a.last_column)}{a.last_row}")
        for a in leaves(layout.blocks(page(*areas)))
    ]
    assert shown == found


def test_a_heading_begins_a_block_where_nothing_is_empty() -> None:
    made = page("A1:F9")
    for place in ((1, 1), (4, 1), (4, 4), (7, 1), (7, 4)):
        made.cells[place] = Cell("h", False, Look(style="Report Heading"))
    made.cells[8, 3] = Cell("over both", False, Look(), columns=2)
    found = [(a.row, a.column, a.last_row, a.last_column) for a in leaves(layout.blocks(made))]
    assert found == [(1, 1, 3, 6), (4, 1, 6, 3), (4, 4, 6, 6), (7, 1, 9, 6)]


@given(st.sets(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1))
def test_every_cell_is_in_one_block(places: set[tuple[int, int]]) -> None:
    made = Page("S", {place: Cell("x", False, Look()) for place in places})
    for row, column in places:
        within = [
            a for a in leaves(layout.blocks(made)) if a.row <= row <= a.last_row and a.column <= column <= a.last_column
        ]
        assert len(within) == 1


def test_colour_scales_and_bars_are_those_of_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [-1, 0, 0.5, 1])
        sheet.write_column("B1", [0, 0.25, 0.5, 1])
        sheet.write_column("C1", ["agrees", "differs", "agrees", ""])
        scale = {"type": "3_color_scale", "mid_type": "num", "mid_value": 0, "mid_color": "#FFFFFF"}
        sheet.conditional_format("A1:A4", scale | {"min_color": "#FF0000", "max_color": "#0000FF"})
        bar = {"type": "data_bar", "bar_color": "#BFD9EC", "min_type": "num", "max_type": "num", "min_value": 0}
        sheet.conditional_format("B1:B4", bar | {"max_value": 1})
        red = book.add_format({"font_color": "#D55E00"})
        sheet.conditional_format("C1:C4", {"type": "cell", "criteria": "==", "value": '"differs"', "format": red})
        sheet.write_column("D1", [1, 2, 3, 4])
        sheet.write("F1", 3)
        rule = {"type": "formula", "criteria": "=$D1>=$F$1", "format": book.add_format({"bg_color": "#123456"})}
        sheet.conditional_format("D1:D4", rule | {"stop_if_true": True})
        other = book.add_format({"bg_color": "#654321", "font_color": "#0000FF"})
        sheet.conditional_format("D1:D4", {"type": "formula", "criteria": "=TRUE", "format": other})
    text = page_of(path, "en")
    rows = lxml.html.fromstring(text).xpath("//table[1]/tbody/tr")[:4]
    rules = dict(re.findall(r"^\.(k\d+) \{ (.*) \}$", text[: text.index("@media screen")], re.MULTILINE))
    looks = [[rules[cell.get("class").split()[0]] for cell in row.xpath("./td[@class]")] for row in rows]
    assert "background-color: #ff0000" in looks[0][0]
    assert "background-color" not in looks[1][0]
    assert "background-color: #8080ff" in looks[2][0]
    assert "background-color: #0000ff" in looks[3][0]
    assert ["--cbfd9ec) 25.0%" in str(row.xpath("./td")[1].get("style")) for row in rows] == [False, True, False, False]
    assert ["#d55e00" in row[2] for row in looks[:3]] == [False, True, False]
    for look in (looks[2][-1], looks[3][-1]):
        assert "background-color: #123456" in look
        assert "#0000ff" not in look  # the first rule stops
    assert "background-color: #654321" in looks[1][-1]
    assert "color: #0000ff" in looks[1][-1]
    assert math.isclose(float(rows[2].xpath("./td")[0].text), 0.5)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_names_on_the_rotation_graph_stand_apart(exported: Path, lang: str) -> None:
    tree = lxml.html.fromstring((exported / lang / "daily_dashboard.html").read_text("utf-8"))
    texts = [text for text in tree.xpath("//figure//*[local-name()='text']") if re.fullmatch("XL[A-Z]+", text.text)]
    assert len(texts) == 11
    boxes = []
    for text in texts:
        x, y = (float(text.get(axis)) for axis in "xy")
        size = float(re.search(r"font-size: ([\d.]+)px", text.get("style"))[1])
        wide = 0.55 * size * len(text.text)
        left = x - wide * (0.0 if "anchor: start" in text.get("style") else 1.0 if "end" in text.get("style") else 0.5)
        boxes.append((text.text, left, y - 0.7 * size, left + wide, y))
    for (one, *a), (other, *b) in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)


def test_no_table_is_empty(exported: Path) -> None:
    tree = lxml.html.fromstring((exported / "en/daily_dashboard.html").read_text("utf-8"))
    assert all(table.text_content().strip() for table in tree.xpath("//table"))


def test_a_cell_below_another_stands_beside_what_goes_over_both(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("Page")
        bold = made.add_format({"bold": True})
        for row in (0, 2):
            sheet.merge_range(row, 0, row, 1, f"name {row}", bold)
            sheet.merge_range(row + 1, 0, row + 1, 1, f"example {row}")
            sheet.merge_range(row, 2, row + 1, 3, f"what it gives {row}")
    table = lxml.html.fromstring(page_of(path, "en")).xpath("//table")
    assert len(table) == 1
    rows = [[cell.text_content() for cell in row.xpath("./td")] for row in table[0].xpath(".//tr")]
    assert rows == [["name 0", "what it gives 0"], ["example 0"], ["name 2", "what it gives 2"], ["example 2"]]
    assert [cell.get("rowspan") for cell in table[0].xpath(".//td")] == [None, "2", None, None, "2", None]


@pytest.mark.parametrize(("low", "high", "form"), [(-0.023, 0.012, "0%"), (0.11, 0.14, "0%"), (-3.0, 3.0, "0")])
def test_an_axis_shows_no_number_twice(low: float, high: float, form: str) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.subplots()
    axes.set_ylim(low, high)
    drawing._spread(axes.yaxis, form)
    told = [charts.as_shown(float(at), form) for at in axes.yaxis.get_majorticklocs() if low <= at <= high]
    assert len(told) == len(set(told))
    assert told
