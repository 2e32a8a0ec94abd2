"""Calls as a host makes them: arguments are read and results written by its profile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from xlrotation.functions.boundary.cells import Cell, NoCell, Range
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.registry import functions
from xlrotation.hosts import HostProfile

Argument = Cell | NoCell | Sequence[object]
"""A cell, or a range as rows of cells; what is no cell is refused."""

_ANY = Kind()
"""One argument too many, or of no function: the session says so."""


class Functions(Protocol):
    """The worksheet functions, as a session has them."""

    @property
    def names(self) -> Collection[str]:
        """Their names."""

    def call(self, name: str, *arguments: Argument) -> Cell | Range:
        """Evaluate one."""


def given(host: HostProfile, name: str, arguments: Sequence[object]) -> list[Argument]:
    """The arguments of a call of *name*, as cells; those left out at the end are gone."""
    spec = functions().get(name.upper())
    kinds = [] if spec is None else [parameter.kind for parameter in spec.parameters]
    kinds += [_ANY] * (len(arguments) - len(kinds))
    cells: list[Argument] = [host.read(value, kind) for value, kind in zip(arguments, kinds, strict=False)]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def answer(session: Functions, host: HostProfile, name: str, *arguments: object) -> object:
    """The result of a worksheet function, from the host's values to the host's values."""
    return host.write(session.call(name, *given(host, name, arguments)))


class Hosted:
    """Functions for the evaluation of a workbook whose numbers are to be read as a host's; results stay as they are."""

    def __init__(self, session: Functions, host: HostProfile) -> None:
        self._session, self._host = session, host
        self.names = session.names

    def __call__(self, name: str, arguments: Sequence[object]) -> Cell | Range:
        return self._session.call(name, *given(self._host, name, arguments))
