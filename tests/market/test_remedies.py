"""Every refusal of a folder's files: the lines of folder.toml that mend it, or why none can."""

from __future__ import annotations

import ast
import datetime as dt
import functools
import io
import os
import re
import tomllib
from pathlib import Path

import openpyxl
import pytest

import xlrotation.market.providers.folder as package
from xlrotation.functions.boundary.session import Session
from xlrotation.market import lastcell
from xlrotation.market.providers.folder import checking, source

DAYS = [f"2026-02-{day:02}" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]
SPY = "Date,Close\n" + "".join(f"{day},{600 + n}\n" for n, day in enumerate(DAYS))
CLOSED = {
    *("2025-01-01", "2025-01-09", "2025-01-20", "2025-02-17", "2025-04-18", "2025-05-26", "2025-06-19", "2025-07-04"),
    *("2025-09-01", "2025-11-27", "2025-12-25", "2026-01-01", "2026-01-19"),
}
EVERY = [dt.date(2025, 1, 1) + dt.timedelta(days=n) for n in range(409)]
SESSIONS = [day.isoformat() for day in EVERY if day.weekday() < 5 and day.isoformat() not in CLOSED]


def table(head, *columns, days=DAYS, by=",", close=True):
    """Rows of days under a head: a column is a function of the row's number."""
    body = [by.join([str(day), *(str(column(n)) for column in columns)]) for n, day in enumerate(days)]
    return "\n".join([head, *body, *([""] if close else [])])


def with_rows(text, *more):
    return text + "\n".join([*more, ""])


