"""The function reference: examples are broken where a reader would, and all functions stand on it."""

from __future__ import annotations

import re

import pytest

from xlrotation.functions.boundary.registry import functions
from xlrotation.reports import function_reference as reference
from xlrotation.reports.paper import lines_of

TEXT = re.compile(r'"(?:[^"]|"")*"')


@pytest.mark.parametrize("name", sorted(functions()))
def test_examples_are_broken_between_their_parts(name: str) -> None:
    example = functions()[name].example
    lines = reference.broken(example)
    assert "".join(lines) == example
    words = [match.span() for match in TEXT.finditer(example) if not match[0].startswith('"=')]
    place = 0
    for line in lines[:-1]:
        place += len(line)
        assert line[-1] in ",;()", line
        assert not any(start < place < end for start, end in words), line
    for line in lines:
        longest = max(map(len, TEXT.findall(line)), default=0)
        assert len(line) <= reference._LETTERS or longest > reference._LETTERS // 2, line


def test_every_function_stands_there_once_and_none_alone_below_a_heading() -> None:
    parts = list(reference._families())
    assert [spec.name for part in parts for spec in part.specs] == list(functions())
    assert all(len(part.specs) >= 2 for part in parts if part.first or part.last)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 5, 1),
        ("one two", 20, 1),
        ("wwww wwww wwww", 4.2, 3),
        ("wwww wwww wwww", 9, 2),
        ("wwwwwwwwww", 4, 3),
        ("\u4e2d" * 10, 6.1, 2),
        ("\u4e2d" * 5 + "\u3002", 6.1, 2),  # a full stop begins no line
    ],
)
def test_lines_are_those_of_a_text_that_is_broken_at_its_spaces(text: str, room: float, lines: int) -> None:
    assert lines_of(text, room) == lines
