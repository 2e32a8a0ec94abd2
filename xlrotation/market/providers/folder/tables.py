"""Read a file of somebody's prices into rows of texts, numbers and dates: CSV, XLSX or Parquet."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from xlrotation.files import NotRegularError, open_regular
from xlrotation.market.filereadings import Declaration
from xlrotation.market.providers.folder import books, parquets, textrows
from xlrotation.market.providers.folder.rows import GAP_WORDS, BadFile, Made, Rows, Value, rows_named
from xlrotation.market.spelling import fold

ENDINGS = (".csv", ".csv.gz", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".parquet", ".pq")
TEXTS = (".csv", ".csv.gz", ".txt", ".tsv")

_GAPS = frozenset(GAP_WORDS)
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
_CODES = (
    "usd|hkd|cny|rmb|eur|gbp|chf|jpy|krw|inr|brl|twd|thb|sgd|aud|nzd|cad|sek|nok|dkk|pln|czk|huf|zar|mxn|idr|myr|vnd"
)
_BEFORE = (
    rf"(?:us|hk|nt|nz|mx|c|a|s|r)?\$|[\u20ac\u00a3\u00a5\u20b9\u20a9\u0e3f\u20ab]|rs\.?|rp\.?|rm|fr\.|kr\.?|{_CODES}"
)
_BEHIND = (
    rf"元|美元|港元|点|點|円|원|บาท|\u20ac|\u00a3|\u00a5|\u20b9|\u20a9|\u20ab|fr\.|kr\.?|z\u0142|k\u010d|ft|{_CODES}"
)
"""Marks of currencies before and behind a number."""

_DRESSED = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-])?\s*(?:{_BEFORE})?\s*(?P<minus>[+-])?"
    rf"(?P<digits>\d[\d., '\u2019]*|\.\d+)\s*(?P<unit>k|mn?|bn?|t|万|萬|亿|億)?\s*(?:{_BEHIND})?(?P<close>\))?",
    re.IGNORECASE | re.ASCII,
)
_SPACED = re.compile(r"[1-9]\d{0,2}([ '\u2019])\d{3}(\1\d{3})*(\.\d*)?")
_NUMBER = re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+|[1-9]\d?(,\d{2})+,\d{3}|\d+)?(\.\d*)?([eE][+-]?\d+)?")
"""Thousands may be parted by commas, and lakhs and crores as India writes them: 12,34,567.80. No number of thousands
begins with a zero."""

_DECIMAL_COMMA = re.compile(r"[+-]?([1-9]\d{0,2}(\.\d{3})+|0|[1-9]\d*|0\d+(?!,\d{3}$)),\d+")
_CORE = re.compile(
    rf"(\(?[+-]?\s*(?:{_BEFORE})?\s*)([+-]?[\d.,]*\d[\d.,]*)"
    rf"(\s*(?:%|k|mn?|bn?|t|万|萬|亿|億)?\s*(?:{_BEHIND})?\s*\)?)",
    re.IGNORECASE | re.ASCII,
)
"""A number in what it may be dressed with: a currency, a unit, a percent sign, parentheses."""

_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}((\.\d{3}){2,}|(\.\d{3})+,\d+)")
"""A number whose points part thousands beyond doubt."""

_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_ANY_DATE = re.compile(r"\d{1,4}\.\d{1,2}\.\d{1,4}")
_THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?\d{1,3},\d{3}")


_PARTED_BY_SPACES = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:([ '\u2019])\d{3})(?:\1\d{3})*(?=,\d+(?:\D|$))")
"""Thousands parted by spaces or apostrophes, before a decimal comma."""

_WITH_COMMA = re.compile(r"[+-]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d+)?")
_NOTHING_SAID = Declaration()


@dataclass(slots=True)
class FileTable:
    """A table of a file: its name as errors and remarks say it, the symbol it would be of, and all its rows.

    The remarks tell what of its text could not be certain.
    """

    name: str
    stem: str
    rows: Rows
    remarks: list[str] = field(default_factory=list)
    declared: Declaration = field(default_factory=Declaration)
    serials_from: int = 0
    """Days that its plain serial numbers lack: those of some workbooks count from 1904."""

    unclear: str = ""
    """Why its numbers cannot be read, where nobody knows what a comma in them is."""


def stem(path: Path) -> str:
    """The file's name without its ending (``BRK.B`` of ``BRK.B.csv.gz``)."""
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if path.name.lower().endswith(ending):
            return path.name[: -len(ending)]
    return path.stem


def read_tables(path: Path, name: str, declared: Declaration = _NOTHING_SAID, whole: bool = True) -> list[FileTable]:
    """The tables of a file: one, or one a sheet.

    Args:
        path: The file.
        name: What messages call it.
        declared: What its owner says of it.
        whole: Whether columns that nobody asks for are wanted as well, as in :func:`clean.read`.

    Raises:
        BadFile: It cannot be read.
    """
    try:
        with open_regular(path) as file:
            return _read(file, path, name, declared, whole or declared != _NOTHING_SAID)
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


