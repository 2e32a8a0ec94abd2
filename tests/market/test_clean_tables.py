"""Clean tables are read column by column, and give what the careful reader gives."""

from __future__ import annotations

import datetime as dt
import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlrotation.errors import NoData
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.folder import clean, columns, optiontables, tables
from xlrotation.market.providers.folder import source as folder

DAYS = [str(day) for day in XNYS.sessions_between(dt.date(2023, 1, 3), dt.date(2026, 2, 13))]


def bars(days=DAYS, separator=",", end="\n"):
    rows = [["Date", "Open", "High", "Low", "Close", "Volume"]]
    rows += [
        [day, f"{9 + n / 100}", f"{10.5 + n / 100}", f"{8 + n / 100}", f"{9.5 + n / 100}", f"{1000 + n}"]
        for n, day in enumerate(days)
    ]
    return "".join(separator.join(row) + end for row in rows)


def long(symbols=("AAA", "BBB", "SPX"), days=DAYS[-200:]):
    rows = [
        f"{day},{symbol},{10 + n / 50 + m},{100 * (n + 1)}"
        for n, day in enumerate(days)
        for m, symbol in enumerate(symbols)
    ]
    return "\n".join(["Date,Symbol,Close,Volume", *rows, ""])


def wide(days=DAYS):
    return "Date,AAA,BBB\n" + "".join(
        f"{day},{10 + n / 10},{'' if n % 7 == 3 else 20 + n / 4}\n" for n, day in enumerate(days)
    )


def chain(days=("2026-02-12", "2026-02-13"), layout="yahoo"):
    """Quotes of two underlyings as yfinance's chains and as databases are saved."""
    rows = []
    for day in days:
        for root, spot in (("SPY", 600), ("SPXW", 6000), ("SPX", 6000)):
            for expiry in ("260213", "260220", "260320"):
                for side in "CP":
                    for strike in range(spot - 20, spot + 20, 5):
                        code = f"{root}{expiry}{side}{strike * 1000:08}"
                        bid = abs(spot - strike) / 10 + 1
                        long = f"20{expiry[:2]}-{expiry[2:4]}-{expiry[4:]}"
                        rows.append(
                            (code, f"{day} 20:59:59+00:00", day, long, side, strike, bid, bid + 0.5, root, spot)
                        )
    if layout == "yahoo":
        head = "contractSymbol,lastTradeDate,strike,bid,ask,volume,inTheMoney,currency"
        body = [f"{r[0]},{r[1]},{r[5]:.1f},{r[6]:.2f},{r[7]:.2f},{'' if r[5] % 2 else 7},True,USD" for r in rows]
    elif layout == "database":
        head = "quote_date,underlying,expiration,strike,type,bid,ask,spot_price,rate"
        body = [f"{r[2]},{r[8]},{r[3]},{r[5]},{r[4]},{r[6]:.2f},{r[7]:.2f},{r[9]},0.04" for r in rows]
    else:
        head = "expiration,strike,option type,bid,ask"
        body = [
            f"{r[3]},{r[5]},{'call' if r[4] == 'C' else 'put'},{r[6]:.2f},{r[7]:.2f}" for r in rows if r[8] == "SPY"
        ]
    return "\n".join([head, *body, ""])


def outcome(path):
    """All that is read of a folder, or why nothing is."""
    try:
        panel = folder.load(path)
    except NoData as error:
        return str(error.message)
    readings = [str(reading) for reading in panel.readings]
    return panel.identity, sorted(panel.remarks), readings


