"""Symbols of tables that give each a row of its own."""

from __future__ import annotations

from xlrotation.errors import NoData
from xlrotation.functions.boundary.kinds import SymbolsKind
from xlrotation.market.market import Market
from xlrotation.market.symbols import canonical


class SymbolRowsKind(SymbolsKind):
    """Symbols of which one that the data do not hold is no reason to refuse the others.

    As in a range that spills, the error is that of its own row. It stays as a list's missing member does.
    """

    def ticker(self, text: str, market: Market) -> str:
        try:
            return market.ticker(text)
        except NoData:
            return canonical(text)
