"""Read a file of somebody's prices into rows of texts, numbers and dates: CSV, XLSX or Parquet."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from xlrotation.errors import BadArgument
from xlrotation.files import NotRegularError, open_regular
from xlrotation.market.dates import from_serial, parse_date
from xlrotation.market.providers.folder import books, parquets, textrows
from xlrotation.market.providers.folder.rows import BadFile, Rows, Value

ENDINGS = (".csv", ".csv.gz", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".parquet", ".pq")
_TEXTS = (".csv", ".csv.gz", ".txt", ".tsv")

_YEAR_LAST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: \d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NAMED_MONTH = re.compile(
    rf"(?P<m1>{_MONTH})\.? (?P<d1>\d{{1,2}}), (?P<y1>\d{{4}})|(?P<d2>\d{{1,2}})[- ](?P<m2>{_MONTH})[- ](?P<y2>\d{{4}})",
    re.IGNORECASE,
)
"""``Feb 13, 2026`` and ``13-Feb-2026``."""

_GAP_WORDS = (
    *("", ".", "-", "--", "\u2013", "\u2014", "\u2014\u2014", "n/a", "n.a.", "n.a", "na", "<na>", "nan", "nat", "null"),
    *("none", "\\n", "无", "停牌", "休市", "暂停", "未上市", "n.m.", "nm", "#nv", "#wert!", "#bezug!"),
)
_GAPS = frozenset(_GAP_WORDS)
"""What stands in a cell without a number, in small letters; the error values of spreadsheets and terminals besides."""

_ERROR = re.compile(r"#(n/?a\b.*|[a-z_]+[!?]|div/0!|getting_data|invalid.*|busy!|wait.*)")
_NARROW = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), 0x20),
    0xFFE1: 0xA3,
    0xFFE5: 0xA5,
}
"""Wide letters and odd spaces as plain ones; superscripts, which mark footnotes, stay what they are."""

_UNITS = {"k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}
_DRESSED = re.compile(
    r"(?P<open>\()?(?P<sign>[+-])?\s*(?:(?:us|hk|nt|c|a|s)?\$|[\u20ac\u00a3\u00a5])?\s*(?P<minus>[+-])?"
    r"(?P<digits>\d[\d., '\u2019]*|\.\d+)\s*(?P<unit>k|mn?|bn?|t|万|萬|亿|億)?"
    r"\s*(?:元|美元|港元|点|usd|hkd|cny|eur|gbp|\u20ac)?(?P<close>\))?",
    re.IGNORECASE | re.ASCII,
)
_SPACED = re.compile(r"\d{1,3}([ '\u2019])\d{3}(\1\d{3})*(\.\d*)?")
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+")
_COMMA_OR_POINT = re.compile(r"[+-]?[\d.,]*\d[\d.,]*")
_GROUPED = re.compile(r"[+-]?\d{1,3}((\.\d{3}){2,}|(\.\d{3})+,\d+)")
"""A number whose points part thousands beyond doubt."""

_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
_ANY_DATE = re.compile(r"\d{1,4}\.\d{1,2}\.\d{1,4}")
_THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?\d{1,3},\d{3}")


@dataclass(slots=True)
class FileTable:
    """A table of a file: its name as errors and remarks say it, the symbol it would be of, and all its rows.

    The remarks tell what of its text could not be certain.
    """

    name: str
    stem: str
    rows: Rows
    remarks: list[str] = field(default_factory=list)


def stem(path: Path) -> str:
    """The file's name without its ending (``BRK.B`` of ``BRK.B.csv.gz``)."""
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if path.name.lower().endswith(ending):
            return path.name[: -len(ending)]
    return path.stem