def book(*sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, values, state in sheets:
        sheet = made.create_sheet(title)
        sheet.sheet_state = state
        for row in values:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def up(n):
    return 100 + n


def other(n):
    return f"{50 + n}.5"


def same(value):
    return lambda _: value


def bad(value, *at):
    return lambda n: value if n in at else up(n)


HUNDRED = SESSIONS[-100:]
DATED = [["Date", "AAA"], *([dt.datetime.fromisoformat(day), 100.0 + n] for n, day in enumerate(DAYS))]
QUOTES = "contractSymbol,strike,bid,ask,expiration,type,spot_price\n"
CALL = "AAA260320C00680000,680,12.10,12.30,2026-03-20,call,109\n"
DEAD = "AAA260206P00680000,680,9.60,9.80,2026-02-06,put,109\n"
SIDES = (
    "AAA\n{date}Last: 109\nExpiration Date,Calls,Last Sale,Net,Bid,Ask,Strike,Puts,Last Sale,Net,Bid,Ask\n"
    "Fri Mar 20 2026,AAA260320C00680000,1,0,12.1,12.3,680,AAA260320P00680000,1,0,9.6,9.8\n"
    "Fri Mar 20 2026,AAA260320C00690000,1,0,12.1,12.3,690,AAA260320P00690000,1,0,9.6,9.8\n"
)
WEIGHTS = "Date,Ticker,Weight\n" + "".join(f"{day},AAA,0.6\n{day},BBB,0.4\n" for day in DAYS)
SPLIT = table("Date,Close,Stock Splits", bad(7.2, *range(8, 10)), lambda n: 2 if n == 8 else 0).replace(",10", ",10.")
TWO = table("Date,AAA,BBB", up, other)

Files = dict[str, str | bytes]

MENDED: dict[str, tuple[Files, float | None]] = {
    # rows and separators of text tables
    "and most rows are such; quote decimal commas": (
        {"AAA.csv": table("Date~Open~Close", lambda n: f"{up(n)},5", lambda n: f"{up(n)},25", by="~")},
        109.25,
    ),
    "cells under {} heads and is left out": ({"AAA.csv": table("Date,Close,Volume", up, bad("1,2", 4))}, 109),
    "more rows with cells that do not fit its heads left out": (
        {"AAA.csv": table("Date,Close,Volume", up, bad("1,2", *range(1, 40, 3)), days=HUNDRED)},
        199,
    ),
    "the file ends without a line end": ({"AAA.csv": table("Date,Volume,Close", up, bad(1, 9), close=False)}, 108),
    "look for a quotation mark": ({"AAA.csv": table("Date,Close", up) + 'x"' + "y" * 200_000 + "\n"}, None),
    # heads
    "has no Date column and is no member list": ({"AAA.csv": table("When^Close", up, by="^")}, 109),
    "its first column is no Date column and no other is a Close column": (
        {"AAA.csv": table("Note,Date,Fizz", lambda n: DAYS[n], up, days=["x"] * 10)},
        109,
    ),
    "has adjusted closes only; give the closes as traded, too": ({"AAA.csv": table("Date,Adj Close", up)}, 109),
    "says whose prices they are; name the file": ({"prices.csv": table("Date,Close", up)}, None),
    "may be no ticker, and it has no Close column": ({"AAA.csv": table("Date,Wert,Umsatz", up, other)}, 109),
    ", and it has no Close column": ({"export.csv": table("Date,Foo,Bar", up, other)}, None),
    "may be no ticker in a file of": ({"AAPL.csv": table("Date,fizz,buzz", up, other)}, None),
    "{} may be no ticker": ({"export.csv": table("Date,Alpha Fund,Beta Fund", up, other)}, None),
    "of several securities as it seems": (
        {"x.csv": "Date,Note,Close\n" + "".join(f"{d},AAA,{up(n)}\n{d},BBB,{other(n)}\n" for n, d in enumerate(DAYS))},
        109,
    ),
    "columns not used: ": ({"AAA.csv": table("Date,Close,Fancy", up, other)}, 109),
    "counts lots of 100 shares and is not used": (
        {"daily.csv": table("trade_date,ts_code,close,vol", same("AAA"), up, other)},
        109,
    ),
    "has no head and is left out": ({"p.csv": table("Date,AAA,", up, other)}, 109),
    "{}: column {} is {} and is left out": ({"p.csv": table("Date,AAA,BBB,Change", up, up, other)}, 109),
    "names no symbol and is left out": (
        {"p.csv": table("Date,Symbol,Close", lambda n: "" if n == 3 else "AAA", up)},
        109,
    ),
    # cells
    "is no number; correct the cell or leave it empty": ({"p.csv": table("Date,AAA,BBB", up, bad("bad", 2))}, 109),
    "is larger than any price or volume": ({"p.csv": table("Date,AAA,BBB", up, bad("1e300", 2))}, 109),
    "is a share, no price": ({"p.csv": table("Date,AAA,BBB", up, bad("5%", 2))}, 109),
    "taken as gaps": ({"p.csv": table("Date,AAA,BBB", up, bad("x", *range(0, 90, 7)), days=HUNDRED)}, 199),
    "left out column ": ({"AAA.csv": table("Date,Close,Volume", up, same("lots"))}, 109),
    "others of the column": ({"p.csv": table("Date,AAA,BBB", up, same("bad"))}, 109),
    "left out series ": ({"UNRATE.csv": table("observation_date,UNRATE,DGS10", up, same("bad")), "SPY.csv": SPY}, None),
    "left out {}: {}": (
        {"p.csv": "Date,Symbol,Close\n" + "".join(f"{d},AAA,{up(n)}\n{d},BBB,bad\n" for n, d in enumerate(DAYS))},
        109,
    ),
    "may mean": ({"AAA.csv": table("Date;Close", lambda n: f"1,{up(n)}", by=";")}, 1.109),
    "and its point may part": ({"AAA.csv": table("Date;Close;Fee", lambda n: f"1.{up(n)}", same("0,5"), by=";")}, 1109),
    # dates
    "is no date with the year first": (
        {"AAA.csv": table("Date,Close", up, days=["02/03/2026", "02/04/2026", "02/05/2026"])},
        102,
    ),
    "is no day of the calendar": ({"AAA.csv": table("Date,Close", up, days=[*DAYS[:3], "30-Feb-26", *DAYS[4:]])}, 109),
    "is a week, and prices have days": (
        {"AAA.csv": table("Date,Close", up, days=[*DAYS[:3], "2026-W06", *DAYS[4:]])},
        109,
    ),
    "may count days from 1900 or from 1904": (
        {
            "AAA.csv": table(
                "Date,Close", up, days=[(dt.date.fromisoformat(d) - dt.date(1904, 1, 1)).days for d in DAYS]
            )
        },
        109,
    ),
    "may count days from 1900 or from 1970": (
        {
            "AAA.csv": table(
                "Date,Close", up, days=[(dt.date.fromisoformat(d) - dt.date(1970, 1, 1)).days for d in DAYS]
            )
        },
        109,
    ),
    "; the row is left out": ({"AAA.csv": table("Date,Close", up, days=[*DAYS[:3], "4 Feb", *DAYS[4:]])}, 109),
    "more rows without a sound date left out": (
        {"AAA.csv": table("Date,Close", up, days=[f"x{d}" if n % 5 == 1 else d for n, d in enumerate(HUNDRED)])},
        199,
    ),
    "rows without a date left out": ({"AAA.csv": with_rows(table("Date,Close", up), "Source: desk,", ",5")}, 109),
    "another table begins there": ({"p.csv": with_rows(table("Date,AAA", up), "", "Date,CCC", "2026-02-12,7")}, 109),
    "the row is left out": ({"AAA.csv": table("Date,Close", up, days=[*DAYS[:3], "2025-02-05", *DAYS[4:]])}, 109),
    "more rows with a date out of its order left out": (
        {
            "AAA.csv": table(
                "Date,Close", up, days=[d.replace("20", "19", 1) if n % 9 == 4 else d for n, d in enumerate(HUNDRED)]
            )
        },
        199,
    ),
    "rows on days that are no session, left out": (
        {"AAA.csv": with_rows(table("Date,Close", up), "2026-02-14,110")},
        109,
    ),
    "where the known sessions begin, left out": (
        {"AAA.csv": "Date,Close\n1895-05-02,7\n" + table("", up).lstrip()},
        109,
    ),
    "closes on days {}, left out": (
        {"p.csv": table("Date,AAA,BBB.L", up, other, days=["2026-01-15", "2026-01-16", "2026-01-19", "2026-01-20"])},
        None,
    ),
    "the last finished session (first {}), left out": (
        {"AAA.csv": with_rows(table("Date,Close", up), "2199-03-01,5")},
        109,
    ),
    "the later ones are left out": (
        {
            "p.csv": table("Date,BBB,CCC,DDD", up, up, up),
            "AAA.csv": with_rows(table("Date,Close", up), "2026-02-17,110"),
        },
        109,
    ),
    # values
    "the same day twice and differently": ({"AAA.csv": with_rows(table("Date,Close", up), "2026-02-13,55")}, 109),
    "more values of days that stand there twice": (
        {"AAA.csv": table("Date,Close", lambda n: up(n) if n < 100 else 5, days=[*HUNDRED, *HUNDRED[:5]])},
        199,
    ),
    "(first {}); left out{}": ({"AAA.csv": table("Date,Close", bad(-5, 3))}, 109),
    "below their lows (first {}); both left out": (
        {"AAA.csv": table("Date,High,Low,Close", bad(90, 3), lambda n: up(n) - 1, up)},
        109,
    ),
    "s outside high and low (first {})": (
        {"AAA.csv": table("Date,High,Low,Close", lambda n: up(n) + 1, lambda n: up(n) - 1, bad(150, 3))},
        109,
    ),
    "of them, beyond twice that, left out": ({"AAA.csv": table("Date,High,Close", bad(300, 3), up)}, 109),
    "; held back": ({"AAA.csv": table("Date,Close", bad(10, 9))}, 10),
    "more days held back": ({"AAA.csv": table("Date,Close", bad(10, *range(11, 99, 8)), days=HUNDRED)}, 199),
    "and is not used for it": ({"p.csv": TWO, "q.csv": table("Date,AAA,CCC", bad(130, 4), other)}, None),
    "the file's splits are not applied": ({"AAA.csv": SPLIT}, 7.2),
    "cannot be told (first on {}); the file's dividends are not applied": (
        {
            "AAA.csv": table("Date,Close,Dividends", lambda n: up(n) + 0.123456, bad(0, *range(10))).replace(
                ",0\n2026-02-06", ",0.5\n2026-02-06"
            )
        },
        109.123456,
    ),
    "are per share of then or of now": (
        {
            "AAA.csv": table(
                "Date,Close,Dividends,Stock Splits",
                lambda n: up(n) if n < 8 else up(n) / 2,
                lambda n: 0.3 if n == 4 else 0,
                lambda n: 2 if n == 8 else 0,
            )
        },
        54.5,
    ),
    "dividends that can be none are left out": (
        {"AAA.csv": table("Date,Close,Dividends", up, lambda n: 90 if n == 4 else 0)},
        109,
    ),
    "adjusted closes that part from their closes left out": (
        {"AAA.csv": table("Date,Close,Adj Close", up, bad(70, 4))},
        109,
    ),
    # members, weights, chains, workbooks
    "stands there twice and differently": (
        {"p.csv": TWO, "members.csv": "Symbol,Name\nAAA,A\nBBB,B\n", "weights.csv": WEIGHTS + "2026-02-13,BBB,0.9\n"},
        109,
    ),
    "{}: the weight {} {}; left out": (
        {"p.csv": TWO, "members.csv": "Symbol,Name\nAAA,A\nBBB,B\n", "weights.csv": WEIGHTS + "2026-02-17,BBB,-0.9\n"},
        109,
    ),
    "more such weights left out": (
        {
            "p.csv": TWO,
            "members.csv": "Symbol,Name\nAAA,A\nBBB,B\n",
            "weights.csv": WEIGHTS + "".join(f"{day},BBB,0.9\n" for day in DAYS),
        },
        109,
    ),
    "weights of {}: no members, left out: {}": (
        {"p.csv": TWO, "members.csv": "Symbol,Name\nAAA,A\nBBB,B\n", "weights.csv": WEIGHTS + "2026-02-13,CCC,0.1\n"},
        109,
    ),
    "the members of {} stand in another file already": (
        {"p.csv": TWO, "members.csv": "Symbol,Name\nAAA,A\n", "sub/members.csv": "Symbol,Name\nBBB,B\n"},
        109,
    ),
    "the weights of {} stand in another file already": (
        {"p.csv": TWO, "weights.csv": WEIGHTS, "sub/weights.csv": WEIGHTS},
        109,
    ),
    "had expired or are dated on no session": ({"AAA_2026-02-13.csv": QUOTES + CALL + DEAD}, 109),
    "or say the session in folder.toml": (
        {"AAA.csv": QUOTES + CALL.replace("2603", "2903").replace("2026-03", "2029-03")},
        None,
    ),
    "no date in its title": (
        {"aaa_quotes.csv": SIDES.replace("{date}", "").replace("2603", "2903").replace("2026", "2029")},
        None,
    ),
    "no expiry or no word for call or put": (
        {"AAA_2026-02-13.csv": QUOTES + CALL + CALL.replace("680", "690") + "x,700,12,13,,call,109\n"},
        109,
    ),
    "is no option contract": (
        {
            "aaa.csv": SIDES.replace("{date}", "February 13 2026 at 5:00 PM\n").replace("AAA260320P00690000", "none")
            + SIDES.splitlines()[-1].replace("690", "700")
        },
        109,
    ),
    "more rows that cannot be read left out": (
        {
            "AAA_2026-02-13.csv": QUOTES
            + "".join(CALL.replace("680", f"{n}") if n % 4 else f"x,{n},1,2,,,\n" for n in range(600, 640))
        },
        109,
    ),
    "is hidden and left out": (
        {
            "AAA.xlsx": book(
                ("Old", DATED, "hidden"), ("New", DATED, "visible"), ("More", [["Date", "BBB"], *DATED[1:]], "visible")
            )
        },
        109,
    ),
    # what is no table
    "a link that leads nowhere": ({"AAA.csv": table("Date,Close", up), "gone.csv": b"->nowhere.csv"}, 109),
    "has no rows": ({"AAA.csv": table("Date,Close", up), "empty.csv": "Date,Close\n"}, 109),
}
"""Files of which something is left out for this reason, and the last close of AAA once the lines are written."""

SAVE_IT = "the file is damaged, locked or too large, and must be saved anew; folder.toml can leave it out as a whole"
SETTINGS = "folder.toml itself is wrong there, and the message says what it may hold"
ODD = "nothing is left out: it is told"
PART = "a part of other messages, or no message"
FOLDER = "the folder itself cannot be read, and no file in it"

LATER = "the files are saved meanwhile, or out of their order; asked again, the folder is read anew"

WHY_NOT = {
    **dict.fromkeys(
        (
            *("is another on {} than in an earlier file", "another row of its market and day says otherwise"),
            "options of {} of {} stand there twice and differently",
            *(
                "groups of traders do not add up",
                "no code of a market under {}",
                "do not say whether options are in them",
            ),
            *("does not say whether options are in it", "{}: {} left out: {}"),
        ),
        ODD,
    ),
    **dict.fromkeys(
        (
            *("which of them counts nobody knows", "{}: has no values", "is cut off; the lists are left out"),
            *("a report on commitments of traders without heads", "no row of positions can be read"),
            *(
                "has no vintage with a value",
                "has vintages and not one column",
                "is cut off; the vintages are left out",
            ),
            *("a value of {} that begins on {}, {}", "has two values of {} of {} that begin on one day"),
            "is no id of a series",
        ),
        SAVE_IT,
    ),
    **dict.fromkeys(
        (
            *("reported date", "naaim number mean/average", "contract volume", "open interest", "may be cut off"),
            *("before {}, when that of {} can be out", "after it ends on {}"),
            *("its last cell {}", "its last, empty cell"),
        ),
        PART,
    ),
    "may part no thousands": "folder.toml says which decimal sign there is already; that line is right or wrong",
    **dict.fromkeys(("changed since", "the first of all files; left out"), LATER),
    **dict.fromkeys(
        (
            *(
                "cannot be read ({}); copy it again",
                "cannot be read ({})",
                "cannot be read (",
                "is no Excel workbook",
                "is no .xlsx workbook",
            ),
            *(
                "holds the same part twice",
                "unpacks to more than",
                "is packed or locked",
                "is no UTF-8 text",
                "{}: is larger than {} MB",
            ),
            *(
                "whose place cannot be read",
                "its cells hold more than",
                "its sheets span more than",
                "spans {} cells",
                "save it as CSV",
            ),
            *(
                "holds more than it says",
                "is no plain column, but nested",
                "holds a text of {} bytes",
                "split it by symbol or year",
            ),
            *(
                "split it by symbol or by year",
                "neither UTF-8 nor GBK text",
                "split it",
                "has more than {} rows or {} cells",
                "{}: {}, and no file",
                "says what the values are",
            ),
        ),
        SAVE_IT,
    ),
    **dict.fromkeys(
        (
            *(
                "and must be",
                "is no table of settings",
                "is a table of tables",
                "files is no table",
                "gives two columns",
                "and must go from",
            ),
            *(
                "says where symbols trade, too",
                "{}has {}{}; there are",
                "{} is {}{}; there are",
                "is {}{}; there are {}, a ticker in capitals",
            ),
            *(
                "give a name such as America/New_York",
                "and no file is called so",
                "which it does not have",
                "names the column {}, and it has",
            ),
            *(
                "holds the heads, and it has",
                "says that it holds series",
                "in folder.toml is not applied",
                "to leave out row {} of {}",
            ),
            *(
                "is no date written as {}, as folder.toml declares",
                "text, as folder.toml declares",
                "folder.toml names the sheet",
                "and must have year",
            ),
        ),
        SETTINGS,
    ),
    **dict.fromkeys(
        (
            *(
                "have the same closes, one of them adjusted",
                "its closes are adjusted for dividends",
                "the dividends are converted",
            ),
            *(
                "that the adjusted closes tell of are applied",
                "its years are taken for those of",
                "days away from the row beside it",
            ),
            *(
                "look whether it is right",
                "more closes that stand alone",
                "look whether they are others' names",
                "look whether they are right",
            ),
            *(
                "the same day twice with the same values",
                "gathered to a bar a day",
                "outside its hours left out",
                "{} has no values",
            ),
            *(
                "{}; its quotes {}",
                "they are of the day before",
                "they are called {}, as the file's name says",
                "whose weights sum to",
                "with the same value, counted once",
                "states prices of its underlying",
            ),
            *("s far {} open and close", "is no time of day", "{}:{} is no time", "what was read of it before stays"),
        ),
        ODD,
    ),
    **dict.fromkeys(
        (
            *(
                "as traded in the file",
                "adjusted for splits in the file",
                "adjusted for splits and dividends in the file",
                "{} symbols that come",
            ),
            *(
                ": {} differs from ",
                "{} days (first {})",
                "{} closes after {}, {}{}",
                "delete what is not needed",
                "the Republic of China",
            ),
            *(
                "the Buddhist era",
                "{} on {} beside a close of {}",
                "the closes around the split",
                "the closes are as traded at some of its splits",
            ),
            *(
                "whether the closes are as traded or adjusted for splits cannot be told",
                "closes and adjusted closes part at",
                "put back have whole",
            ),
            *(
                "the file states no splits",
                "no split in the file",
                "{} cells under {} heads",
                "cells that are no numbers",
                "{}, row {}, column {}",
            ),
            *(
                "fully adjusted",
                "did you mean",
                "texts that stand for a gap",
                "names of files",
                "titles of sheets",
                "; its heads are {}",
            ),
            *(
                "folder.toml can say what each column is",
                " (its heads are ",
                "does not trade (first {})",
                " and {} more have",
                "between {} and {}",
            ),
            *(
                "{} before and {} after it",
                "option symbol",
                "expiration date",
                "last trade date",
                "underlying symbol",
                "underlying price",
            ),
            *(
                "the level that its option chain states",
                "are taken for those of",
                "is no session of",
                "where its calendar ends",
                "may say which",
            ),
            *(
                "of these days left out",
                "{}, row {}: {}",
                "can be none",
                "the day above its heads",
                "is no expiry",
                "option chains of",
                "weights of",
                "as in the file",
            ),
            *(
                "put a CSV, XLSX or Parquet table",
                "more remarks",
                "{} symbols of",
                "is no {} of",
                "a marks",
                "members of",
            ),
        ),
        PART,
    ),
    **dict.fromkeys(
        (
            *(
                "a link that leads back",
                "a pipe, socket or device",
                "the folder {} cannot be read",
                "give a folder of prices alone",
            ),
            *("no folder {}; make it", "holds no prices", "holds no closes on sessions", "holds nothing"),
        ),
        FOLDER,
    ),
}
"""Why no line of folder.toml mends it."""

_SKIPPED = (
    "headers.py",
    "headwords.py",
    "filenames.py",
    "packing.py",
    "remedies.py",
    "headremedies.py",
    "checking.py",
    "kept.py",
    "dateforms.py",
)
MONTHS = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) "
_PATTERN = re.compile(r"\[,|^\\\(|\(\?|\\\\|\\d|\[A-Z")