def both(tmp_path, monkeypatch, text, name="AAA.csv", must=None):
    """What the two readers make of *text*; *must* says whether the quick one takes it."""
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / name).write_bytes(data)
    with monkeypatch.context() as patched:
        patched.setattr(clean, "SMALLEST", 0)
        taken = []
        real = clean.read
        patched.setattr(clean, "read", lambda *given: taken.append(real(*given)) or taken[-1])
        quick = outcome(tmp_path)
        patched.setattr(clean, "read", lambda *_: None)
        careful = outcome(tmp_path)
    if must is not None:
        assert (taken[-1] is not None) is must
    return quick, careful


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("AAA.csv", bars()),
        ("AAA.csv", bars(end="\r\n")),
        ("AAA.csv", bars(separator=";")),
        ("AAA.tsv", bars(separator="\t")),
        ("AAA.csv", "\ufeff" + bars()),
        ("AAA.csv", bars(DAYS[::-1])),
        ("AAA.csv.gz", gzip.compress(bars().encode())),
        (
            "AAA.csv",
            bars().replace(",9.6,", ",,").replace(",9.7,", ",NaN,").replace(",9.8,", ",N/A,").replace(",9.9,", ",-,"),
        ),
        ("AAA.csv", bars().replace(f"{DAYS[5]},", f"{DAYS[4]},")),  # a day twice
        ("AAA.csv", bars().replace(DAYS[5], "2023-01-08")),  # a Sunday
        ("AAA.csv", bars().replace(",9.6,", ",-9.6,").replace(",9.7,", ",0,")),
        ("prices.csv", wide()),
        ("prices.csv", wide().replace("Date,", ",")),
        ("prices.csv", wide().replace("AAA,BBB", "标普500,罗素2000")),
        ("prices.csv", long()),
        ("prices.csv", long(("000001", "600519", "AAPL.O"))),
        ("prices.csv", long(("AAA", "", "BBB"))),
    ],
)
def test_both_readers_agree_on_clean_tables(tmp_path, monkeypatch, name, text):
    quick, careful = both(tmp_path, monkeypatch, text, name, must=True)
    assert quick == careful
    assert not isinstance(quick, str)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SPY_2026-02-12.csv", chain(["2026-02-12"])),
        ("quotes.csv", chain(["2026-02-12"])),
        ("quotes.csv", chain(layout="database")),
        ("quotes.csv", chain(["2026-02-14", "2026-02-13"], "database")),  # a Saturday
        (
            "quotes.csv",
            chain(["2026-02-12", "2026-02-12"], "database").replace("12,SPY,2026-02-20,580", "12,SPY,2026-02-20,585"),
        ),
        ("quotes.csv", chain(layout="database").replace(",600,0.04", ",,0.04")),
        ("SPY_20260212.csv", chain(["2026-02-12"], "plain")),
    ],
)
def test_both_readers_agree_on_clean_quotes(tmp_path, monkeypatch, name, text):
    (tmp_path / "XLK.csv").write_text(bars(DAYS[-30:]))
    careful_rows = []
    real = optiontables._take_row
    with monkeypatch.context() as patched:
        patched.setattr(optiontables, "_take_row", lambda *given: careful_rows.append(1) or real(*given))
        quick, careful = both(tmp_path, monkeypatch, text, name)
    assert quick == careful
    assert len(careful_rows) == text.count("\n") - 1  # the quick one takes no row by itself
    assert len(folder.load(tmp_path).chains.symbols()) in (1, 2, 3)


@pytest.mark.parametrize(
    "text",
    [
        chain(layout="database").replace(",SPY,2026-02-20,600,C", ",SPY,2026-02-20,,C"),
        chain(layout="database").replace(",SPY,2026-02-20,600,C", ",SPY,2026-02-20,600,X"),
        chain(layout="database").replace(",SPY,2026-02-20,600,C", ",,2026-02-20,600,C"),
        chain(layout="database").replace("2026-02-13,SPY,2026-02-20,600,C", "2026-02-31,SPY,2026-02-20,600,C"),
        chain().replace("SPY260220C00600000", "SPY260240C00600000"),
        chain().replace("SPY260220C00600000", "nonsense"),
    ],
)
def test_quotes_with_a_slip_are_left_to_the_careful_reader(tmp_path, monkeypatch, text):
    (tmp_path / "XLK.csv").write_text(bars(DAYS[-30:]))
    quick, careful = both(tmp_path, monkeypatch, text, "quotes.csv")
    assert quick == careful


