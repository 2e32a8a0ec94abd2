"""What ``folder.toml`` in a folder of files declares: what cannot be guessed of them.

It says where symbols trade, as ``xlrotation.toml`` did before, and how files are to be read, by patterns of their
names. All tables whose pattern fits a file count for it; where two say the same thing, the later one counts::

    exchange = "XETR"
    leave_out = ["old/*"]

    [symbols]
    SAP = "XETR"

    [files."kurse_*.csv"]
    columns = { date = "Datum", close = "Schluss" }
    date_format = "DD.MM.YYYY"
    decimal = ","
"""

from __future__ import annotations

import datetime as dt
import difflib
import fnmatch
import re
import tomllib
import zoneinfo
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from xlrotation.errors import NoData, RotationError
from xlrotation.files import read_regular
from xlrotation.market.calendar import Exchange, find_exchange
from xlrotation.market.listing import SETTINGS, Listing, chosen, listing_of

FILE = "folder.toml"
"""The name of the file in a folder."""

LAYOUTS = ("bars", "wide", "long", "series", "members", "weights", "chain")
CLOSES = ("as traded", "split-adjusted", "fully adjusted")
FIELDS = (
    *("date", "symbol", "open", "high", "low", "close", "adjclose", "volume", "dividend", "split", "shares"),
    *("weight", "name", "sector"),
)
"""What a column can be declared to hold."""

_LARGEST = 1_000_000
"""Bytes of a file of settings."""

_SEPARATORS = {",": ",", ";": ";", "tab": "\t", "\t": "\t", "|": "|"}
_ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "shift-jis", "cp1252")
_TOKENS = {"YYYY": r"(?P<y>\d{4})", "YY": r"(?P<y>\d{2})", "MMM": r"(?P<b>[A-Za-z]{3,9})", "MM": r"(?P<m>\d{1,2})"}
_TOKENS |= {"M": r"(?P<m>\d{1,2})", "DD": r"(?P<d>\d{1,2})", "D": r"(?P<d>\d{1,2})"}
_TOKEN = re.compile("YYYY|YY|MMM|MM|M|DD|D")
_TIME = r"(?:[T ]+\d{1,2}:\d{2}.*)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is declared of a file; None and empty leave it to the reader.

    Attributes:
        layout: One of :data:`LAYOUTS`.
        symbol: The security that a file of bars is of.
        columns: The head of the column that holds a field, by field.
        tickers: The ticker that is meant by a head or a cell.
        head: The row of heads; the first one of the file is 1.
        date_format: Such as ``DD.MM.YYYY``.
        decimal: The decimal sign, a point or a comma.
        separator: What parts the cells of a text table.
        encoding: The encoding of a text table.
        sheet: The one sheet of a workbook that is read.
        time_zone: Where the clock stands that stamps without an offset were taken from.
        currency: In which prices are.
        exchange: Where its symbols trade.
        closes: One of :data:`CLOSES`.
        leave_out: Heads of columns that are not read.
        leave_out_rows: Rows that are not read.
        drop: Whether the whole file is left out.
    """

    layout: str | None = None
    symbol: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    tickers: Mapping[str, str] = field(default_factory=dict)
    head: int | None = None
    date_format: str | None = None
    decimal: str | None = None
    separator: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    exchange: str | None = None
    closes: str | None = None
    leave_out: tuple[str, ...] = ()
    leave_out_rows: tuple[int, ...] = ()
    drop: bool = False

    def over(self, other: Rule) -> Rule:
        """This rule where it says something, else *other*."""
        said: dict[str, Any] = {}
        for item in fields(self):
            mine, theirs = getattr(self, item.name), getattr(other, item.name)
            said[item.name] = {**theirs, **mine} if isinstance(mine, dict) else mine or theirs
        return Rule(**said)

    @property
    def touches(self) -> bool:
        """Whether the cells of a table, or how they are parted, are another thing by it."""
        return self != replace(NOTHING, currency=self.currency, exchange=self.exchange, closes=self.closes)


NOTHING = Rule()


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a folder declares.

    Attributes:
        listing: Where symbols trade.
        rules: A rule for the files that each pattern fits, in the order of the file.
        leave_out: Patterns of files that are not read.
    """

    listing: Listing = field(default_factory=Listing)
    rules: tuple[tuple[str, Rule], ...] = ()
    leave_out: tuple[str, ...] = ()

    def of(self, name: str) -> Rule:
        """What is declared of the file *name*, as seen from the folder."""
        rule = NOTHING
        for pattern, each in self.rules:
            if fits(pattern, name):
                rule = each.over(rule)
        return replace(rule, drop=True) if any(fits(pattern, name) for pattern in self.leave_out) else rule

    def strangers(self, names: Collection[str]) -> list[str]:
        """Remarks on patterns that no file fits: a name that is mistyped must not pass unseen."""
        patterns = [*self.leave_out, *(pattern for pattern, _ in self.rules)]
        return [
            f"{FILE} names {pattern}, and no file is called so{_near(pattern, names)}"
            for pattern in dict.fromkeys(patterns)
            if not any(fits(pattern, name) for name in names)
        ]


