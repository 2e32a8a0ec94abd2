"""Downloads and exports from many countries and systems: each is read right, or refused where it may be either."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from tests.market.files.made import closes, put, told
from xlrotation.errors import NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers.folder import calendars, checking, filenames, moments, source
from xlrotation.market.providers.folder.rows import BadFile

DAYS = ("2026-01-27", "2026-01-28", "2026-01-29", "2026-01-30")
DATES = [dt.date.fromisoformat(day) for day in DAYS]
SEEN = dict(zip(DAYS, (500.5, 501.5, 502.5, 503.5), strict=True))
THOUSANDS = {day: value + 1000 for day, value in SEEN.items()}


def lines(head, form, days=DATES):
    """A row for each day: ``{d}`` the date, ``{n}`` 500 and on, ``{up}`` and ``{down}`` one more and one less."""
    rows = [
        form.format(d=day, n=500 + i, up=501 + i, down=499 + i, year=day.year + 543, roc=day.year - 1911)
        for i, day in enumerate(days)
    ]
    return "\n".join([head, *rows, ""])


WEEKDAYS = "月火水木金土日"
DE = '"{d:%d.%m.%Y}","1.{n},50","1.{n},10","1.{up},00","1.{down},00","68,18M","0,12%"'
EN = '"{d:%m/%d/%Y}","{n}.50","{n}.10","{up}.00","{down}.00","68.18M","0.12%"'
BAR = "{n}.10,{up},{down},{n}.5"

EXPORTS = {
    # Investing.com in its languages
    "Investing en": (
        "SPY Historical Data.csv",
        lines('"Date","Price","Open","High","Low","Vol.","Change %"', EN),
        "SPY",
        SEEN,
    ),
    "Investing de": (
        "DAX Historische Daten.csv",
        lines('"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"', DE),
        "^GDAXI",
        THOUSANDS,
    ),
    "Investing fr": (
        "CAC 40 - Données Historiques.csv",
        lines('"Date","Dernier","Ouv."," Plus Haut","Plus Bas","Vol.","Variation %"', DE),
        "^FCHI",
        THOUSANDS,
    ),
    "Investing es": (
        "IBEX 35 - Datos históricos.csv",
        lines('"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."', DE),
        "^IBEX",
        THOUSANDS,
    ),
    "Investing pl": (
        "WIG20 - dane historyczne.csv",
        lines('"Data","Ostatnio","Otwarcie","Maks.","Min.","Wol.","Zmiana%"', DE),
        "WIG20",
        THOUSANDS,
    ),
    "Investing ru": (
        "Прошлые данные - GAZP.csv",
        lines('"Дата","Цена","Откр.","Макс.","Мин.","Объём","Изм. %"', DE),
        "GAZP",
        THOUSANDS,
    ),
    "Investing tr": (
        "THYAO Geçmiş Verileri.csv",
        lines('"Tarih","Şimdi","Açılış","Yüksek","Düşük","Hac.","Fark %"', DE),
        "THYAO",
        THOUSANDS,
    ),
    "Investing ja": (
        "日経平均株価 過去データ.csv",
        lines(
            '"日付け","終値","始値","高値","安値","出来高","変化率 %"',
            '"{d:%Y}年{d:%m}月{d:%d}日","1,{n}.50","1,{n}.10","1,{up}.00","1,{down}.00","1.2B","0.12%"',
        ),
        "^N225",
        THOUSANDS,
    ),
    "Investing ko": (
        "KOSPI 내역.csv",
        lines(
            '"날짜","종가","시가","고가","저가","거래량","변동 %"',
            '"{d:%Y- %m- %d}","{n}.50","{n}.10","{up}.00","{down}.00","1.2B","0.12%"',
        ),
        "^KS11",
        SEEN,
    ),
    "Investing th": (
        "PTT ข้อมูลในอดีต.csv",
        lines(
            '"วันที่","ล่าสุด","เปิด","สูงสุด","ต่ำสุด","ปริมาณ"',
            '"{d:%Y-%m-%d}","{n}.50","{n}.10","{up}.00","{down}.00","68.18M"',
        ),
        "PTT",
        SEEN,
    ),
    # other calendars
    "TWSE": (
        "STOCK_DAY_2330_202602.csv",
        lines(
            '"115年02月 2330 台積電 各日成交資訊"\n"日期","成交股數","收盤價",',
            '"{roc}/{d:%m/%d}","1,234,567","{n}.50",',
        ).encode("big5"),
        "2330.TW",
        SEEN,
    ),
    "Republic of China, across a century": (
        "2330.TW.csv",
        "日期,收盤價\n99/12/30,50\n99/12/31,51\n100/01/03,52\n",
        "2330.TW",
        {"2010-12-30": 50, "2010-12-31": 51, "2011-01-03": 52},
    ),
    "民國": ("2330.TW.csv", lines("日期,收盤價", "民國{roc}年{d:%m}月{d:%d}日,{n}.5"), "2330.TW", SEEN),
    "Buddhist years": ("PTT.BK.csv", lines("วันที่,ราคาปิด", "{d:%d/%m}/{year},{n}.5"), "PTT.BK", SEEN),
    "Buddhist years first": ("PTT.BK.csv", lines("Date,Close", "{year}-{d:%m-%d},{n}.5"), "PTT.BK", SEEN),
    "令和": ("7203.T.csv", lines("日付,終値", "令和8年{d.month}月{d.day}日,{n}.5"), "7203.T", SEEN),
    "R8": ("7203.T.csv", lines("日付,終値", "R8.{d.month}.{d.day},{n}.5"), "7203.T", SEEN),
    "ISO weeks": ("SPY.csv", lines("Date,Close", "{d:%G-W%V-%u},{n}.5"), "SPY", SEEN),
    "days of the year": ("SPY.csv", lines("Date,Close", "{d:%Y-%j},{n}.5"), "SPY", SEEN),
    "Korean dates": ("005930.KS.csv", lines("날짜,종가", "{d.year}년 {d.month}월 {d.day}일,{n}.5"), "005930.KS", SEEN),
    "Korean dates with points": (
        "005930.KS.csv",
        lines("날짜,종가", "{d.year}. {d.month}. {d.day}.,{n}.5"),
        "005930.KS",
        SEEN,
    ),
    "German months": ("SAP.DE.csv", lines("Datum;Schlusskurs", "{d.day}. Januar {d.year};{n},50"), "SAP.DE", SEEN),
    "German weekdays": ("SAP.DE.csv", lines("Datum;Schlusskurs", "Di, {d:%Y-%m-%d};{n},50"), "SAP.DE", SEEN),
    "French months": ("MC.PA.csv", lines("Date;Clôture", "{d.day} janv. {d.year};{n},50"), "MC.PA", SEEN),
    "Japanese weekdays": ("7203.T.csv", lines("日付,終値", "{d:%Y/%m/%d}(火),{n}.5"), "7203.T", SEEN),
    "a named zone": ("SPY.csv", lines("date,close", "{d:%Y%m%d} 16:00:00 US/Eastern,{n}.5"), "SPY", SEEN),
    "a named zone of another day": ("SPY.csv", lines("date,close", "{d:%Y-%m-%d} 21:00 Etc/UTC,{n}.5"), "SPY", SEEN),
    # numbers of other countries
    "lakhs": (
        "RELIANCE.NS.csv",
        lines("Date,Close,Volume", '{d:%d-%b-%Y},"1,23,{n}.50","12,34,567"'),
        "RELIANCE.NS",
        {day: 123000 + value for day, value in SEEN.items()},
    ),
    "lakhs behind semicolons": (
        "px.csv",
        lines("Date;RELIANCE.NS;TCS.NS", "{d};1,23,{n}.50;3,{n}.25"),
        "RELIANCE.NS",
        {day: 123000 + value for day, value in SEEN.items()},
    ),
    "Swiss thousands": (
        "NESN.SW.csv",
        lines("Datum;Schlusskurs;Volumen", "{d:%Y-%m-%d};1’{n}.50;1'234'567"),
        "NESN.SW",
        THOUSANDS,
    ),
    "Swiss thousands and decimal commas": (
        "NESN.SW.csv",
        lines("Datum;Schlusskurs", "{d:%Y-%m-%d};1'{n},50"),
        "NESN.SW",
        THOUSANDS,
    ),
    "reais": ("PETR4.SA.csv", lines("Data;Fechamento", "{d:%Y-%m-%d};R$ 1.{n},50"), "PETR4.SA", THOUSANDS),
    "French spaces": (
        "MC.PA.csv",
        lines("Date;Clôture;Volume", "{d:%Y-%m-%d};1\u202f{n},50 €;1\u00a0234"),
        "MC.PA",
        THOUSANDS,
    ),
    "rupees": ("px.csv", lines("Date;RELIANCE.NS", "{d:%Y-%m-%d};₹1,{n}.50"), "RELIANCE.NS", THOUSANDS),
    "won": ("005930.KS.csv", lines("날짜,종가", '{d:%Y-%m-%d},"1,{n}.5원"'), "005930.KS", THOUSANDS),
    # heads of other systems
    "Boursorama": (
        "MC.PA.txt",
        lines(
            "date\touv\thaut\tbas\tclot\tvol\tdevise\t", "{d:%Y-%m-%d} 00:00\t{n}.0\t{up}.0\t{down}.0\t{n}.5\t12\tEUR\t"
        ),
        "MC.PA",
        SEEN,
    ),
    "LSEG tick history": (
        "lseg.csv",
        lines(
            "#RIC,Domain,Date-Time,Type,Open,High,Low,Last",
            f"AAPL.O,Market Price,{{d}}T21:00:00.000000000Z,End Of Day,{BAR}",
        ),
        "AAPL",
        SEEN,
    ),
    "Interactive Brokers flex": (
        "flex.csv",
        lines('"AssetClass","Symbol","ReportDate","MarkPrice"', '"STK","AAPL","{d:%Y%m%d}","{n}.5"'),
        "AAPL",
        SEEN,
    ),
    "CRSP": ("crsp.csv", lines("PERMNO,date,TICKER,PRC,VOL", "14593,{d},AAPL,{n}.5,1000"), "AAPL", SEEN),
    "Compustat": ("comp.csv", lines("gvkey,datadate,tic,cshtrd,prccd", "001690,{d},AAPL,1000,{n}.5"), "AAPL", SEEN),
    "Kaggle, one name": (
        "all_stocks_5yr.csv",
        lines("date,open,high,low,close,volume,Name", f"{{d}},{BAR},1000,AAL"),
        "AAL",
        SEEN,
    ),
    "Barchart": (
        "spy_price-history-02-13-2026.csv",
        lines("Time,Open,High,Low,Latest,%Change", "{d:%Y-%m-%d},{n}.10,{up},{down},{n}.5,+0.1%"),
        "SPY",
        SEEN,
    ),
    "MetaTrader 5": (
        "US500_Daily_202602030000_202602060000.csv",
        lines("<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>", "{d:%Y.%m.%d}\t{n}.1\t{up}\t{down}\t{n}.5\t9"),
        "US500",
        SEEN,
    ),
    "Bloomberg, one security above": (
        "bbg.csv",
        lines("SPX Index,,\nDate,PX_LAST,PX_VOLUME", "{d:%Y-%m-%d},{n}.5,1000"),
        "^GSPC",
        SEEN,
    ),
    "FactSet": (
        "factset.csv",
        lines("Apple Inc. (AAPL-US)\nPrice History\n\nDate,Price,% Change", "{d:%Y-%m-%d},{n}.50,0.1"),
        "AAPL",
        SEEN,
    ),
    "STOCKHISTORY": ("Book1.csv", lines("XNAS:MSFT\nDate,Close", "{d:%Y-%m-%d},${n}.50"), "MSFT", SEEN),
    "pandas_datareader": (
        "x.csv",
        lines("Attributes,Close,Close,Volume,Volume\nSymbols,AAPL,MSFT,AAPL,MSFT\nDate,,,,", "{d},{n}.5,7,1,2"),
        "AAPL",
        SEEN,
    ),
    "quantmod": (
        "SPY.csv",
        lines('"Date","SPY.Open","SPY.High","SPY.Low","SPY.Close","SPY.Adjusted"', f"{{d}},{BAR},{{n}}.5"),
        "SPY",
        SEEN,
    ),
    "tickers before fields": (
        "x.csv",
        lines("Date,AAPL_Close,MSFT_Close,AAPL_Adj Close", "{d},{n}.5,7,{n}.5"),
        "AAPL",
        SEEN,
    ),
    "fields before tickers": ("x.csv", lines("Date,Close AAPL,Close MSFT", "{d},{n}.5,7"), "AAPL", SEEN),
    "tuples": (
        "x.csv",
        lines("\"('Date', '')\",\"('Close', 'AAPL')\",\"('Open', 'AAPL')\"", "{d},{n}.5,7"),
        "AAPL",
        SEEN,
    ),
    "Nikkei": (
        "nikkei_stock_average_daily_jp.csv",
        lines("データ日付,終値,始値", '"{d:%Y/%m/%d}","{n}.5","{n}.1"').encode("cp932"),
        "^N225",
        SEEN,
    ),
}


@pytest.mark.parametrize("export", EXPORTS)
def test_exports(tmp_path, export):
    name, content, symbol, expected = EXPORTS[export]
    put(tmp_path, **{name: content})
    assert closes(tmp_path, symbol) == pytest.approx(expected), told(tmp_path)


@pytest.mark.parametrize("export", ["TWSE", "Buddhist years", "Buddhist years first"])
def test_years_of_another_era_are_told(tmp_path, export):
    name, content, *_ = EXPORTS[export]
    put(tmp_path, **{name: content})
    assert "its years are taken for those of the " in told(tmp_path)


def test_a_single_year_far_ahead_is_no_other_era(tmp_path):
    put(tmp_path, SPY__csv="Date,Close\n2026-02-03,1\n2569-02-04,2\n2026-02-05,3\n2026-02-06,4\n")
    assert "2026-02-04" not in closes(tmp_path, "SPY")
    assert "2569-02-04" in told(tmp_path)


@pytest.mark.parametrize(
    "cell",
    ["2026-W07", "W07-2026", "2026-W54-1", "2026-366", "令和8年2月30日", "民國115年13月1日", "R8.1. 8", "2026-01- 8"],
)
def test_dates_that_are_none(cell):
    with pytest.raises(BadFile):
        moments.moment(cell, "here")


def test_serials_from_1904_in_a_text_are_not_taken_for_others(tmp_path):
    """As from 1900 they fall on Tuesdays to Saturdays, four years before."""
    serials = [(dt.date.fromisoformat(day) - dt.date(1904, 1, 1)).days for day in (*DAYS, "2026-02-02", "2026-02-03")]
    put(tmp_path, SPY__csv="Date,Close\n" + "".join(f"{serial},{100 + n}\n" for n, serial in enumerate(serials)))
    with pytest.raises(NoData, match="row 2, column Date: '44587' may count days from 1900 or from 1904"):
        source.load(tmp_path)
    put(tmp_path, folder__toml='[files."SPY.csv"]\ndate_format = "serial 1904"\n')
    assert closes(tmp_path, "SPY") == dict(zip((*DAYS, "2026-02-02", "2026-02-03"), range(100, 106), strict=True))
    assert told(tmp_path) == ""


def test_days_from_1970_are_not_taken_for_days_of_the_fifties(tmp_path):
    days = [(dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days for day in DAYS]
    put(tmp_path, SPY__csv="Date,Close\n" + "".join(f"{day},{100 + n}\n" for n, day in enumerate(days)))
    with pytest.raises(NoData, match=f"row 2, column Date: '{days[0]}' may count days from 1900 or from 1970"):
        source.load(tmp_path)
    put(tmp_path, folder__toml='[files."SPY.csv"]\ndate_format = "serial 1970"\n')
    assert closes(tmp_path, "SPY") == dict(zip(DAYS, range(100, 100 + len(DAYS)), strict=True))
    put(tmp_path, folder__toml='[files."SPY.csv"]\ndate_format = "serial 1900"\n')
    assert next(iter(closes(tmp_path, "SPY"))) < "1957"


@pytest.mark.parametrize("cell", ["12.5", "1.2345", "0.123", "1234.5", "EUR 12.50", ".5"])
def test_a_point_that_parts_no_thousands_where_a_comma_is_declared(tmp_path, cell):
    put(tmp_path, SPY__csv=f"Date;Close\n{DAYS[0]};1.234,5\n{DAYS[1]};{cell}\n")
    put(tmp_path, folder__toml='[files."SPY.csv"]\ndecimal = ","\n')
    with pytest.raises(NoData, match=r"row 3, column 2: the point in .* may part no thousands"):
        source.load(tmp_path)


def test_month_ends_as_serials_are_not_doubted():
    ends = [
        float((dt.date(2025, month, 1) - dt.timedelta(days=1) - dt.date(1899, 12, 30)).days) for month in range(2, 12)
    ]
    assert not calendars.may_count_from_1904(ends)


def book(rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


@pytest.mark.parametrize("form", ["{n},50", "1.{n},50", "1 {n},50", "EUR {n},50", "{n},50 €"])
def test_texts_with_decimal_commas_in_a_workbook(tmp_path, form):
    cells = [form.format(n=500 + n) for n in range(4)]
    put(tmp_path, SAP__xlsx=book([["Datum", "Schlusskurs"], *zip(DATES, cells, strict=True)]))
    assert closes(tmp_path, "SAP") == (THOUSANDS if form[0] == "1" else SEEN)


def test_texts_with_decimal_commas_beside_numbers_in_a_workbook(tmp_path):
    put(
        tmp_path,
        SAP__xlsx=book([["Datum", "Schlusskurs"], *zip(DATES, ["500,50", 501.5, "502,50", 503.5], strict=True)]),
    )
    assert closes(tmp_path, "SAP") == SEEN


def test_a_text_in_a_workbook_that_may_be_either_is_refused_with_its_place(tmp_path):
    put(
        tmp_path,
        SAP__xlsx=book([["Datum", "Schlusskurs"], *zip(DATES, ["1,500", "1,501", "1,502", "1,503"], strict=True)]),
    )
    with pytest.raises(NoData, match=r"SAP\.xlsx, row 2, column 2: '1,500' may mean 1500 or 1\.500"):
        source.load(tmp_path)
    put(tmp_path, folder__toml='[files."SAP.xlsx"]\ndecimal = ","\n')
    assert closes(tmp_path, "SAP")["2026-01-27"] == 1.5


def test_a_sheet_that_is_unclear_does_not_cost_the_others(tmp_path):
    made = openpyxl.load_workbook(io.BytesIO(book([["Date", "AAA"], *zip(DATES, [1.0, 2.0, 3.0, 4.0], strict=True)])))
    other = made.create_sheet("Other")
    for row in [["Date", "BBB"], *zip(DATES, ["1,500", "1,501", "1,502", "1,503"], strict=True)]:
        other.append(row)
    made.save(tmp_path / "p.xlsx")
    assert closes(tmp_path, "AAA")["2026-01-30"] == 4.0
    assert "p.xlsx, sheet Other, row 2, column 2: '1,500' may mean" in told(tmp_path)


def test_points_between_thousands_beside_decimal_commas_in_quotes(tmp_path):
    """A quick reading took 124.500 for a number before the commas beside it were seen."""
    put(tmp_path, PETR4__csv=lines("Data,Último,Var%", '"{d:%Y-%m-%d}","124.{n}","0,12%"'))
    with pytest.raises(NoData, match=r"row 2, column 2: '124\.500' stands beside '0,12'"):
        source.load(tmp_path)


@pytest.mark.parametrize("name", ["prices.csv", "export.csv", "fund desk.csv"])
def test_words_that_are_written_as_no_ticker_is(tmp_path, name):
    put(tmp_path, **{name: lines("Date,Foo,Bar", "{d},{n}.5,7")})
    session = Session(f"folder:{tmp_path}")
    assert str(session.call("PX_CLOSE", "FOO")) != "500.5"
    found = checking.check(tmp_path)
    assert "Foo, Bar may be no ticker" in found.reason
    (tmp_path / "folder.toml").write_text(f'[files."{name}"]\nlayout = "wide"\n', "utf-8")
    assert closes(tmp_path, "FOO") == SEEN


@pytest.mark.parametrize("held", ["^GDAXI", "DAX"])
@pytest.mark.parametrize("asked", ["DAX", "^GDAXI", "dax 40", "德国DAX指数", "DAX Index"])
def test_an_index_is_found_by_its_names(tmp_path, held, asked):
    put(tmp_path, **{"p.csv": lines(f"Date,{held}", "{d},{n}.5")})
    assert Session(f"folder:{tmp_path}").call("PX_CLOSE", asked) == 503.5


@pytest.mark.parametrize("field", ["low", "volume"])
@pytest.mark.parametrize("layout", ["bars", "long"])
def test_the_reason_names_a_column_of_which_every_cell_is_bad(tmp_path, field, layout):
    head = f"Date,Symbol,Close,{field.title()}" if layout == "long" else f"Date,Close,{field.title()}"
    rows = "".join(f"{day},{'AAA,' if layout == 'long' else ''}{5 + n},bad\n" for n, day in enumerate(DAYS))
    put(tmp_path, AAA__csv=f"{head}\n{rows}")
    session = Session(f"folder:{tmp_path}")
    session.call("PX_HISTORY", "AAA", "2026-01-27", "2026-01-30", field)
    reason = session.failures[-1].reason
    assert f"AAA.csv, row 2, column {field.title()}: 'bad' is no number" in reason
    assert "so are all 3 others of the column" in reason


def test_all_that_is_left_out_is_listed(tmp_path):
    days = [day for day in (dt.date(2025, 3, 3) + dt.timedelta(days=n) for n in range(100)) if day.weekday() < 5][:30]
    rows = [f"{day},{'x' if n % 2 and n < 29 else 5}" for n, day in enumerate(days)]
    put(tmp_path, p__csv="\n".join(["Date,AAA", *rows, ""]))
    found = "\n".join(refused.reason for refused in checking.check(tmp_path).files[0].refused)
    for n in (n for n in range(29) if n % 2):
        assert f"row {n + 2}," in found or f" {n + 2}" in found.partition("taken as gaps (rows")[2], n


@pytest.mark.parametrize(
    ("stem", "symbol"),
    [
        *(("AAPL_H4", "AAPL"), ("EURUSD1440", "EURUSD"), ("US500_Daily_202602030000_202602060000", "US500")),
        *(("STOCK_DAY_2330_202602", "2330.TW"), ("Données historiques", "DONNÉES HISTORIQUES"), ("SPY 行情", "SPY")),
    ],
)
def test_symbols_of_downloads(stem, symbol):
    assert filenames.symbol_of_file(stem) == symbol


def test_a_title_that_is_taken_for_a_symbol_is_told(tmp_path):
    put(tmp_path, **{"My own fund.csv": lines("Date,Close", "{d},{n}.5")})
    assert "they are called MY OWN FUND, as the file's name says" in told(tmp_path)


HEADLESS = {
    "bars": ("SPY.csv", "{d:%Y.%m.%d},00:00,{n}.1,{up},{down},{n}.5,1000", "SPY"),
    "closes": ("SPY.csv", "{d:%Y-%m-%d},{n}.5", "SPY"),
    "long": ("all.txt", "AAA,{d:%Y%m%d},{n},{up},{down},{n}.5,100", "AAA"),
}


@pytest.mark.parametrize("kind", HEADLESS)
def test_a_table_without_heads_is_refused_and_can_be_declared(tmp_path, kind):
    name, form, symbol = HEADLESS[kind]
    put(tmp_path, **{name: lines("", form).lstrip()})
    (checked,) = checking.check(tmp_path).files
    assert "head = 0" in checked.remedy
    (tmp_path / "folder.toml").write_text("\n".join(checked.remedy), "utf-8")
    assert closes(tmp_path, symbol) == SEEN
    assert told(tmp_path) == ""


def test_rows_of_a_table_without_heads_are_counted_as_they_stand(tmp_path):
    put(
        tmp_path,
        SPY__csv="2026-02-03,5\n2026-02-04,bad\n2026-02-05,6\n2026-02-06,7\n2026-02-07,8\n",
        folder__toml='[files."SPY.csv"]\nhead = 0\ncolumns = { "#1" = "date", "#2" = "close" }\n',
    )
    assert "SPY.csv, row 2, column column 2: 'bad'" in told(tmp_path)
    assert "left out (row 5)" in told(tmp_path)


@pytest.mark.parametrize(
    ("separator", "by"), [("~", "~"), ("^", "^"), ("::", "::"), ("blank", " "), ("blanks", "    "), ("_", "_")]
)
def test_separators_that_are_declared(tmp_path, separator, by):
    head, form = by.join(("Date", "Open", "Close")), by.join(("{d:%Y-%m-%d}", "{n}", "{n}.5"))
    put(tmp_path, SPY__txt=lines(head, form), folder__toml=f'[files."SPY.txt"]\nseparator = "{separator}"\n')
    assert closes(tmp_path, "SPY") == SEEN
    assert told(tmp_path) == ""


HOLDINGS = {
    "of iShares": (
        "IVV_holdings.csv",
        'iShares Core S&P 500 ETF\nFund Holdings as of,"Jan 30, 2026"\n\nTicker,Name,Sector,Market Value,Weight (%)\n'
        'SPY,A,B,"1,000.00",7.5\nAAPL,APPLE INC,Information Technology,"900.00",2.5\n',
        "IVV",
    ),
    "of State Street": (
        "holdings-daily-us-en-xlk.csv",
        "Fund Name:,Technology\nTicker Symbol:,XLK\nHoldings:,As of 30-Jan-2026\n\nName,Ticker,Identifier,Weight,Sector"
        "\nA,SPY,78,7.5,-\nAPPLE INC,AAPL,037,92.5,-\n",
        "XLK",
    ),
}


@pytest.mark.parametrize("kind", HOLDINGS)
def test_weights_of_the_day_above_their_heads(tmp_path, kind):
    name, text, universe = HOLDINGS[kind]
    put(tmp_path, **{name: text, "p.csv": lines("Date,SPY,AAPL", "{d},{n}.5,7")})
    panel = source.load(tmp_path)
    days, table = panel.weights[universe]
    assert [str(day) for day in days] == ["2026-01-30"]
    assert dict(zip(panel.universes[universe], table[0].tolist(), strict=True))["SPY"] == pytest.approx(0.075)


def test_weights_of_no_day_are_refused_and_can_be_declared(tmp_path):
    put(tmp_path, weights__csv="Ticker,Weight\nSPY,0.4\nAAPL,0.6\n", p__csv=lines("Date,SPY,AAPL", "{d},{n}.5,7"))
    (checked,) = (each for each in checking.check(tmp_path).files if each.name == "weights.csv")
    assert "has weights and no day" in checked.refused[0].reason
    assert any(line.startswith("session = ") for line in checked.remedy)
    put(tmp_path, folder__toml='[files."weights.csv"]\nsession = 2026-01-30\n')
    assert str(source.load(tmp_path).weights["SP500"][0][0]) == "2026-01-30"


@pytest.mark.parametrize(
    ("form", "cell"), [("YYYY-MM", "2026-01"), ("MMM YYYY", "Jan 2026"), ("MM/YYYY", "01/2026"), ("YYYYMM", "202601")]
)
def test_series_of_months_are_refused_and_can_be_declared(tmp_path, form, cell):
    earlier = {"2026-01": "2025-12", "Jan 2026": "Dec 2025", "01/2026": "12/2025", "202601": "202512"}[cell]
    put(tmp_path, CPI__csv=f"Date,CPI\n{earlier},300\n{cell},301\n", SPY__csv=lines("Date,Close", "{d},{n}.5"))
    (checked,) = (each for each in checking.check(tmp_path).files if each.name == "CPI.csv")
    assert f'date_format = "{form}"' in "\n".join(checked.remedy)
    (tmp_path / "folder.toml").write_text("\n".join(checked.remedy), "utf-8")
    days, values = source.load(tmp_path).series["CPI"]
    assert [str(day) for day in days] == ["2025-12-01", "2026-01-01"]
    assert values.tolist() == [300, 301]


def test_no_line_takes_a_strike_for_a_close(tmp_path):
    """What is printed must not make prices of option quotes that are not understood."""
    head = "secid,date,symbol,exdate,cp_flag,strike_price,best_bid,best_offer"
    put(tmp_path, om__csv=f"{head}\n1,2026-01-30,A,2026-03-20,C,1,2,3\n")
    (checked,) = checking.check(tmp_path).files
    assert checked.remedy[1:] == ["leave_out = true"]


def test_of_several_bids_those_of_the_end_of_the_day_are_offered(tmp_path):
    head = (
        "underlying_symbol,quote_date,root,expiration,strike,option_type,bid_1545,ask_1545,bid_size_eod,bid_eod,ask_eod"
    )
    put(tmp_path, q__csv=f"{head}\n^SPX,2026-01-30,SPXW,2026-03-20,6800,C,1,2,3,120,122\n")
    (checked,) = checking.check(tmp_path).files
    assert checked.remedy[1].startswith('columns = { "bid_eod" = "bid", "ask_eod" = "ask" }')
    (tmp_path / "folder.toml").write_text("\n".join(checked.remedy), "utf-8")
    assert "^GSPC" in checking.check(tmp_path).files[0].readings[0].symbols


@pytest.mark.parametrize("title", ["S&P 500 (USD)", "Total return (TR)", "Prices (EOD)", "From the desk (OPS)"])
def test_words_in_brackets_are_not_taken_for_the_symbol_of_a_file(tmp_path, title):
    put(tmp_path, SPX__csv=lines(f"{title}\n\nDate,Close", "{d},{n}.5"))
    assert closes(tmp_path, "^GSPC") == SEEN


def test_tickers_that_are_words_in_other_languages(tmp_path):
    put(tmp_path, p__csv=lines("Date,SPY,DIA,VAR,CAC", "{d},{n}.5,7,8,9"))
    assert set(source.load(tmp_path).symbols) == {"SPY", "DIA", "VAR", "CAC"}


@pytest.mark.parametrize("export", ["won", "French months", "a named zone", "Bloomberg, one security above"])
def test_heads_that_stand_there_twice_name_no_security(tmp_path, export):
    name, content, symbol, expected = EXPORTS[export]
    top = content.splitlines()
    head = 1 if export.startswith("Bloomberg") else 0
    put(tmp_path, **{name: "\n".join([*top[: head + 1], *top[head:], ""])})
    assert closes(tmp_path, symbol) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["7203.T.csv", "RELIANCE.NS.csv", "AAPL.csv"])
def test_a_damaged_head_is_no_ticker_in_a_file_of_another_one(tmp_path, name):
    put(tmp_path, **{name: lines('日付,終"値', "{d},{n}.5")})
    with pytest.raises(NoData, match="may be no ticker in a file of"):
        source.load(tmp_path)


TITLED = {
    "FactSet": ("AAPL", "% Change"),
    "Bloomberg, one security above": ("^GSPC", "PX_VOLUME"),
    "pandas_datareader": ("AAPL", ""),
    "STOCKHISTORY": ("MSFT", ""),
}


@pytest.mark.parametrize("said", ["columns", "rows", "gaps", "closes"])
@pytest.mark.parametrize("export", TITLED)
def test_what_stands_above_the_heads_counts_whatever_is_declared(tmp_path, export, said):
    name, content, symbol, expected = EXPORTS[export]
    _, column = TITLED[export]
    declared = {
        "columns": f'columns = {{ "{column}" = "" }}' if column else 'columns = { "Date" = "date" }',
        "rows": "leave_out_rows = [99]",
        "gaps": 'gaps = ["x"]',
        "closes": 'closes = "as traded"',
    }[said]
    put(tmp_path, **{name: content, "folder.toml": f'[files."{name}"]\n{declared}\n'})
    assert closes(tmp_path, symbol) == pytest.approx(expected)


def test_codes_of_securities_are_no_serial_numbers_of_days(tmp_path):
    put(tmp_path, crsp__csv=lines("PERMNO,dated,TICKER,PRC", "14593,{d},AAPL,{n}.5"))
    with pytest.raises(NoData, match="has no Date column"):
        source.load(tmp_path)