def _read(file: IO[bytes], path: Path, name: str, declared: Declaration, whole: bool) -> list[FileTable]:
    lower = path.name.lower()
    if lower.endswith(TEXTS) or (lower.endswith(".xls") and _is_text(file)):
        from xlrotation.market.providers.folder import clean

        packed = lower.endswith(".gz")
        if not (declared.separator or declared.encoding or declared.decimal):
            if (quick := clean.read(file, packed, whole)) is not None:
                return [FileTable(name, stem(path), quick, declared=declared)]
            file.seek(0)
        remarks: list[str] = []
        rows, separator = textrows.read(file, name, packed, remarks, declared)
        if separator == "," and not declared.decimal and _has_decimal_commas(rows):
            file.seek(0)  # a number that was read at once may have a point between its thousands
            rows, _ = textrows.read(file, name, packed, [], declared, quick=False)
        rows = _as_declared(rows, declared.decimal, name) or _with_decimal_points(rows, name, separator)
        return [FileTable(name, stem(path), rows, remarks, declared)]
    if lower.endswith((".xlsx", ".xlsm", ".xls")):
        hidden: list[str] = []
        sheets = [(title, rows) for title, rows in books.read(file, name, hidden) if rows]
        lack = books.DAYS_1904 if books.counts_from_1904(file) else 0
        seen = "; ".join(title for title, _ in sheets)
        told = [
            f"{name}: sheet {title} is hidden and left out; folder.toml can name those to read: {seen}"
            for title in hidden
        ]
        if declared.sheet:
            held = [title for title, _ in sheets]
            if lost := [title for title in declared.sheet if title not in held]:
                raise BadFile(f"{name}: folder.toml names the sheet {lost[0]!r}; it has {', '.join(held)[:200]}")
            sheets, told = [(title, rows) for title, rows in sheets if title in declared.sheet], []
        if len(sheets) < 2:
            return [_pointed(FileTable(name, stem(path), rows, told, declared, lack)) for _, rows in sheets]
        tables = [FileTable(f"{name}, sheet {title}", title, rows, [], declared, lack) for title, rows in sheets]
        tables[0].remarks += told
        return list(map(_pointed, tables))

    return [_pointed(FileTable(name, stem(path), parquets.read(file, name), declared=declared))]


def _pointed(table: FileTable) -> FileTable:
    """A table of cells, some of which may hold numbers as texts: these with decimal points, as of a text table."""
    if not any(isinstance(cell, str) and "," in cell for row in table.rows for cell in row):
        return table
    rows = [list(row) for row in table.rows]
    try:
        table.rows = _as_declared(rows, table.declared.decimal, table.name) or _with_decimal_points(
            rows, table.name, ""
        )
    except BadFile as error:  # another sheet may be sound
        table.unclear = error.message
    return table


def _as_declared(rows: Made, decimal: str, name: str) -> Made | None:
    """The rows of a text table with decimal points, where its decimal sign is declared; None where it is not.

    Raises:
        BadFile: A comma is declared, and a point in a number parts no thousands; the message names row and column.
    """
    if decimal == ",":
        for line, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                match = _CORE.fullmatch(_joined(cell)) if isinstance(cell, str) else None
                if match is None:
                    continue
                if _WITH_COMMA.fullmatch(match[2]):
                    row[place] = match[0].replace(match[2], match[2].replace(".", "").replace(",", "."), 1)
                elif "." in match[2] and not _ANY_DATE.fullmatch(match[2]):
                    raise BadFile(
                        f"{name}, row {line}, column {place + 1}: the point in {cell!r} may part no thousands, and "
                        "folder.toml says that decimals follow a comma; correct the one or the other"
                    )
    return rows if decimal else None