def read_tables(path: Path, name: str) -> list[FileTable]:
    """The tables of a file: one, or one a sheet.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        BadFile: It cannot be read.
    """
    try:
        with open_regular(path) as file:
            return _read(file, path, name)
    except BadFile:
        raise
    except NotRegularError as error:
        raise BadFile(f"{name}: {error}, and no file") from None
    except OSError as error:
        raise BadFile(f"{name}: cannot be read ({error.strerror or error})") from error
    except Exception as error:  # readers of three libraries: whatever they raise, the file is at fault
        raise BadFile(f"{name}: cannot be read ({str(error)[:200] or type(error).__name__})") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # calamine's way of giving up on a damaged file
            raise
        raise BadFile(
            f"{name}: cannot be read (its reader gave up); open it in a spreadsheet and save it again"
        ) from None


def _read(file: IO[bytes], path: Path, name: str) -> list[FileTable]:
    lower = path.name.lower()
    if lower.endswith(_TEXTS):
        remarks: list[str] = []
        rows, separator = textrows.read(file, name, lower.endswith(".gz"), remarks)
        return [FileTable(name, stem(path), _with_decimal_points(rows, name, separator), remarks)]
    if lower.endswith((".xlsx", ".xlsm", ".xls")):
        sheets = [(title, rows) for title, rows in books.read(file, name) if rows]
        if len(sheets) < 2:
            return [FileTable(name, stem(path), rows) for _, rows in sheets]
        return [FileTable(f"{name}, sheet {title}", title, rows) for title, rows in sheets]
    return [FileTable(name, stem(path), parquets.read(file, name))]


def _with_decimal_points(rows: Rows, name: str, separator: str) -> Rows:
    """A table may hold decimal commas; which of the two a comma is, and a point then, the whole table says.

    Raises:
        BadFile: It does not say; the message names row and column.
    """
    numbers = [
        (line, place, cell.strip())
        for line, row in enumerate(rows, 1)
        for place, cell in enumerate(row)
        if isinstance(cell, str) and ("," in cell or "." in cell) and _COMMA_OR_POINT.fullmatch(cell.strip())
    ]
    commas = [cell for *_, cell in numbers if _DECIMAL_COMMA.fullmatch(cell) and not _NUMBER.fullmatch(cell)]
    if not commas:
        if separator != ",":
            _check_thousands([cell for *_, cell in numbers if "," in cell], name)
        return rows
    grouped = any(_GROUPED.fullmatch(cell) for *_, cell in numbers)
    for line, place, cell in numbers:
        if _DECIMAL_COMMA.fullmatch(cell) or (grouped and _POINTS.fullmatch(cell)):
            rows[line - 1][place] = cell.replace(".", "").replace(",", ".")
        elif "," in cell or not _ANY_DATE.fullmatch(cell):
            raise BadFile(
                f"{name}, row {line}, column {place + 1}: {cell!r} stands beside {commas[0]!r}, and its point may part "
                "thousands or decimals; write all numbers in the same way"
            )
    return rows


def _check_thousands(cells: Sequence[str], name: str) -> None:
    unclear = [cell for cell in cells if _THOUSANDS_OR_DECIMALS.fullmatch(cell)]
    if unclear and not any("." in cell or cell.count(",") > 1 for cell in cells if _NUMBER.fullmatch(cell)):
        point, plain = unclear[0].replace(",", "."), unclear[0].replace(",", "")
        raise BadFile(f"{name}: {unclear[0]!r} may mean {plain} or {point}; write numbers with a decimal point")


_SHOWN = 3
"""Bad cells of a column that are told one by one."""


def told(bad: Sequence[str], where: str, what: str) -> list[str]:
    """Remarks on the bad cells of a column: the first ones, and how many more there are."""
    more = [f"{where}: {len(bad) - _SHOWN} more {what}, taken as gaps"] if len(bad) > _SHOWN else []
    return [f"{message}; a gap" for message in bad[:_SHOWN]] + more


def blank(value: Value) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip()) or value != value


