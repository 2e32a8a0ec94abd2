"""What ``folder.toml`` in a folder of files declares: what cannot be guessed of them.

It says where symbols trade, as ``xlrotation.toml`` did before, and how files are to be read, by patterns of their
names. All tables whose pattern fits a file count for it; where two say the same thing, the later one counts::

    exchange = "XETR"
    leave_out = ["old/*"]

    [symbols]
    SAP = "XETR"

    [files."kurse_*.csv"]
    columns = { Datum = "date", Schluss = "close" }
    date_format = "DD.MM.YYYY"
    decimal = ","
"""

from __future__ import annotations

import datetime as dt
import difflib
import fnmatch
import re
import zoneinfo
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlrotation import tomltext
from xlrotation.errors import NoData, RotationError
from xlrotation.files import read_regular
from xlrotation.market.calendar import find_exchange
from xlrotation.market.dates import parse_date
from xlrotation.market.filereadings import ADJUSTED, AS_TRADED, NO_HEADS, SPLIT_ADJUSTED, Declaration
from xlrotation.market.listing import SETTINGS, Listing, chosen, listing_of
from xlrotation.market.providers.folder.dateforms import is_form

FILE = "folder.toml"
"""The name of the file in a folder."""

LAYOUTS = ("bars", "wide", "long", "series", "members", "weights", "chain")
CLOSES = {AS_TRADED: AS_TRADED, SPLIT_ADJUSTED: SPLIT_ADJUSTED, "fully adjusted": ADJUSTED, ADJUSTED: ADJUSTED}
MEANINGS = (
    *("date", "time", "symbol", "open", "high", "low", "close", "adjclose", "volume", "dividend", "split", "shares"),
    *("weight", "name", "sector", "expiration", "strike", "type", "bid", "ask", "contract", "spot", "rate"),
    "open_interest",
)
"""What a column can be declared to hold."""

KEYS = ("exchange", "home", "symbols", "leave_out", "files")
"""What stands at the top."""

NOTHING = Declaration()

_LARGEST = 1_000_000
"""Bytes of a file of settings."""

