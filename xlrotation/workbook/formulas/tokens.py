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
    |(?P<sign><=|>=|<>|[-+*/^&%=<>(){{}},;:@\#])""",
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
        if match is None:
            mark = text[place]
            if typed and mark in "，；":
                yield _Token("sign", ",", place, place + 1, spaced)
                place, spaced = place + 1, False
                continue
            if mark == '"':
                raise FormulaError("cannot be read as a formula: a quote is not closed")
            raise FormulaError(f"cannot be read as a formula: {mark!r} at place {place + 1} has no meaning there")
        end = match.end()
        kind = match.lastgroup or ""
        if match["space"] is not None:
            place, spaced = end, True
            continue
        if match["area"] is not None:
            token = _Token("area", match[0], place, end, spaced, match)
        elif match["error"] is not None:
            token = _Token("error", match[0], place, end, spaced, match, match["error"])
        elif match["name"] is not None:
            bracket = _BRACKET.match(text, end) if text[end : end + 1] == "[" else None
            if bracket is not None:
                end = bracket.end()
                token = _Token("table", match[0], place, end, spaced, match, bracket[0])
            else:
                token = _Token("name", match[0], place, end, spaced, match)
        elif kind == "bracket":
            bracket = _BRACKET.match(text, place)
            if bracket is None:
                raise FormulaError(f"cannot be read as a formula: '[' at place {place + 1} is not closed")
            end = bracket.end()
            token = _Token("table", "", place, end, spaced, None, bracket[0])
        else:
            token = _Token(kind, match[0], place, end, spaced)
            if kind == "sign":
                braces += (match[0] == "{") - (match[0] == "}")
                if typed and match[0] == ";" and not braces:
                    token.text = ","
        yield token
        place, spaced = end, False


def _home(match: re.Match[str]) -> tuple[str | None, str | None, str | None]:
    """Book, first sheet and last sheet that stand before a reference."""
    link = match["link"]
    book = link[1:-1] if link else None
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
