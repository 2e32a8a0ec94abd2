"""Cells: percentages, truth values, sheets that cannot be seen, serials from 1904, what may be zero or negative."""

from __future__ import annotations

import datetime as dt
import re
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.market.files.made import CLOSES, WEEK, asked, closes, put, table, told
from xlrotation.market import signs
from xlrotation.market.providers.folder import source

FULL = dict(zip(WEEK, CLOSES, strict=True))
DATES = [dt.date.fromisoformat(day) for day in WEEK]


def sheet(book, head, rows, title="Prices"):
    made = book.create_sheet(title)
    made.append(head)
    for row in rows:
        made.append(row)
    return made


def book(path, *sheets, epoch=None):
    made = openpyxl.Workbook()
    if epoch:
        made.epoch = epoch
    made.remove(made.active)
    done = [sheet(made, *each) for each in sheets]
    return made, done, path / "book.xlsx"


class TestPercentages:
    YIELDS = (4.12, 4.13, 4.14, 4.1, 4.05)

    def expected(self):
        return dict(zip(WEEK, self.YIELDS, strict=True))

    def test_in_text(self, tmp_path):
        put(tmp_path, p__csv=table("Date,^TNX", "{d},{c}%", WEEK, self.YIELDS))
        assert closes(tmp_path, "^TNX") == self.expected()

    @pytest.mark.parametrize("form", ["0%", "0.00%", "0.0%;[Red]-0.0%"])
    def test_in_a_workbook(self, tmp_path, form):
        rows = [[day, value / 100] for day, value in zip(DATES, self.YIELDS, strict=True)]
        made, (prices,), path = book(tmp_path, (["Date", "^TNX"], rows))
        for row in range(2, 7):
            prices.cell(row, 2).number_format = form
        made.save(path)
        assert closes(tmp_path, "^TNX") == pytest.approx(self.expected())

    def test_of_cells_that_do_not_say_where_they_are(self, tmp_path):
        rows = [[day, value / 100] for day, value in zip(DATES, self.YIELDS, strict=True)]
        made, (prices,), path = book(tmp_path, (["Date", "^TNX"], rows))
        for row in range(2, 7):
            prices.cell(row, 2).number_format = "0.00%"
        made.save(path)
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        parts[sheet] = re.sub(rb' r="[A-Z]+[0-9]+"', b"", parts[sheet])
        with zipfile.ZipFile(path, "w") as package:
            for name, data in parts.items():
                package.writestr(name, data)
        assert closes(tmp_path, "^TNX") == pytest.approx(self.expected())

    def test_of_a_price(self, tmp_path):
        put(tmp_path, p__csv=table("Date,SPY", "{d},{c}").replace("189.25", "189.25%"))
        assert WEEK[2] not in closes(tmp_path, "SPY")
        assert "p.csv, row 4, column SPY: '189.25%' is a share, no price" in told(tmp_path)

    def test_of_a_whole_column_is_a_rate(self, tmp_path):
        put(tmp_path, p__csv=table("Date,Fed funds,SPY", "{d},4.25%,{c}"))
        assert set(closes(tmp_path, "FED FUNDS").values()) == {4.25}

    def test_of_a_series_and_of_weights(self, tmp_path):
        put(
            tmp_path,
            p__csv=table("Date,AAPL", "{d},{c}"),
            UNRATE__csv="DATE,UNRATE\n2025-12-01,4.4%\n2026-01-01,4.3%\n",
            weights__csv="date,ticker,weight\n2026-02-13,AAPL,7.5%\n",
        )
        panel = source.load(tmp_path)
        assert panel.series["UNRATE"][1].tolist() == [4.4, 4.3]
        assert panel.weights["SP500"][1].tolist() == [[0.075]]


def test_a_hidden_sheet_is_left_out(tmp_path):
    other = [[day, value / 2] for day, value in zip(DATES, CLOSES, strict=True)]
    rows = [[day, value] for day, value in zip(DATES, CLOSES, strict=True)]
    made, (hidden, _), path = book(tmp_path, (["Date", "SPY"], other, "calc"), (["Date", "SPY"], rows))
    hidden.sheet_state = "hidden"
    made.save(path)
    assert closes(tmp_path, "SPY") == FULL
    expected = "book.xlsx: sheet calc is hidden and left out; folder.toml can name those to read: "
    assert told(tmp_path).startswith(expected)


@pytest.mark.parametrize("plain", [False, True])
def test_serials_from_1904(tmp_path, plain):
    first = dt.date(1904, 1, 1)
    rows = [[(day - first).days if plain else day, value] for day, value in zip(DATES, CLOSES, strict=True)]
    made, _, path = book(tmp_path, (["Date", "SPY"], rows), epoch=CALENDAR_MAC_1904)
    made.save(path)
    assert closes(tmp_path, "SPY") == FULL


@pytest.mark.parametrize("cell", [True, "TRUE", 1e308, "1e308", "abc", "12 13"])
def test_one_bad_cell_costs_itself(tmp_path, cell):
    rows = [[day, value, value] for day, value in zip(DATES, CLOSES, strict=True)]
    rows[2][1] = cell
    made, _, path = book(tmp_path, (["Date", "SPY", "QQQ"], rows))
    made.save(path)
    assert closes(tmp_path, "SPY") == {day: value for day, value in FULL.items() if day != WEEK[2]}
    assert closes(tmp_path, "QQQ") == FULL
    assert "book.xlsx, row 4, column SPY: " in told(tmp_path)
    assert "book.xlsx, row 4, column SPY: " in asked(tmp_path, "PX_CLOSE", "SPY", WEEK[2])[1]