@functools.cache
def texts():
    """The texts of more than a word in the code of a folder's provider, with {} for what is put into them."""
    found = {}
    for path in (*sorted(Path(package.__file__).parent.glob("*.py")), Path(lastcell.__file__)):
        tree = ast.parse(path.read_text("utf-8"))
        inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)} - {
            node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
        }
        docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = _text(node)
            if (
                path.name in _SKIPPED
                or text is None
                or text.isupper()
                or node in inner
                or node in docs
                or _PATTERN.search(text)
            ):
                continue
            if (
                " " in text.strip()
                and (len(text.replace("{}", "")) > 12 or text in ("left out {}: {}",))
                and text[0].isascii()
            ):
                found.setdefault(text, path.name)
    return found


def _text(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def test_every_text_has_lines_that_mend_it_or_a_reason_why_none_can():
    known = [*MENDED, *WHY_NOT]
    months = {text for text, file in texts().items() if file == "calendars.py" and re.match(MONTHS, text)}
    lacking = {
        text: file for text, file in texts().items() if not any(each in text for each in known) and text not in months
    }
    assert not lacking
    assert not [each for each in MENDED if not any(each in text for text in texts())]


def put(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, bytes) and content.startswith(b"->"):
            path.symlink_to(folder / content[2:].decode())
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


def told(found):
    refused = [each.reason for checked in found.files for each in checked.refused]
    odd = [each for checked in found.files for reading in checked.readings for each in reading.oddities]
    return [*refused, *odd, *found.remarks, found.reason]


@pytest.mark.parametrize("kind", MENDED)
def test_the_printed_lines_are_written_and_the_files_are_read_right(tmp_path, kind):
    files, close = MENDED[kind]
    put(tmp_path, files)
    found = checking.check(tmp_path)
    assert not found.whole
    pattern = re.compile(re.escape(kind).replace(r"\{\}", ".+?"))
    assert any(map(pattern.search, told(found))), told(found)
    lines = "\n".join([*found.remedy, *(line for checked in found.files for line in checked.remedy)])
    written = tomllib.loads(lines)
    whole = [name for name, said in written.get("files", {}).items() if said.get("leave_out")]
    assert not whole or "stand in another file" in kind or kind in ("has no rows", "look for a quotation mark"), lines
    (tmp_path / "folder.toml").write_text(lines, "utf-8")
    again = checking.check(tmp_path)
    if kind != "look for a quotation mark":
        assert again.whole, told(again)
    if close is not None:
        assert Session(f"folder:{tmp_path}").call("PX_CLOSE", "AAA") == pytest.approx(close)


@pytest.mark.parametrize(
    ("saved", "session"),
    [
        ("2026-02-13T22:00", "2026-02-13"),
        ("2026-02-13T12:00", "2026-02-12"),
        ("2026-02-16T23:00", "2026-02-13"),  # Presidents' Day
        ("2026-02-15T01:00", "2026-02-13"),
    ],
)
def test_quotes_are_offered_as_those_of_the_session_before_the_file_was_saved(tmp_path, saved, session):
    put(tmp_path, {"AAA.csv": QUOTES + CALL.replace("2603", "2903").replace("2026-03", "2029-03")})
    stamp = dt.datetime.fromisoformat(saved).replace(tzinfo=dt.UTC).timestamp()
    os.utime(tmp_path / "AAA.csv", (stamp, stamp))
    assert f'session = "{session}"' in "\n".join(checking.check(tmp_path).files[0].remedy)


@pytest.mark.parametrize(
    ("form", "written"), [("%d%m%Y", 'date_format = "DDMMYYYY"'), ("%m%d%Y", 'date_format = "MMDDYYYY"')]
)
def test_eight_digits_with_the_year_last_are_declared(tmp_path, form, written):
    days = [dt.date(2026, 2, day) for day in (9, 10, 11, 12, 13)]
    (tmp_path / "SPY.csv").write_text("".join(["Date,Close\n", *(f"{day:{form}},{100 + day.day}\n" for day in days)]))
    (checked,) = checking.check(tmp_path).files
    assert checked.remedy[1].startswith(written)
    (tmp_path / "folder.toml").write_text("\n".join(checked.remedy))
    panel = source.load(tmp_path)
    assert panel.days.astype(str).tolist() == [str(day) for day in days]


@pytest.mark.parametrize("heads", ["Previous Close,Volume", "Total Return", "Vortag,Umsatz", "昨收,成交量"])
def test_no_line_takes_the_close_of_another_day_or_a_volume_for_a_close(tmp_path, heads):
    rows = [f"2026-02-{day}," + ",".join([str(day)] * (heads.count(",") + 1)) for day in (10, 11, 12, 13)]
    (tmp_path / "SPY.csv").write_text("\n".join([f"Date,{heads}", *rows, ""]), "utf-8")
    found = checking.check(tmp_path)
    assert not found.whole
    assert '"close"' not in "".join(line for checked in found.files for line in checked.remedy)