def fits(pattern: str, name: str) -> bool:
    """Whether *pattern* names a file; one without a slash names files in any folder."""
    name, pattern = name.casefold(), pattern.casefold()
    return fnmatch.fnmatchcase(name, pattern) or (
        "/" not in pattern and fnmatch.fnmatchcase(name.rpartition("/")[2], pattern)
    )


def read(folder: Path) -> Declaration:
    """What ``folder.toml`` in *folder*, the older ``xlrotation.toml`` beside it, and the environment say.

    Raises:
        NoData: They cannot be understood; the message names file, key and reason.
    """
    try:
        found = parse(_text_of(folder / FILE))
    except RotationError as error:
        raise NoData(f"{folder / FILE}: {error.message}") from None
    try:
        older = listing_of(_parsed(_text_of(folder / SETTINGS)))
    except RotationError as error:
        raise NoData(f"{folder / SETTINGS}: {error.message}") from None
    if older != Listing():
        if found.listing != Listing():
            raise NoData(f"{folder / SETTINGS}: {FILE} says where symbols trade, too; keep {FILE} alone")
        found = replace(found, listing=older)
    return replace(found, listing=chosen(found.listing))


def parse(text: str) -> Declaration:
    """What the text of a ``folder.toml`` declares.

    Raises:
        NoData: It cannot be understood; the message names key and reason.
    """
    stored = _parsed(text)
    _known(stored, ("exchange", "home", "symbols", "leave_out", "files"), "")
    listing = listing_of({key: stored[key] for key in ("exchange", "home", "symbols") if key in stored})
    tables = stored.get("files", {})
    if not isinstance(tables, dict):
        raise NoData('files is no table; write [files."prices.csv"]')
    rules = tuple((pattern, _rule(pattern, table)) for pattern, table in tables.items())
    return Declaration(listing, rules, _texts(stored.get("leave_out", []), "leave_out", "names of files"))


def _text_of(path: Path) -> str:
    try:
        return read_regular(path, _LARGEST).decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise NoData(f"cannot be read ({error})") from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise NoData(f"cannot be read ({error})") from None


