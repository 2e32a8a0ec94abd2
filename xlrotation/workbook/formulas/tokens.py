"""The marks of a formula text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


class FormulaError(Exception):
    """A formula that cannot be read."""


_PREFIX = (
    r"(?:(?P<quoted>'(?:[^']|'')*')|(?P<link>\[[^\[\]]+\])?(?P<plain>[^\W\d][\w.]*(?::[^\W\d][\w.]*)?|\d+(?=!))?"
    r")(?<=[\w.'\]])!"
)


_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"


_SPAN = rf"{_CELL}(?:\s*:\s*{_CELL})?|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}}"
_AFTER = r"(?![\w.(\\?!\[]|:(?=[A-Za-z$]{1,4}[0-9]*!))"


AREA = rf"(?:{_SPAN}){_AFTER}"
"""A cell, a rectangle, columns or rows, and what may not follow them."""


NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


_AREA = rf"(?P<area>{_SPAN}){_AFTER}"


_TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n\u00a0]+)
    |(?P<text>"(?:[^"]|"")*")
    |(?:{_PREFIX})?(?:{_AREA}|(?P<error>\#(?ai:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|SPILL!|CALC!|GETTING_DATA|FIELD!
        |BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|PYTHON!|EXTERNAL!))
        |(?P<name>[^\W\d][\w.\\?]*|\\[\w.\\?]*|_[\w.\\?]*))
    |(?P<number>{NUMBER})
    |(?P<bracket>\[)
    |(?P<sign><=|>=|<>|[-+*/^&%=<>(){{}},;:@\#~])""",
    re.VERBOSE,
)


_BRACKET = re.compile(r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]", re.DOTALL)


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False
    match: re.Match[str] | None = None
    follows: str = ""


def _tokens(text: str, typed: bool) -> Iterator[_Token]:
    place, spaced, braces = 0, False, 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is not None and match["space"] is not None:
            place, spaced = match.end(), True
            continue
        token = _unmatched(text, place, spaced, typed) if match is None else _matched(text, match, spaced)
        if token.kind == "sign":
            braces += (token.text == "{") - (token.text == "}")
            if typed and token.text == ";" and not braces:
                token.text = ","
        yield token
        place, spaced = token.end, False


def _matched(text: str, match: re.Match[str], spaced: bool) -> _Token:
    start, end = match.span()
    if match["area"] is not None:
        return _Token("area", match[0], start, end, spaced, match)
    if match["error"] is not None:
        return _Token("error", match[0], start, end, spaced, match, match["error"])
    if match["name"] is not None:
        bracket = _BRACKET.match(text, end)
        if bracket is None:
            return _Token("name", match[0], start, end, spaced, match)
        return _Token("table", match[0], start, bracket.end(), spaced, match, bracket[0])
    if match["bracket"] is not None:
        bracket = _BRACKET.match(text, start)
        if bracket is None:
            raise FormulaError(f"cannot be read as a formula: '[' at place {start + 1} is not closed")
        return _Token("table", "", start, bracket.end(), spaced, None, bracket[0])
    return _Token(match.lastgroup or "", match[0], start, end, spaced)


def _unmatched(text: str, place: int, spaced: bool, typed: bool) -> _Token:
    mark = text[place]
    if typed and mark in "，；":
        return _Token("sign", ",", place, place + 1, spaced)
    if mark == '"':
        raise FormulaError("cannot be read as a formula: a quote is not closed")
    raise FormulaError(f"cannot be read as a formula: {mark!r} at place {place + 1} has no meaning there")


def marks(text: str) -> Iterator[_Token]:
    """The marks of a text that may be no formula: what has no meaning is of the kind ``other``.

    Args:
        text: The text, with or without the leading ``=``; an open quote takes all that follows.
    """
    place, spaced = 0, False
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is not None and match["space"] is not None:
            place, spaced = match.end(), True
            continue
        if match is None or (match["bracket"] is not None and _BRACKET.match(text, place) is None):
            end = len(text) if text[place] == '"' else place + 1
            token = _Token("other", text[place:end], place, end, spaced)
        else:
            token = _matched(text, match, spaced)
        yield token
        place, spaced = token.end, False


def whole(text: str) -> re.Match[str] | None:
    """The match of a text that is one reference and nothing else."""
    match = _TOKEN.fullmatch(text)
    return None if match is None or match["area"] is None else match


def _home(match: re.Match[str]) -> tuple[str | None, str | None, str | None]:
    """Book, first sheet and last sheet that stand before a reference."""
    link = match["link"]
    book = link[1:-1] if link and link != "[0]" else None  # [0] is the workbook itself
    name = match["plain"]
    if match["quoted"]:
        name = match["quoted"][1:-1].replace("''", "'")
        found = re.fullmatch(r"(.*)\[([^\[\]]+)\](.*)", name)
        if found:
            book, name = found[1] + found[2], found[3]
        elif "\\" in name or "/" in name:
            book = name
    if name and ":" in name and book != name:
        first, _, last = name.partition(":")
        return book, first, last
    return book, name, None