@pytest.mark.parametrize(
    "text",
    [
        bars()[:-1],  # the last line has no end
        bars()[:-9],
        bars().replace(f"{DAYS[9]},", f"{DAYS[9]},7,"),  # a cell too many
        bars().replace(",9.6,", ",abc,"),
        bars().replace(",9.6,", ',"9.6",'),
        bars().replace(",9.6,", ",9.6%,"),
        bars().replace(",9.6,", ",1e308,"),
        bars().replace(",9.6,", ",inf,"),
        bars().replace(",9.6,", ",-nan,"),
        bars().replace(",9.6,", ",+NaN,"),
        bars().replace(",9.6,", ",TRUE,"),
        bars().replace(DAYS[7], "2023-02-30"),
        bars().replace(DAYS[70], ""),
        bars().replace("\n" + DAYS[7], "\n\n" + DAYS[7]),
        bars().replace("\n" + DAYS[7], "\r" + DAYS[7]),
        bars() + "Source: somebody,,,,,\n",
        bars() + "Average,1,2,3,4,5\n",
        "Prices of AAA\n" + bars(),
        bars(separator=";").replace(".", ","),
        bars().replace(",9.6,", ",9.6\0,"),
        bars().encode("utf-16"),
        bars().encode() + b"\xff\xfe,1,2,3,4,5\n",
    ],
)
def test_what_is_not_clean_is_left_to_the_careful_reader(tmp_path, monkeypatch, text):
    quick, careful = both(tmp_path, monkeypatch, text, must=False)
    assert quick == careful


def test_a_small_table_is_not_tried(tmp_path):
    (tmp_path / "AAA.csv").write_text(bars(DAYS[-20:]))
    (tmp_path / "BBB.csv").write_text(bars())
    (small,), (large,) = (tables.read_tables(tmp_path / name, name) for name in ("AAA.csv", "BBB.csv"))
    assert not isinstance(small.rows, columns.CleanRows)
    assert isinstance(large.rows, columns.CleanRows)


def test_rows_of_a_clean_table_are_those_of_the_careful_reader(tmp_path, monkeypatch):
    (tmp_path / "AAA.csv").write_text(bars())
    (quick,) = tables.read_tables(tmp_path / "AAA.csv", "AAA.csv")
    monkeypatch.setattr(clean, "read", lambda *_: None)
    (careful,) = tables.read_tables(tmp_path / "AAA.csv", "AAA.csv")
    assert len(quick.rows) == len(careful.rows)
    assert quick.rows[0] == careful.rows[0]
    for mine, theirs in zip(quick.rows[1:], careful.rows[1:], strict=True):
        assert mine[0].isoformat() == theirs[0]
        assert mine[1:] == [float(cell) for cell in theirs[1:]]
    assert [*quick.rows[3:6]] == [quick.rows[3], quick.rows[4], quick.rows[5]]
    assert quick.rows[-1][0].isoformat() == DAYS[-1]


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from(["bars", "long", "wide"]))
def test_both_readers_agree_whatever_one_byte_becomes(tmp_path_factory, seed, layout):
    text = {"bars": bars, "long": long, "wide": wide}[layout]().encode()
    chance = random.Random(seed)
    place = chance.randrange(len(text))
    damaged = {
        0: text[:place] + bytes([chance.choice(b'0123456789.,;-"\r\n\t aZ%$()\xc3\xff\x00')]) + text[place + 1 :],
        1: text[:place] + text[place + 1 :],
        2: text[:place] + bytes([chance.choice(b'0123456789.,;-"\r\n\t aZ%')]) + text[place:],
        3: text[:place],
    }[chance.randrange(4)]
    with pytest.MonkeyPatch.context() as patched:
        quick, careful = both(tmp_path_factory.mktemp("clean"), patched, damaged)
    assert quick == careful