def _is_text(file: IO[bytes]) -> bool:
    """Whether a file that is called a workbook is a table of text, as some programs export it."""
    begin = file.read(4096)
    file.seek(0)
    marked = begin[:2] in (b"\xff\xfe", b"\xfe\xff")
    markup = begin.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    return bool(begin) and (marked or not re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", begin)) and not markup


def _with_decimal_points(rows: Made, name: str, separator: str) -> Made:
    """A table may hold decimal commas; which of the two a comma is, and a point then, the whole table says.

    Raises:
        BadFile: It does not say; the message names row and column.
    """
    numbers = [
        (line, place, match[2])
        for line, row in enumerate(rows, 1)
        for place, cell in enumerate(row)
        if isinstance(cell, str) and ("," in cell or "." in cell) and (match := _CORE.fullmatch(_joined(cell)))
    ]
    commas = [cell for *_, cell in numbers if _DECIMAL_COMMA.fullmatch(cell) and not _NUMBER.fullmatch(cell)]
    if not commas:
        if separator != ",":
            _check_thousands([number for number in numbers if "," in number[2]], name)
        return rows
    grouped = any(_GROUPED.fullmatch(cell) for *_, cell in numbers)
    for line, place, cell in numbers:
        if _DECIMAL_COMMA.fullmatch(cell) or (grouped and _POINTS.fullmatch(cell)):
            whole = _joined(str(rows[line - 1][place]))
            rows[line - 1][place] = whole.replace(cell, cell.replace(".", "").replace(",", "."), 1)
        elif "," in cell or not _ANY_DATE.fullmatch(cell):
            raise BadFile(
                f"{name}, row {line}, column {place + 1}: {cell!r} stands beside {commas[0]!r}, and its point may part "
                "thousands or decimals; write all numbers in the same way"
            )
    return rows


def _has_decimal_commas(rows: Rows) -> bool:
    return any(
        isinstance(cell, str)
        and "," in cell
        and (match := _CORE.fullmatch(_joined(cell)))
        and _DECIMAL_COMMA.fullmatch(match[2])
        and not _NUMBER.fullmatch(match[2])
        for row in rows
        for cell in row
    )


def _joined(cell: str) -> str:
    """A cell without what parts the thousands of a number with a decimal comma, other than points."""
    text = cell.strip()
    if text.isascii() and "'" not in text and " " not in text:
        return text
    text = text.translate(_NARROW)
    return _PARTED_BY_SPACES.sub(lambda match: re.sub(r"[ '\u2019]", "", match[0]), text)


def _check_thousands(numbers: Sequence[tuple[int, int, str]], name: str) -> None:
    unclear = [number for number in numbers if _THOUSANDS_OR_DECIMALS.fullmatch(number[2])]
    if unclear and not any("." in cell or cell.count(",") > 1 for *_, cell in numbers if _NUMBER.fullmatch(cell)):
        line, place, cell = unclear[0]
        point, plain = cell.replace(",", "."), cell.replace(",", "")
        raise BadFile(
            f"{name}, row {line}, column {place + 1}: {cell!r} may mean {plain} or {point}; write numbers with a "
            "decimal point"
        )


_SHOWN = 3
"""Bad cells of a column that are told one by one."""


def told(bad: Sequence[str], where: str, what: str, lines: Sequence[int]) -> list[str]:
    """Remarks on the bad cells of a column: the first ones, and which more there are."""
    rows = rows_named(lines[_SHOWN:])
    more = [f"{where}: {len(bad) - _SHOWN} more {what}, taken as gaps{rows}"] if len(bad) > _SHOWN else []
    return [f"{message}; a gap" for message in bad[:_SHOWN]] + more


def blank(value: Value) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip()) or value != value


def names_with(row: Sequence[Value], heads: Set[str]) -> list[str]:
    """The cells of a row that hold something, folded, where one of them reads as one of *heads*; else none.

    No head begins with a digit, as most cells of a table do.
    """
    if heads.isdisjoint(fold(cell) for cell in row if isinstance(cell, str) and not cell[:1].isdigit()):
        return []
    return [fold(str(cell)) for cell in row if not blank(cell)]


LARGEST = 1e15
"""No price, volume or value is further from zero; a number that is was not meant."""


def whole(value: Value) -> int | None:
    """The whole number that a cell is, not one that stands for it such as 2026-02-13 or 1e3."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() else None


def text_of(cell: Value) -> str:
    """A symbol's cell as text: a code that a spreadsheet keeps as a number is one without decimals."""
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)


def number(value: Value, where: str, percent: str = "points") -> float:
    """The number in a cell, NaN for a gap.

    Args:
        value: The cell.
        where: Its place, for the message.
        percent: What 4.12% is: ``points`` (4.12), ``share`` (0.0412), or no number (``refused``).

    Raises:
        BadFile: It is neither; the message begins with *where*.
    """
    if value is None:
        return math.nan
    found = value if isinstance(value, float) else _number_in(value, where, percent) if isinstance(value, str) else None
    if found is None:
        raise BadFile(f"{where}: {str(value)[:30]!r} is no number; correct the cell or leave it empty")
    if math.isfinite(found) and abs(found) > LARGEST:
        raise BadFile(f"{where}: {str(value)[:30]!r} is larger than any price or volume; correct the cell")
    return found if math.isfinite(found) else math.nan


def _number_in(cell: str, where: str, percent: str) -> float | None:
    try:
        found = float(cell)
    except ValueError:
        found = math.nan
    if math.isfinite(found) and "_" not in cell:
        return found
    text = cell.translate(_NARROW).strip()
    if text.lower() in _GAPS or _ERROR.fullmatch(text.lower()):
        return math.nan
    plain = text.removesuffix("%").strip()
    if _NUMBER.fullmatch(plain) and any(c.isdigit() for c in plain):
        value = float(plain.replace(",", ""))
        if plain == text:
            return value
        if percent == "refused":
            raise BadFile(f"{where}: {cell[:30]!r} is a share, no price; correct the cell or leave it empty")
        return value / 100.0 if percent == "share" else value
    return _undressed(text)


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