@pytest.mark.parametrize("cell", ["#SPILL!", "#GETTING_DATA", "#N/A Requesting Data...", "停牌", "—", "#NUM!"])
def test_what_is_known_as_a_gap(tmp_path, cell):
    rows = [[day, value] for day, value in zip(DATES, CLOSES, strict=True)]
    rows[2][1] = cell
    made, _, path = book(tmp_path, (["Date", "SPY"], rows))
    made.save(path)
    assert closes(tmp_path, "SPY") == {day: value for day, value in FULL.items() if day != WEEK[2]}
    assert told(tmp_path) == ""


class TestSigns:
    """Published: DSPX 0.00 on 2018-02-08, floored by definition; oil -37.63 on 2020-04-20."""

    def test_dispersion_at_its_floor(self, tmp_path):
        days = ("02/06/2018", "02/07/2018", "02/08/2018", "02/09/2018", "02/13/2018")
        put(tmp_path, DSPX_History__csv=table("DATE,DSPX", "{d},{c}", days, (1.5, 1.0, 0.0, 3.35, 4.1)))
        assert closes(tmp_path, "^DSPX")["2018-02-08"] == 0.0
        assert told(tmp_path) == ""

    def test_oil_below_zero(self, tmp_path):
        days = ("2020-04-16", "2020-04-17", "2020-04-20", "2020-04-21", "2020-04-22")
        path = (19.87, 18.27, -37.63, 10.01, 13.78)
        put(tmp_path, **{"CL=F.csv": table("Date,Close", "{d},{c}", days, path)})
        assert closes(tmp_path, "CL=F") == dict(zip(days, path, strict=True))

    def test_spreads_and_flows(self, tmp_path):
        put(tmp_path, p__csv=table("Date,10Y-2Y spread,Net flow,SPY", "{d},-0.2,-15.5,{c}"))
        assert set(closes(tmp_path, "10Y-2Y SPREAD").values()) == {-0.2}
        assert set(closes(tmp_path, "NET FLOW").values()) == {-15.5}

    @pytest.mark.parametrize("value", ["0", "-189.25"])
    def test_a_price_is_neither(self, tmp_path, value):
        put(tmp_path, p__csv=table("Date,SPY", "{d},{c}").replace("189.25", value))
        assert WEEK[2] not in closes(tmp_path, "SPY")
        assert "1 close prices of 0 or less (first 2026-02-11)" in told(tmp_path)

    @pytest.mark.parametrize(
        ("symbol", "sign"),
        [
            *(("SPY", signs.POSITIVE), ("^VIX", signs.POSITIVE), ("CLX", signs.POSITIVE), ("FLOW", signs.ANY)),
            *(
                ("^TNX", signs.ANY),
                ("^DSPX", signs.NOT_NEGATIVE),
                ("CLK20.NYM", signs.ANY),
                ("美国10年-2年利差", signs.ANY),
            ),
            *(("RATE", signs.ANY), ("RATED", signs.POSITIVE), ("PIRATES", signs.POSITIVE)),
        ],
    )
    def test_by_symbol(self, symbol, sign):
        assert signs.of(symbol) == sign


@pytest.mark.parametrize("form", ["{} €", "€{}", "{} EUR", "{}%", "({})"])
def test_a_decimal_comma_in_what_a_number_is_dressed_with(tmp_path, form):
    """1,234 € beside 2,5 is no 1234, whatever stands around it."""
    values = ("1,234", "1,250", "1,241", "1,239", "1,244")
    rows = "".join(f"{day};{form.format(value)};2,5\n" for day, value in zip(WEEK, values, strict=True))
    put(tmp_path, p__csv=f"Date;T10Y2Y;ABC\n{rows}")
    sign = -1 if form == "({})" else 1
    assert list(closes(tmp_path, "T10Y2Y").values()) == [sign * float(value.replace(",", ".")) for value in values]
    assert told(tmp_path) == ""


@pytest.mark.parametrize("cell", ["0,234,567", "01,234", "000,123", "0,123.4", "0 234", "0'234", "0,12,345"])
def test_no_thousands_begin_with_a_zero(tmp_path, cell):
    put(tmp_path, p__csv=f'Date,AAA\n2026-02-11,"{cell}"\n2026-02-12,234.5\n2026-02-13,235.5\n')
    assert closes(tmp_path, "AAA") == {"2026-02-12": 234.5, "2026-02-13": 235.5}
    assert f"p.csv, row 2, column AAA: {cell!r} is no number" in told(tmp_path)


def test_a_comma_behind_a_zero_is_of_decimals(tmp_path):
    put(tmp_path, p__csv='Date,AAA\n2026-02-12,"0,234"\n2026-02-13,"0,235"\n')
    assert list(closes(tmp_path, "AAA").values()) == [0.234, 0.235]
    toml = '[files."p.csv"]\ndecimal = ","\n'
    put(tmp_path, p__csv="Date;AAA\n2026-02-12;0,234\n2026-02-13;0,235\n", folder__toml=toml)
    assert list(closes(tmp_path, "AAA").values()) == [0.234, 0.235]
