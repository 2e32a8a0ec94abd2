"""Calls of our functions inside formula texts: found, cut out, put back."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*"?)"""
    r"""|(?P<sheet>'(?:[^']|'')*')"""
    r"""|(?P<bracket>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])"""  # [1] of a link, [[#All],[a, b]] of a table
    r"""|(?P<error>\#[A-Z/0!?]+)"""
    r"""|(?P<name>[A-Za-z_\\\u0080-\uffff][\w.\\?]*)"""
    r"""|(?P<mark>[()\[\]{},;!@])"""
    r"""|(?P<rest>[^"'#A-Za-z_\\\u0080-\uffff()\[\]{},;!@]+|.)""",
    re.DOTALL,
)
_PREFIXES = ("_xlfn.", "_xlws.", "_xlpm.", "_xldudf_")
_CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass(slots=True)
class Call:
    """One call in a formula text.

    Attributes:
        name: The function, in capitals.
        start: Where the call begins, a leading ``@`` or add-in link included.
        end: Where it ends, the closing parenthesis included.
        arguments: Start and end of each argument's text; none for an empty pair of parentheses.
    """

    name: str
    start: int
    end: int = -1
    arguments: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Frame:
    opening: str
    call: Call | None
    argument_start: int


def bare_name(text: str) -> str:
    """A function name as typed: in capitals, without the prefixes that files put before newer or foreign ones."""
    lower = text.lower()
    for prefix in _PREFIXES:
        if lower.startswith(prefix):
            return bare_name(text[len(prefix) :])
    return text.upper()


def find_calls(formula: str, names: Collection[str]) -> list[Call]:
    """The outermost calls of *names* in *formula*, from left to right.

    Calls inside the arguments of a call are not listed; find them in the argument's text.
    """
    found: list[Call] = []
    stack: list[_Frame] = []
    inside = 0  # how many open frames are calls of ours
    tokens = list(_TOKEN.finditer(formula))
    for place, token in enumerate(tokens):
        if token.lastgroup != "mark":
            continue
        mark = token.group()
        if mark in "([{":
            call = None
            if mark == "(" and not inside:
                call = _call_before(tokens, place, names)
            stack.append(_Frame(mark, call, token.end()))
            inside += call is not None
        elif mark in _CLOSING:
            if not stack or stack[-1].opening != _CLOSING[mark]:
                return found  # not a formula that can be read; what was found before stands
            frame = stack.pop()
            if frame.call is not None:
                inside -= 1
                _close(frame, token.start(), formula)
                frame.call.end = token.end()
                found.append(frame.call)
        elif mark == "," and stack and stack[-1].call is not None:
            stack[-1].call.arguments.append((stack[-1].argument_start, token.start()))
            stack[-1].argument_start = token.end()
    return found


def _close(frame: _Frame, position: int, formula: str) -> None:
    assert frame.call is not None
    if frame.call.arguments or formula[frame.argument_start : position].strip():
        frame.call.arguments.append((frame.argument_start, position))


def _call_before(tokens: Sequence[re.Match[str]], place: int, names: Collection[str]) -> Call | None:
    """The call whose opening parenthesis is token *place*, where the name before it is one of *names*."""
    i = place - 1
    while i >= 0 and tokens[i].group().isspace():
        i -= 1
    if i < 0 or tokens[i].lastgroup != "name" or bare_name(tokens[i].group()) not in names:
        return None
    start = i
    if start >= 2 and tokens[start - 1].group() == "!":  # a link to an add-in file: 'C:\x.xlam'!NAME( or [1]!NAME(
        start -= 2
        if start >= 1 and tokens[start - 1].lastgroup == "bracket":  # [1]Sheet1!NAME(
            start -= 1
    if start >= 1 and tokens[start - 1].group() == "@":
        start -= 1
    return Call(bare_name(tokens[i].group()), tokens[start].start())


def replace_calls(formula: str, calls: Sequence[Call], text_of: Callable[[Call], str]) -> str:
    """*formula* with each of *calls* replaced by the text that *text_of* gives for it."""
    parts, position = [], 0
    for call in calls:
        parts += [formula[position : call.start], text_of(call)]
        position = call.end
    return "".join((*parts, formula[position:]))


def renamed_calls(formula: str, names: Collection[str], prefix: str) -> str:
    """*formula* with every call of *names*, at any depth, written with *prefix* before its bare name."""
    tokens = list(_TOKEN.finditer(formula))
    parts = []
    for place, token in enumerate(tokens):
        text = token.group()
        following = (later.group() for later in tokens[place + 1 :] if not later.group().isspace())
        if token.lastgroup == "name" and bare_name(text) in names and next(following, "") == "(":
            text = prefix + bare_name(text)
        parts.append(text)
    return "".join(parts)


def argument_texts(formula: str, call: Call) -> list[str]:
    """The arguments of *call* as typed, without outer spaces; an omitted one is empty."""
    return [formula[start:end].strip() for start, end in call.arguments]


def mentions(names: Collection[str]) -> re.Pattern[str]:
    """A pattern that finds a call of any of *names* in a formula text, quickly and perhaps once too often."""
    alternatives = "|".join(sorted(map(re.escape, names), key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?<![A-Za-z0-9.])(?:{alternatives})\s*\(", re.IGNORECASE)
