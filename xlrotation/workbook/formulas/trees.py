"""What a formula is read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlrotation.errors import CellError


@dataclass(slots=True, frozen=True)
class Constant:
    """A number, a text, a truth value or an error."""

    value: bool | float | str | CellError | None


@dataclass(slots=True, frozen=True)
class Constants:
    """An array of constants."""

    rows: tuple[tuple[bool | float | str | CellError | None, ...], ...]


@dataclass(slots=True, frozen=True)
class Reference:
    """A cell, or a rectangle of cells, of one sheet or of neighbouring ones.

    Attributes:
        sheet: Its name; None for the formula's own.
        last_sheet: The last one where the reference goes through several.
        book: The other workbook that it lies in, as the formula names it.
        whole: It names columns or rows only.
    """

    row: int
    column: int
    last_row: int
    last_column: int
    sheet: str | None = None
    last_sheet: str | None = None
    book: str | None = None
    whole: bool = False


@dataclass(slots=True, frozen=True)
class Slot:
    """The reference that a formula gives in a place of a tree that it shares with others."""

    place: int


@dataclass(slots=True, frozen=True)
class Literal:
    """The text or number that a formula gives in a place of a tree that it shares with others."""

    place: int


@dataclass(slots=True, frozen=True)
class Name:
    """A defined name, a variable of LET or LAMBDA, or a whole table."""

    name: str
    sheet: str | None = None
    book: str | None = None


@dataclass(slots=True, frozen=True)
class Structured:
    """Part of a table: ``Tab[[#Data],[first]:[last]]``.

    Attributes:
        table: Empty where it is the table that the formula stands in.
        items: Of ``#All``, ``#Data``, ``#Headers``, ``#Totals``, ``#This Row``; in small letters.
        columns: None, one, or first and last.
    """

    table: str
    items: tuple[str, ...]
    columns: tuple[str, ...]
    book: str | None = None


@dataclass(slots=True, frozen=True)
class Unary:
    """``-x``, ``+x``, ``@x``, ``x%`` or ``x#``."""

    sign: str
    operand: Node


@dataclass(slots=True, frozen=True)
class Binary:
    """Two operands; the sign is a space for an intersection, ``:`` for a range."""

    sign: str
    left: Node
    right: Node


@dataclass(slots=True, frozen=True)
class Union:
    """Several areas, ``(A1,B2)``."""

    parts: tuple[Node, ...]


@dataclass(slots=True, frozen=True)
class Call:
    """A function called by its name, in capitals and without prefixes; None stands for an omitted argument."""

    name: str
    arguments: tuple[Node | None, ...]
    book: str | None = None


@dataclass(slots=True, frozen=True)
class Apply:
    """What a LAMBDA gives for arguments, ``LAMBDA(x,x+1)(2)``."""

    function: Node
    arguments: tuple[Node | None, ...]


Node = Constant | Constants | Reference | Slot | Literal | Name | Structured | Unary | Binary | Union | Call | Apply


def children(node: Node) -> Iterator[Node]:
    """What stands directly below a node."""
    match node:
        case Unary():
            yield node.operand
        case Binary():
            yield node.left
            yield node.right
        case Union():
            yield from node.parts
        case Call():
            yield from (part for part in node.arguments if part is not None)
        case Apply():
            yield node.function
            yield from (part for part in node.arguments if part is not None)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))