_LONGEST_SEPARATOR = 5
_MOST_ROWS = 2_000_000
_ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "shift-jis", "cp1252")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a folder declares.

    Attributes:
        listing: Where symbols trade.
        rules: What is said of the files that each pattern fits, in the order of the file.
        tables: The tables of files as they stand there.
        leave_out: Patterns of files that are not read.
        lister: The file that says where symbols trade.
    """

    listing: Listing = field(default_factory=Listing)
    rules: tuple[tuple[str, dict[str, Any]], ...] = ()
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    lister: str = FILE

    def of(self, name: str) -> Declaration:
        """What is declared of the file *name*, as seen from the folder."""
        said: dict[str, Any] = {}
        for pattern, rule in self.rules:
            if fits(pattern, name):
                said |= rule | {"columns": {**said.get("columns", {}), **rule.get("columns", {})}}
        if any(fits(pattern, name) for pattern in self.leave_out):
            said["left_out"] = True
        return Declaration(**said) if said else NOTHING

    def said(self, name: str) -> dict[str, Any]:
        """What the tables say of the file *name*, as they say it."""
        found: dict[str, Any] = {}
        for pattern, table in self.tables.items():
            if fits(pattern, name):
                found |= {**table, "columns": {**found.get("columns", {}), **table.get("columns", {})}}
        return {key: value for key, value in found.items() if value != {}}

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


def read(folder: Path) -> Declared:
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
        found = replace(found, listing=older, lister=SETTINGS)
    return replace(found, listing=chosen(found.listing))


def parse(text: str) -> Declared:
    """What the text of a ``folder.toml`` declares.

    Raises:
        NoData: It cannot be understood; the message names key and reason.
    """
    stored = _parsed(text)
    _known(stored, KEYS, "")
    listing = listing_of({key: stored[key] for key in ("exchange", "home", "symbols") if key in stored})
    tables = stored.get("files", {})
    if not isinstance(tables, dict):
        raise NoData('files is no table; write [files."prices.csv"]')
    rules = tuple((pattern, _rule(pattern, table)) for pattern, table in tables.items())
    return Declared(listing, rules, tables, _texts(stored.get("leave_out", []), "leave_out", "names of files"))


def _text_of(path: Path) -> str:
    try:
        return read_regular(path, _LARGEST).decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise NoData(f"cannot be read ({error})") from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomltext.read(text.replace("\r\n", "\n"))
    except ValueError as error:
        raise NoData(f"cannot be read ({error})") from None


def _known(table: Mapping[str, object], keys: Sequence[str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise NoData(f"{where}has {key!r}{_near(key, keys)}; there are {', '.join(keys)}")


def _near(text: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(text[:100], list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _rule(pattern: str, table: object) -> dict[str, Any]:
    where = f'[files."{pattern}"]'
    if not isinstance(table, dict):
        raise NoData(f"{where} is no table of settings")
    if table and all(isinstance(value, dict) for value in table.values()) and not table.keys() & _READERS.keys():
        raise NoData(f'{where} is a table of tables; write a name that has a dot in quotes, such as [files."a.csv"]')
    _known(table, tuple(_READERS), f"{where} ")
    return {_READERS[key][0]: _READERS[key][1](value, f"{where} {key}") for key, value in table.items()}


def declaration(said: Mapping[str, Any]) -> Declaration:
    """What a table of ``folder.toml`` declares of a file.

    Raises:
        NoData: It cannot be understood.
    """
    return Declaration(**_rule("*", dict(said)))


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


def _gaps(value: object, where: str) -> tuple[str, ...]:
    """Texts and numbers that stand for a gap, such as ``closed`` and -999."""
    if not isinstance(value, list):
        raise NoData(f"{where} is {_shown(value)}, and must be a list of texts that stand for a gap")
    numbers = (int, float)
    texts = [str(each) if isinstance(each, numbers) and not isinstance(each, bool) else each for each in value]
    return _texts(texts, where, "texts that stand for a gap")


def _columns(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise NoData(f"{where} is {_shown(value)}, and must be a table of heads and what they mean")
    found: dict[str, str] = {}
    for head, meaning in value.items():
        if not isinstance(meaning, str):
            raise NoData(f"{where} {head} is {_shown(meaning)}, and must be a text")
        text = meaning.strip()
        if text and text not in MEANINGS and text != text.upper():
            near = _near(text.lower(), MEANINGS)
            raise NoData(
                f"{where} {head} is {text!r}{near}; there are {', '.join(MEANINGS)}, a ticker in capitals, and an "
                "empty text for a column to leave out"
            )
        found[head.strip()] = text
    said = [text for text in found.values() if text not in ("", "date")]
    if twice := {text for text in said if said.count(text) > 1}:
        raise NoData(f"{where} gives two columns the meaning {min(twice)!r}")
    return found


def _head(value: object, where: str) -> int:
    return NO_HEADS if value == 0 and not isinstance(value, bool) else _row(value, where)


def _row(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise NoData(f"{where} is {_shown(value)}, and must be the number of a row; the first one is 1")
    return value


def _rows(value: object, where: str) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise NoData(f"{where} is {_shown(value)}, and must be a list of numbers of rows")
    found: list[int] = []
    for each in value:
        span = re.fullmatch(r"(\d{1,8}) ?(?:-|to) ?(\d{1,8})", each) if isinstance(each, str) else None
        if span is None:
            found.append(_row(each, where))
            continue
        first, last = int(span[1]), int(span[2])
        if not 0 < first <= last or last - first > _MOST_ROWS:
            raise NoData(f"{where} is {_shown(each)}, and must go from one row to a later one, such as 7-12")
        found += range(first, last + 1)
    return tuple(found)


def _sheets(value: object, where: str) -> tuple[str, ...]:
    return _texts(value, where, "titles of sheets") if isinstance(value, list) else (_text(value, where),)


def _session(value: object, where: str) -> dt.date:
    try:
        found = value if isinstance(value, dt.date) else parse_date(value) if isinstance(value, str) else None
    except RotationError:
        found = None
    if found is None or isinstance(found, dt.datetime):
        raise NoData(f"{where} is {_shown(value)}, and must be a day such as 2026-02-13")
    return found


def _date_format(value: object, where: str) -> str:
    text = _text(value, where)
    if not is_form(text):
        raise NoData(
            f"{where} is {text!r}, and must have year, month and day once each, such as DD.MM.YYYY, MM/DD/YY, "
            'YYYYMMDD or D-MMM-YYYY, or be "serial 1904", "serial 1900" or "serial 1970"'
        )
    return text


def _separator(value: object, where: str) -> str:
    """What parts cells: a mark or some, a word for those that are not seen; no letter, digit, quote or end of line."""
    if value in ("blank", "blanks"):
        return str(value)
    if value in ("tab", "\t"):
        return "\t"
    if not isinstance(value, str) or not re.fullmatch(rf"[^\w\s\"'.+\-\x00-\x1f]{{1,{_LONGEST_SEPARATOR}}}|_", value):
        raise NoData(
            f'{where} is {_shown(value)}, and must be a mark that parts cells, such as ";" or "~", or "tab", or '
            '"blank" for blanks, or "blanks" for two and more of them'
        )
    return value


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


def _yes_or_no(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise NoData(
            f'{where} is {_shown(value)}, and must be true or false; a column is left out by columns = {{ HEAD = "" }}'
        )
    return value


_READERS: dict[str, tuple[str, Callable[[Any, str], object]]] = {
    "layout": ("layout", _one_of(LAYOUTS)),
    "symbol": ("symbol", lambda value, where: _text(value, where).strip()),
    "columns": ("columns", _columns),
    "head": ("head", _head),
    "date_format": ("dates", _date_format),
    "decimal": ("decimal", _one_of((".", ","))),
    "separator": ("separator", _separator),
    "encoding": ("encoding", _one_of(_ENCODINGS)),
    "sheet": ("sheet", _sheets),
    "session": ("session", _session),
    "time_zone": ("zone", _zone),
    "currency": ("currency", _currency),
    "exchange": ("exchange", _exchange),
    "closes": ("closes", lambda value, where: CLOSES[_one_of(tuple(CLOSES))(value, where)]),
    "trusted": ("trusted", _yes_or_no),
    "gaps": ("gaps", _gaps),
    "leave_out": ("left_out", _yes_or_no),
    "leave_out_rows": ("rows_left_out", _rows),
}
"""What can be said of a file: the field of its declaration, and how the value is read."""