def number(value: Value, where: str) -> float:
    """The number in a cell, NaN for a gap.

    Raises:
        BadFile: It is neither; the message begins with *where*.
    """
    if value is None:
        return math.nan
    if isinstance(value, float):
        return value if math.isfinite(value) else math.nan
    if isinstance(value, str):
        try:
            found = float(value)
        except ValueError:
            found = math.nan
        if math.isfinite(found) and "_" not in value:
            return found
        text = value.translate(_NARROW).strip()
        if text.lower() in _GAPS or _ERROR.fullmatch(text.lower()):
            return math.nan
        plain = text.rstrip("%").strip()
        if _NUMBER.fullmatch(plain) and any(c.isdigit() for c in plain):
            return float(plain.replace(",", ""))
        if (dressed := _undressed(text)) is not None:
            return dressed
    raise BadFile(f"{where}: {str(value)[:30]!r} is no number; correct the cell or leave it empty")


def _undressed(text: str) -> float | None:
    """A number with a currency, a unit, parentheses for a minus, or thousands parted by spaces or apostrophes."""
    match = _DRESSED.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    if sum(map(bool, (match["open"], match["sign"], match["minus"]))) > 1:
        return None
    digits = match["digits"].strip()
    if _SPACED.fullmatch(digits):
        digits = re.sub(r"[ '\u2019]", "", digits)
    if not _NUMBER.fullmatch(digits) or not any(c.isdigit() for c in digits):
        return None
    value = float(digits.replace(",", "")) * _UNITS.get((match["unit"] or "").lower(), 1.0)
    return -value if match["open"] or "-" in ((match["sign"] or "") + (match["minus"] or "")) else value


def date(value: Value, where: str) -> dt.date | None:
    """The date in a cell, None for an empty one.

    Raises:
        BadFile: It is none, or an ambiguous one such as 02/03/2026.
    """
    if value is None or isinstance(value, dt.date):
        return value
    if isinstance(value, float):
        if value != value:
            return None
        text = f"{value:.0f}"
        if len(text) == 8 and (day := _date_in(text)):
            return day
        if 10_000 <= value <= 100_000:
            return from_serial(value)
    else:
        if not value.strip():
            return None
        try:
            if day := _date_in(value.strip()):
                return day
        except BadArgument as error:
            raise BadFile(f"{where}: {error.message}") from None
    raise BadFile(f"{where}: {str(value)[:30]!r} is no date with the year first; write it as 2026-02-13")


def dates_of(column: Sequence[Value]) -> Callable[[Value, str], dt.date | None]:
    """How to read the dates of a column: as :func:`date`, or month or day first where the whole column says which.

    02/13/2026 has its month first, and then 02/03/2026 above it has, too; of 02/03/2026 alone nobody knows.
    """
    texts = [cell.strip() for cell in column if isinstance(cell, str) and any(c.isdigit() for c in cell)]
    parts = [match for text in texts if (match := _YEAR_LAST.fullmatch(text))]
    if not parts or len(parts) < len(texts):
        return date
    first, second = max(int(part[1]) for part in parts), max(int(part[2]) for part in parts)
    if not (first <= 12 < second or second <= 12 < first):
        return date
    month, day = (1, 2) if first <= 12 else (2, 1)

    def read(value: Value, where: str) -> dt.date | None:
        match = _YEAR_LAST.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            return date(value, where)
        try:
            return dt.date(int(match[3]), int(match[month]), int(match[day]))
        except ValueError:
            raise BadFile(f"{where}: {str(value)[:30]!r} is no day of the calendar; correct the cell") from None

    return read


@functools.lru_cache(maxsize=65536)  # a long table has each date hundreds of times
def _date_in(text: str) -> dt.date | None:
    stamp = re.match(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?=[ T])", text)
    if stamp is None and (named := _NAMED_MONTH.fullmatch(text)):
        month = _MONTHS.index((named["m1"] or named["m2"])[:3].lower()) + 1
        try:
            return dt.date(int(named["y1"] or named["y2"]), month, int(named["d1"] or named["d2"]))
        except ValueError:
            return None
    return parse_date(stamp[0] if stamp else text)
