"""Functions on texts."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import ROUND_HALF_UP
from typing import Any

from xlrotation.errors import CellError
from xlrotation.grid import MAX_TEXT
from xlrotation.workbook.evaluation.machine import LETTERS, Areas, Frame, Ref
from xlrotation.workbook.evaluation.numberformat import formatted
from xlrotation.workbook.evaluation.operators import all_rows, read
from xlrotation.workbook.evaluation.values import (
    NA,
    VALUE,
    Fault,
    Value,
    number_of_text,
    text_of_number,
    text_units,
    to_bool,
    to_number,
    to_text,
)
from xlrotation.workbook.natives.conditions import pieces, wildcard
from xlrotation.workbook.natives.information import first_cell
from xlrotation.workbook.natives.mathematics import rounded
from xlrotation.workbook.natives.registry import native


@native("LEN", "T")
def _len(_: Frame, text: str) -> Value:
    return float(text_units(text))


@native("LENB", "T")
def _lenb(_: Frame, text: str) -> Value:
    return float(text_units(text))


@native("LEFT LEFTB", "T?I")
def _left(_: Frame, text: str, count: int = 1) -> Value:
    return VALUE if count < 0 else text[:count]


@native("RIGHT RIGHTB", "T?I")
def _right(_: Frame, text: str, count: int = 1) -> Value:
    return VALUE if count < 0 else text[len(text) - min(count, len(text)) :]


@native("MID MIDB", "TII")
def _mid(_: Frame, text: str, start: int, count: int) -> Value:
    return VALUE if start < 1 or count < 0 else text[start - 1 : start - 1 + count]


@native("UPPER", "T")
def _upper(_: Frame, text: str) -> Value:
    return text.upper()


@native("LOWER", "T")
def _lower(_: Frame, text: str) -> Value:
    return text.lower()


@native("PROPER", "T")
def _proper(_: Frame, text: str) -> Value:
    return re.sub(r"[^\W\d_]+", lambda match: match[0][0].upper() + match[0][1:].lower(), text)


@native("TRIM", "T")
def _trim(_: Frame, text: str) -> Value:
    return re.sub(" +", " ", text.strip(" "))


@native("CLEAN", "T")
def _clean(_: Frame, text: str) -> Value:
    return "".join(mark for mark in text if ord(mark) >= 32)


@native("CHAR", "I")
def _char(_: Frame, code: int) -> Value:
    if not 1 <= code <= 255:
        return VALUE
    return bytes([code]).decode("cp1252", "replace").replace("\ufffd", chr(code))


@native("CODE", "T")
def _code(_: Frame, text: str) -> Value:
    if not text:
        return VALUE
    try:
        return float(text[0].encode("cp1252")[0])
    except UnicodeEncodeError:
        return 63.0 if ord(text[0]) > 255 else float(ord(text[0]))


@native("UNICHAR", "I")
def _unichar(_: Frame, code: int) -> Value:
    if not 1 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return VALUE
    return chr(code)


@native("UNICODE", "T")
def _unicode(_: Frame, text: str) -> Value:
    return float(ord(text[0])) if text else VALUE


def _all(frame: Frame, values: tuple[Value, ...]) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if isinstance(value, Ref | Areas | list):
            found += [item for row in all_rows(value, frame) for item in row]
        else:
            found.append(value)
    for item in found:
        if isinstance(item, CellError):
            raise Fault(item)
    return found


def _held(text: str) -> Value:
    return text if len(text) <= MAX_TEXT else VALUE


def _joined(frame: Frame, texts: list[str]) -> Value:
    frame.machine.step(len(texts) // 20)
    return "".join(texts) if sum(map(len, texts)) <= MAX_TEXT else VALUE


@native("CONCATENATE", "T*T")
def _concatenate(frame: Frame, *texts: str) -> Value:
    return _joined(frame, list(texts))


@native("CONCAT", "A*A")
def _concat(frame: Frame, *values: Value) -> Value:
    return _joined(frame, list(map(to_text, _all(frame, values))))


@native("TEXTJOIN", "ABA*A")
def _textjoin(frame: Frame, between: Value, skip: bool, *values: Value) -> Value:
    marks = [to_text(item) for item in _all(frame, (between,))] or [""]
    texts = [to_text(item) for item in _all(frame, values)]
    if skip:
        texts = [text for text in texts if text]
    parts = []
    for i, text in enumerate(texts):
        if i:
            parts.append(marks[(i - 1) % len(marks)])
        parts.append(text)
    return _joined(frame, parts)


@native("EXACT", "TT")
def _exact(_: Frame, first: str, second: str) -> Value:
    return first == second


@native("FIND FINDB", "TT?I")
def _find(_: Frame, wanted: str, text: str, start: int = 1) -> Value:
    if not 1 <= start <= len(text) + 1:
        return VALUE
    place = text.find(wanted, start - 1)
    return VALUE if place < 0 else place + 1.0


@native("SEARCH SEARCHB", "TT?I")
def _search(frame: Frame, wanted: str, text: str, start: int = 1) -> Value:
    if not 1 <= start <= len(text) + 1:
        return VALUE
    frame.machine.step(len(text) // LETTERS)
    begins, *more = pieces(wanted)
    match = re.compile(begins, re.IGNORECASE | re.DOTALL).search(text, start - 1)
    if match is None:
        return VALUE
    place = match.start()  # what does not follow here follows nowhere later
    whole = wildcard(wanted) if more else None
    return VALUE if whole is not None and whole.match(text, place) is None else place + 1.0


@native("SUBSTITUTE", "TTT?N")
def _substitute(frame: Frame, text: str, old: str, new: str, number: float | None = None) -> Value:
    if number is not None and number < 1:
        return VALUE
    if not old:
        return text
    if number is None:
        longer = len(text) + text.count(old) * (len(new) - len(old))
        return text.replace(old, new) if longer <= MAX_TEXT else VALUE
    place = -1
    frame.machine.step(len(text) // LETTERS)
    for _i in range(int(number)):
        place = text.find(old, place + 1 if place < 0 else place + len(old))
        if place < 0:
            return text
    return _held(text[:place] + new + text[place + len(old) :])


@native("REPLACE REPLACEB", "TIIT")
def _replace(_: Frame, text: str, start: int, count: int, new: str) -> Value:
    return VALUE if start < 1 or count < 0 else _held(text[: start - 1] + new + text[start - 1 + count :])


@native("REPT", "TI")
def _rept(_: Frame, text: str, count: int) -> Value:
    return VALUE if count < 0 or len(text) * count > MAX_TEXT else text * count


@native("T", "R")
def _t(frame: Frame, value: Value) -> Value:
    value = first_cell(value, frame)
    return value if isinstance(value, str | CellError) else ""


@native("VALUE", "V")
def _value(frame: Frame, value: Value) -> Value:
    return VALUE if isinstance(value, bool) else to_number(value, frame.date1904)


@native("NUMBERVALUE", "T?TT")
def _numbervalue(_: Frame, text: str, point: str = ".", group: str = ",") -> Value:
    text = re.sub(r"\s", "", text)
    if not text:
        return 0.0
    if not point or (group and point[0] == group[0]):
        return VALUE
    head, mark, tail = text.partition(point[0])
    if group:
        head = head.replace(group[0], "")
        if group[0] in tail:
            return VALUE
    percents = len(tail or head) - len((tail or head).rstrip("%"))
    whole = (head + ("." + tail if mark else "")).rstrip("%")
    number = number_of_text(whole)
    return VALUE if number is None else number / 100**percents


@native("TEXT", "VT")
def _text(frame: Frame, value: Value, code: str) -> Value:
    frame.machine.step(len(code) // 10)
    if isinstance(value, CellError):
        return value
    if isinstance(value, bool):
        return to_text(value)
    if isinstance(value, str):
        number = number_of_text(value, frame.date1904)
        value = value if number is None else number
    if code == "":
        return value if isinstance(value, str) else "-" if isinstance(value, float) and value < 0 else ""
    return formatted(0.0 if value is None else value, code, frame.date1904)


@native("FIXED", "N?IB")
def _fixed(_: Frame, x: float, digits: int = 2, bare: bool = False) -> Value:
    if digits > 127:
        return VALUE
    number = rounded(x, digits, ROUND_HALF_UP)
    return f"{number:{'' if bare else ','}.{max(digits, 0)}f}"


@native("DOLLAR", "N?I")
def _dollar(_: Frame, x: float, digits: int = 2) -> Value:
    number = rounded(x, digits, ROUND_HALF_UP)
    text = f"${abs(number):,.{max(digits, 0)}f}"
    return f"({text})" if number < 0 else text


def _written(value: Value, strict: bool) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"' if strict else value
    return value.value if isinstance(value, CellError) else to_text(value)


@native("VALUETOTEXT", "V?N")
def _valuetotext(_: Frame, value: Value, form: float = 0.0) -> Value:
    return VALUE if int(form) not in (0, 1) else _written(value, int(form) == 1)


@native("ARRAYTOTEXT", "A?N")
def _arraytotext(frame: Frame, value: Value, form: float = 0.0) -> Value:
    rows = all_rows(value, frame)
    if int(form) == 1:
        return "{" + ";".join(",".join(_written(item, True) for item in row) for row in rows) + "}"
    return ", ".join(_written(item, False) for row in rows for item in row)


def _marks(value: Value, frame: Frame) -> list[str]:
    return [to_text(item) for row in all_rows(read(value, frame, True), frame) for item in row]


def _cut(
    frame: Frame, text: str, marks: Value, number: float, fold: Value, to_end: Value, other: Value, after: bool
) -> Value:
    n = int(number)
    found = _marks(marks, frame)
    if n == 0 or abs(n) > len(text) > 0:
        return VALUE
    if "" in found:
        return (text if after else "") if n > 0 else ("" if after else text)
    flags = re.IGNORECASE if fold is not None and to_number(fold) else 0
    pattern = re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True))), flags)
    spans = [match.span() for match in pattern.finditer(text)]
    if to_end is not None and to_number(to_end):
        spans = [*spans, (len(text), len(text))] if n > 0 else [(0, 0), *spans]
    if abs(n) > len(spans):
        return NA if other is None else other
    start, end = spans[n - 1 if n > 0 else n]
    return text[end:] if after else text[:start]


@native("TEXTBEFORE", "TA?NVVV")
def _textbefore(
    frame: Frame,
    text: str,
    marks: Value,
    number: float = 1.0,
    fold: Value = None,
    to_end: Value = None,
    other: Value = None,
) -> Value:
    return _cut(frame, text, marks, number, fold, to_end, other, False)


@native("TEXTAFTER", "TA?NVVV")
def _textafter(
    frame: Frame,
    text: str,
    marks: Value,
    number: float = 1.0,
    fold: Value = None,
    to_end: Value = None,
    other: Value = None,
) -> Value:
    return _cut(frame, text, marks, number, fold, to_end, other, True)


@native("TEXTSPLIT", "TA?AVVV")
def _textsplit(
    frame: Frame,
    text: str,
    columns: Value,
    rows: Value = None,
    skip: Value = None,
    fold: Value = None,
    pad: Value = None,
) -> Value:
    flags = re.IGNORECASE if fold is not None and to_number(fold) else 0
    empty = skip is not None and to_bool(skip)

    def split(part: str, marks: Value) -> list[str]:
        if marks is None:
            return [part]
        found = _marks(marks, frame)
        if "" in found:
            raise Fault(VALUE)
        pieces = re.split("|".join(map(re.escape, sorted(found, key=len, reverse=True))), part, flags=flags)
        return [piece for piece in pieces if piece] if empty else pieces

    lines: list[list[Any]] = [list(split(line, columns)) for line in split(text, rows)]
    width = max(map(len, lines), default=0)
    if not width:
        return CellError.CALC
    return [line + [NA if pad is None else pad] * (width - len(line)) for line in lines]


@native("ASC", "T")
def _asc(_: Frame, text: str) -> Value:
    return unicodedata.normalize("NFKC", text)


@native("ENCODEURL", "T")
def _encodeurl(_: Frame, text: str) -> Value:
    from urllib.parse import quote

    return quote(text, safe="")


__all__ = ["math", "text_of_number"]