def _known(table: Mapping[str, object], keys: Sequence[str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise NoData(f"{where}has {key!r}{_near(key, keys)}; there are {', '.join(keys)}")


def _near(text: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(text[:100], list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _rule(pattern: str, table: object) -> Rule:
    where = f'[files."{pattern}"]'
    if not isinstance(table, dict):
        raise NoData(f"{where} is no table of settings")
    if table and all(isinstance(value, dict) for value in table.values()) and not table.keys() & _READERS.keys():
        raise NoData(f'{where} is a table of tables; write a name that has a dot in quotes, such as [files."a.csv"]')
    _known(table, tuple(_READERS), f"{where} ")
    said: dict[str, Any] = {}
    for key, value in table.items():
        if key == "leave_out" and isinstance(value, bool):
            said["drop"] = value
        else:
            said[key] = _READERS[key](value, f"{where} {key}")
    return Rule(**said)


def _one_of(choices: Collection[str]) -> Callable[[object, str], str]:
    def read_choice(value: object, where: str) -> str:
        text = _text(value, where)
        if text not in choices:
            raise NoData(f"{where} is {text!r}{_near(text, choices)}; there are {', '.join(map(repr, choices))}")
        return text

    return read_choice


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise NoData(f"{where} is {_shown(value)}, and must be a text")
    return value


def _shown(value: object) -> str:
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _texts(value: object, where: str, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise NoData(f"{where} is {_shown(value)}, and must be a list of {what}")
    return tuple(value)


def _columns(value: object, where: str) -> dict[str, str]:
    heads = _table_of_texts(value, where)
    _known(heads, FIELDS, f"{where} ")
    twice = {head for head in heads.values() if list(heads.values()).count(head) > 1}
    if twice:
        raise NoData(f"{where} gives the column {min(twice)!r} two meanings")
    return heads


def _table_of_texts(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise NoData(f"{where} is {_shown(value)}, and must be a table of texts")
    return {key: _text(each, f"{where} {key}").strip() for key, each in value.items()}


def _row(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise NoData(f"{where} is {_shown(value)}, and must be the number of a row; the first one is 1")
    return value


def _rows(value: object, where: str) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise NoData(f"{where} is {_shown(value)}, and must be a list of numbers of rows")
    return tuple(_row(each, where) for each in value)


def _date_format(value: object, where: str) -> str:
    text = _text(value, where)
    parts = sorted(part[0] for part in _TOKEN.findall(text))
    if parts != ["D", "M", "Y"] or re.search(r"[A-Za-z0-9]", _TOKEN.sub("", text)):
        raise NoData(
            f"{where} is {text!r}, and must have year, month and day once each, such as DD.MM.YYYY, MM/DD/YY, "
            "YYYYMMDD or D-MMM-YYYY"
        )
    return text


def _zone(value: object, where: str) -> str:
    text = _text(value, where)
    try:
        zoneinfo.ZoneInfo(text)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        near = _near(text, zoneinfo.available_timezones())
        raise NoData(f"{where} is {text!r}{near}; give a name such as America/New_York") from None
    return text


def _currency(value: object, where: str) -> str:
    text = _text(value, where)
    if not re.fullmatch("[A-Z]{3}|GBp|GBX|ILA|ZAc", text):
        raise NoData(f"{where} is {text!r}, and must be a code such as USD")
    return text


def _exchange(value: object, where: str) -> str:
    try:
        return find_exchange(_text(value, where)).code
    except RotationError as error:
        raise NoData(f"{where}: {error.message}") from None


_READERS: dict[str, Callable[[Any, str], object]] = {
    "layout": _one_of(LAYOUTS),
    "symbol": _text,
    "columns": _columns,
    "tickers": _table_of_texts,
    "head": _row,
    "date_format": _date_format,
    "decimal": _one_of((".", ",")),
    "separator": lambda value, where: _SEPARATORS[_one_of(tuple(_SEPARATORS))(value, where)],
    "encoding": _one_of(_ENCODINGS),
    "sheet": _text,
    "time_zone": _zone,
    "currency": _currency,
    "exchange": _exchange,
    "closes": _one_of(CLOSES),
    "leave_out": lambda value, where: _texts(value, where, "heads, or true"),
    "leave_out_rows": _rows,
}


def exchange_of_rule(rule: Rule) -> Exchange | None:
    """Where the symbols of a file trade, if that is declared."""
    return find_exchange(rule.exchange) if rule.exchange else None


def date_reader(form: str) -> Callable[[str], dt.date | None]:
    """How a date written as *form*, such as ``DD.MM.YYYY``, is read; None of it for a text that is not written so."""
    pieces, at = [], 0
    for match in _TOKEN.finditer(form):
        pieces += [re.escape(form[at : match.start()]), _TOKENS[match[0]]]
        at = match.end()
    if re.search("YYYYMM|MMDD|DDMM", form):
        pieces = [piece.replace("{1,2}", "{2}") for piece in pieces]
    pattern = re.compile("".join(pieces) + re.escape(form[at:]) + _TIME, re.ASCII)

    def read_date(text: str) -> dt.date | None:
        match = pattern.fullmatch(text.strip())
        if match is None:
            return None
        year, parts = int(match["y"]), match.groupdict()
        year += 0 if year > 99 else 1900 if year >= 70 else 2000
        try:
            month = _MONTHS.index(parts["b"][:3].lower()) + 1 if "b" in parts else int(parts["m"])
            return dt.date(year, month, int(parts["d"]))
        except ValueError:
            return None

    return read_date
