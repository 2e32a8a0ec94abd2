"""One known panel, written in as many ways as systems export tables, and damaged in one place at a time."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import adjustment
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.providers.folder import source

SYMBOLS = ("AAPL", "MSFT", "XLK", "SPY")
FIELDS = ("open", "high", "low", "close", "volume")
SESSIONS = XNYS.sessions_between(dt.date(2025, 12, 1), dt.date(2026, 2, 13)).tolist()
NOW = dt.datetime(2026, 2, 14, 12, tzinfo=dt.UTC)
SPLIT_AT = 20
"""The session of a split of 4 for 1 of the first symbol."""

HEADS = {
    "en": {
        "date": ("Date", "date", "Trade Date", "DATE"),
        "symbol": ("Symbol", "Ticker", "ticker"),
        "open": ("Open", "PX_OPEN"),
        "high": ("High", "PX_HIGH"),
        "low": ("Low", "PX_LOW"),
        "close": ("Close", "PX_LAST", "Last Price"),
        "volume": ("Volume", "PX_VOLUME"),
        "split": ("Stock Splits", "Splits"),
    },
    "zh": {
        "date": ("日期", "交易日期"),
        "symbol": ("代码", "证券代码"),
        "open": ("开盘价", "开盘"),
        "high": ("最高价", "最高"),
        "low": ("最低价", "最低"),
        "close": ("收盘价", "收盘"),
        "volume": ("成交量",),
        "split": ("拆股",),
    },
}
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DATES = {
    "iso": lambda day: day.isoformat(),
    "slashes": lambda day: f"{day:%Y/%m/%d}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "day first": lambda day: f"{day:%d.%m.%Y}",
    "month first": lambda day: f"{day:%m/%d/%Y}",
    "month named": lambda day: f"{day.day}-{MONTHS[day.month - 1]}-{day:%y}",
    "chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "midnight": lambda day: f"{day.isoformat()} 00:00:00-05:00",
    "bell": lambda day: f"{day.isoformat()}T16:00:00-05:00",
    "shanghai": lambda day: f"{day + dt.timedelta(days=1)} 05:00:00+08:00",
}
GAPS = ("", "N/A", "-", "#N/A", "nan", "null", "—", "停牌")


def truth(seed: int) -> dict[str, dict[str, np.ndarray]]:
    """Bars as traded; the first symbol splits 4 for 1."""
    chance = np.random.default_rng(seed)
    found = {}
    for place, symbol in enumerate(SYMBOLS):
        close = (80.0 + 60 * place) * np.exp(np.cumsum(chance.normal(0, 0.012, len(SESSIONS))))
        if place == 0:
            close[:SPLIT_AT] *= 4
        fields = {
            "open": close * (1 + chance.normal(0, 0.003, len(close))),
            "high": close * (1.006 + 0.004 * chance.random(len(close))),
            "low": close * (0.994 - 0.004 * chance.random(len(close))),
            "close": close,
        }
        fields = {name: np.round(values, 2) for name, values in fields.items()}
        fields["open"] = np.clip(fields["open"], fields["low"], fields["high"])
        fields["volume"] = np.round(chance.lognormal(14, 0.5, len(close)))
        split = np.zeros(len(close))
        split[SPLIT_AT] = 4.0 if place == 0 else 0.0
        fields["split"] = split
        found[symbol] = fields
    return found


@dataclass
class Case:
    """Files that hold the panel, and where a cell was left empty on purpose."""

    files: dict[str, bytes]
    what: str
    gaps: set[tuple[str, int, str]] = field(default_factory=set)
    adjusted: bool = False


@dataclass
class _Style:
    lang: str
    separator: str
    decimal: str
    encoding: str
    end: str
    date: str
    newest_first: bool
    footer: str
    title: bool
    gap: str
    grouped: bool


def style_of(chance: random.Random) -> _Style:
    lang = chance.choice(("en", "zh"))
    separator = chance.choice((",", ",", ";", "\t", "|"))
    return _Style(
        lang,
        separator,
        chance.choice(".,") if separator in ";\t" else ".",
        chance.choice(("utf-8", "utf-8-sig", "utf-16", "gb18030")),
        chance.choice(("\n", "\r\n", "\r")),
        chance.choice(list(DATES)),
        chance.random() < 0.4,
        chance.choice(("", "", "source", "average", "sum")),
        chance.random() < 0.2,
        chance.choice(GAPS),
        chance.random() < 0.2,
    )


def _number(value: float, name: str, style: _Style) -> str:
    text = f"{value:.0f}" if name in ("volume", "split") else f"{value:.2f}"
    if style.grouped and name == "volume":
        text = f"{int(value):,}"
    if style.decimal == ",":
        text = text.translate(str.maketrans(".,", ",."))
    return f'"{text}"' if style.separator in text else text


def _head(chance: random.Random, style: _Style, name: str) -> str:
    return chance.choice(HEADS[style.lang][name])


def _text(rows: list[list[str]], chance: random.Random, style: _Style) -> bytes:
    body = rows[1:]
    if style.newest_first:
        body = body[::-1]
    lines = [style.separator.join(row) for row in (rows[0], *body)]
    if style.title:
        lines.insert(0, "Prices of the desk" if style.lang == "en" else "行情导出")
    width = len(rows[0])
    if style.footer == "source":
        lines.append("Source: the desk" if style.lang == "en" else "数据来源：桌面")
    elif style.footer:
        word = {"average": ("Average", "平均"), "sum": ("Total", "合计")}[style.footer][style.lang == "zh"]
        lines.append(style.separator.join([word, *[str(chance.randrange(50, 400))] * (width - 1)]))
    return (style.end.join(lines) + style.end).encode(style.encoding)


def make(seed: int) -> tuple[Case, dict[str, dict[str, np.ndarray]]]:
    """A case, by its number, and the panel that it holds."""
    chance = random.Random(seed)
    held = truth(seed)
    style = style_of(chance)
    layout = chance.choice(("bars", "wide", "long", "grouped"))
    adjusted = layout in ("bars", "long") and chance.random() < 0.5
    case = Case({}, f"case {seed}: {layout}, {style}, {'adjusted' if adjusted else 'as traded'}", adjusted=adjusted)
    written = {symbol: dict(fields) for symbol, fields in held.items()}
    if adjusted or layout in ("wide", "grouped"):
        for fields in written.values():
            factor = adjustment.split_factor(fields["split"])
            for name in ("open", "high", "low", "close", "volume"):
                fields[name] = adjustment.on_last_share_count(name, fields[name], factor)
    names = list(chance.sample(FIELDS, len(FIELDS)))
    if layout in ("bars", "long"):
        names.insert(chance.randrange(len(names)), "split")
    lost = chance.choice((0, 0, 1, 3))
    for _ in range(lost):
        case.gaps.add((chance.choice(SYMBOLS), chance.randrange(len(SESSIONS)), "close"))

    def cell(symbol: str, row: int, name: str) -> str:
        if (symbol, row, name) in case.gaps:
            return style.gap
        return _number(float(written[symbol][name][row]), name, style)

    date = DATES[style.date]
    ending = chance.choice((".csv", ".txt") if style.separator != "\t" else (".tsv", ".txt", ".csv"))
    heads = {name: _head(chance, style, name) for name in HEADS["en"]}
    if layout == "bars":
        for symbol in SYMBOLS:
            rows = [[heads["date"], *(heads[name] for name in names)]]
            rows += [[date(day), *(cell(symbol, n, name) for name in names)] for n, day in enumerate(SESSIONS)]
            case.files[f"{symbol}{ending}"] = _text(rows, chance, style)
    elif layout == "long":
        rows = [[heads["date"], heads["symbol"], *(heads[name] for name in names)]]
        rows += [
            [date(day), symbol, *(cell(symbol, n, name) for name in names)]
            for n, day in enumerate(SESSIONS)
            for symbol in SYMBOLS
        ]
        case.files[f"prices{ending}"] = _text(rows, chance, style)
    elif layout == "wide":
        rows = [[heads["date"], *SYMBOLS]]
        rows += [[date(day), *(cell(symbol, n, "close") for symbol in SYMBOLS)] for n, day in enumerate(SESSIONS)]
        case.files[f"prices{ending}"] = _text(rows, chance, style)
    else:
        style.title = style.newest_first = False
        top = ["", *(symbol for symbol in SYMBOLS for _ in names)]
        rows = [top, [heads["date"], *(heads[name] for _ in SYMBOLS for name in names)]]
        rows += [
            [date(day), *(cell(symbol, n, name) for symbol in SYMBOLS for name in names)]
            for n, day in enumerate(SESSIONS)
        ]
        case.files[f"prices{ending}"] = _text(rows, chance, style)
    return case, held


def read(folder: Path, case: Case) -> Panel | str:
    """The panel that is read of the files, or why there is none."""
    for name, data in case.files.items():
        (folder / name).write_bytes(data)
    try:
        return source.Reader(folder, lambda: NOW).load()
    except NoData as error:
        return error.message


def wrong(case: Case, held: dict[str, dict[str, np.ndarray]], found: Panel | str, slack: float = 2e-4) -> list[str]:
    """Values that are neither the known ones nor told of, each with its place."""
    if isinstance(found, str):
        return [] if any(name in found for name in case.files) else [f"no panel, and no file named: {found}"]
    told = " ".join(remark for remark in found.remarks if not _FOOTER.search(remark))
    bad = []
    row_of = {day: row for row, day in enumerate(found.days.tolist())}
    for symbol, fields in held.items():
        if symbol not in found.columns:
            if not _told(told, case, symbol):
                bad.append(f"{symbol} is missing")
            continue
        column = found.columns[symbol]
        factor = adjustment.split_factor(fields["split"])
        own = None if found.split_factor is None else found.split_factor[:, column]
        for name in FIELDS:
            if name not in found.fields:
                continue
            expected = adjustment.on_last_share_count(name, fields[name], factor)
            got = adjustment.on_last_share_count(name, found.fields[name][:, column], own)
            for n, day in enumerate(SESSIONS):
                value = got[row_of[day]] if day in row_of else np.nan
                if np.isfinite(value):
                    if abs(value / expected[n] - 1) > slack and not _told(told, case, symbol):
                        bad.append(f"{symbol} {day} {name}: {value} for {expected[n]}")
                elif name == "close" and (symbol, n, name) not in case.gaps and not _told(told, case, symbol):
                    bad.append(f"{symbol} {day} {name}: lost for {expected[n]}")
        extra = [
            day for day in row_of if day not in SESSIONS and np.isfinite(found.fields["close"][row_of[day], column])
        ]
        if extra and not _told(told, case, symbol):
            bad.append(f"{symbol}: closes on {extra[:3]}")
    return bad


_FOOTER = re.compile(r"rows without a date left out|column \S+(?: \S+)?: '(?:Average|Total|平均|合计)' is no date")
"""What is told of a line below a table: it excuses no number in it."""


def _told(told: str, case: Case, symbol: str) -> bool:
    """Whether a remark names the place: the file of the symbol."""
    names = [name for name in case.files if len(case.files) == 1 or name.startswith(f"{symbol}.")]
    return any(name in told for name in names)


MARKS = "0123456789.,;-/ \t\"'aZ%$年"
PLAUSIBLE = 0.25
"""Share by which a price may be changed and still be one: of a digit in a price nobody can tell which it was."""


def sound(seed: int) -> tuple[Case, dict[str, dict[str, np.ndarray]]]:
    """A plain file of each layout, without gaps or footers."""
    chance = random.Random(seed)
    held = truth(seed % 7)
    for fields in held.values():
        factor = adjustment.split_factor(fields.pop("split"))
        for name in FIELDS:
            fields[name] = np.round(adjustment.on_last_share_count(name, fields[name], factor), 2)
        fields["split"] = np.zeros(len(SESSIONS))
    separator = chance.choice((",", ",", ";", "\t"))
    decimal = "," if separator == ";" and chance.random() < 0.5 else "."
    end = chance.choice(("\n", "\r\n"))
    layout = chance.choice(("bars", "wide", "long"))

    def cell(value: float, name: str) -> str:
        return f"{value:.0f}" if name == "volume" else f"{value:.2f}".replace(".", decimal)

    if layout == "wide":
        rows = [["Date", *SYMBOLS]]
        rows += [
            [str(day), *(cell(held[symbol]["close"][n], "close") for symbol in SYMBOLS)]
            for n, day in enumerate(SESSIONS)
        ]
        files = {"prices.csv": rows}
    elif layout == "long":
        rows = [["Date", "Symbol", *(name.title() for name in FIELDS)]]
        rows += [
            [str(day), symbol, *(cell(held[symbol][name][n], name) for name in FIELDS)]
            for n, day in enumerate(SESSIONS)
            for symbol in SYMBOLS
        ]
        files = {"prices.csv": rows}
    else:
        files = {
            f"{each}.csv": [
                ["Date", *(name.title() for name in FIELDS)],
                *([str(day), *(cell(held[each][name][n], name) for name in FIELDS)] for n, day in enumerate(SESSIONS)),
            ]
            for each in SYMBOLS
        }
    data = {name: (end.join(map(separator.join, rows)) + end).encode() for name, rows in files.items()}
    return Case(data, f"sound {seed}: {layout} {separator!r} {decimal!r}"), held


def damaged(seed: int) -> tuple[Case, dict[str, dict[str, np.ndarray]]]:
    """A sound case with one file damaged in one place: a character, a line, or the end."""
    case, held = sound(seed)
    chance = random.Random(seed + 1)
    name = chance.choice(sorted(case.files))
    text = case.files[name].decode()
    place = chance.randrange(len(text))
    kind = chance.choice(("replaced", "lost", "added", "line lost", "line twice", "lines exchanged", "cut"))
    lines = text.splitlines(keepends=True)
    at = chance.randrange(1, len(lines) - 1)
    if kind == "replaced":
        text = text[:place] + chance.choice(MARKS) + text[place + 1 :]
    elif kind == "lost":
        text = text[:place] + text[place + 1 :]
    elif kind == "added":
        text = text[:place] + chance.choice(MARKS) + text[place:]
    elif kind == "cut":
        text = text[: max(place, 40)]
    elif kind == "line lost":
        text = "".join(lines[:at] + lines[at + 1 :])
    elif kind == "line twice":
        text = "".join(lines[: at + 1] + lines[at:])
    else:
        text = "".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])
    case.files[name] = text.encode()
    where = text[max(0, place - 20) : place + 20] if kind in ("replaced", "lost", "added", "cut") else lines[at]
    case.what += f", {name} {kind} at {place}: {where!r}"
    return case, held


def numbers_in_silence(case: Case, held: dict[str, dict[str, np.ndarray]], found: Panel | str) -> list[str]:
    """Prices that are others than they were, by more than a slip that nobody could see, and are not told of."""
    if isinstance(found, str):
        return [] if any(name in found for name in case.files) else [f"no panel, and no file named: {found}"]
    told = " ".join(found.remarks)
    bad = []
    row_of = {day: row for row, day in enumerate(found.days.tolist())}
    for symbol in found.symbols:
        column = found.columns[symbol]
        if symbol not in held:
            closes = np.isfinite(found.fields["close"][:, column]).sum()  # of all days: a name that lost a letter
            if closes < len(SESSIONS) // 2 and not _told(told, case, symbol) and symbol not in told:
                bad.append(f"{symbol} is nobody's")
            continue
        for name in ("open", "high", "low", "close"):
            if name not in found.fields:
                continue
            values = found.fields[name][:, column]
            for day, row in row_of.items():
                if not np.isfinite(values[row]):
                    continue
                true = held[symbol][name][SESSIONS.index(day)] if day in SESSIONS else np.nan
                near = abs(values[row] / true - 1) <= PLAUSIBLE
                if not near and not _told(told, case, symbol):
                    bad.append(f"{symbol} {day} {name}: {values[row]} for {true}")
    return bad
