"""XLR: the library itself."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import numpy as np

import xlrotation
from xlrotation.errors import BadArgument
from xlrotation.functions.boundary import registry
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.failures import shown_reason
from xlrotation.functions.boundary.kinds import TextKind
from xlrotation.functions.boundary.parameters import AsOf, Count, Header, Here, Lang, Text, default
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families.xlr import status
from xlrotation.market import symbols

Name = Annotated[str, TextKind()]


@worksheet_function(unit="text", example="=XLR_VERSION()")
def XLR_VERSION() -> str:
    """Version of the library."""
    return xlrotation.__version__


@worksheet_function(
    unit="table",
    example="=XLR_STATUS()",
    steady=False,  # the data age by the clock
)
def XLR_STATUS(here: Here, header: Header = default(True), lang: Lang = default(None)) -> Table:
    """Status of the data: source, sessions, symbols, last refresh, age, stale, missing and quarantined symbols, chains.

    The age is the number of finished sessions that the data lack. A symbol is stale where its last close is more than
    one session behind the last finished one, and missing where the library knows it but the source holds no close.
    Quarantined are values that a store holds back until somebody accepts or rejects them. The sample does not age.
    """
    rows = [[word(key, lang), value] for key, value in status.summary(here.panel, lang)]
    return Table(("item", "value"), rows, header, lang)


@worksheet_function(unit="date", example='=XLR_ASOF("2026-02-08")')
def XLR_ASOF(day: AsOf = default(None)) -> dt.date:
    """The session that a date resolves to: the one on or before it, the newest in the data where blank."""
    return day.asof


@worksheet_function(unit="table", example="=XLR_ERRORS(5)", steady=False)
def XLR_ERRORS(here: Here, n: Count = default(20), header: Header = default(True), lang: Lang = default(None)) -> Table:
    """The last n failures, newest first: when, function, arguments, error, and the reason with what to type instead.

    Below them, within the n, stand remarks on answers that were given: what stood in for missing data, what was left
    out. They have no error.

    Args:
        n: Number of failures.
    """
    latest = here.failures.newest(n)
    rows = [
        [f.when.strftime("%Y-%m-%d %H:%M:%S"), f.function, f.arguments, f.error.value, f.reason_in(lang)]
        for f in latest
    ]
    left = here.remarks[::-1][: n - len(rows)]
    rows += [["", word("remark", lang), "", "", shown_reason(told_in(remark, lang))] for remark in left]
    heads = ("when", "function", "arguments", "error", "reason")
    return Table(heads, rows or [[word("none", lang), "", "", "", ""]], header, lang)


@worksheet_function(unit="table", example='=XLR_FUNCTIONS("RS")')
def XLR_FUNCTIONS(category: Text = default(None), header: Header = default(True), lang: Lang = default(None)) -> Table:
    """The worksheet functions with a line of help each.

    Args:
        category: Prefix (ROT) or title (Prices) of a family. Blank: all.
    """
    families = registry.FAMILIES if category is None else _families(category)
    chosen = [spec for spec in registry.functions().values() if spec.family in families]
    if not chosen:
        raise BadArgument(f"no family {category!r}; give one of {', '.join(registry.FAMILIES)}")
    rows = [[spec.name, registry.FAMILIES[spec.family].into(lang), spec.gives(lang)] for spec in chosen]
    return Table(("function", "category", "summary"), rows, header, lang)


def _families(text: str) -> list[str]:
    """The families that *text* names, by prefix or by title in any language."""
    wanted, titles = symbols.fold(text), registry.FAMILIES
    by_prefix = [family for family in titles if wanted == symbols.fold(family)]
    return by_prefix or [family for family in titles if wanted in map(symbols.fold, titles[family].anywhere())]


@worksheet_function(unit="table", example='=XLR_HELP("PX_RET")')
def XLR_HELP(name: Name = default("XLR_HELP"), header: Header = default(True), lang: Lang = default(None)) -> Table:
    """Help on one function: what it gives, its arguments with defaults, definition, source and an example.

    Args:
        name: Name of the function.
    """
    spec = registry.functions().get(name.strip().upper().removeprefix("="))
    if spec is None:
        raise BadArgument(f"no function {name[:40]!r}; XLR_FUNCTIONS() lists them all")
    rows: list[list[object]] = [
        [word("function", lang), spec.signature],
        [word("returns", lang), spec.gives(lang)],
        [word("units", lang), registry.UNITS[spec.unit][0].into(lang)],
    ]
    rows += [[parameter.name, parameter.text.into(lang)] for parameter in spec.parameters]  # names as they are typed
    rows += [[word("definition", lang), spec.description]] if spec.description else []
    rows += [[word("source", lang), spec.source], [word("example", lang), spec.example.removeprefix("=")]]
    return Table(("item", "value"), rows, header, lang)


@worksheet_function(unit="text", example='=XLR_SYMBOL("罗素2000")')
def XLR_SYMBOL(here: Here, text: Text = default("SPX")) -> str:
    """The ticker that a text resolves to.

    Args:
        text: Ticker, alias, or name in English or Chinese.
    """
    return here.market.ticker(text)


@worksheet_function(unit="table", example='=XLR_SOURCE("VIX")')
def XLR_SOURCE(
    here: Here, symbol: Text = default("SPX"), header: Header = default(True), lang: Lang = default(None)
) -> Table:
    """Where the prices of a symbol come from: provider, first and last session, when fetched, how adjusted.

    Args:
        symbol: Ticker, alias, or name in English or Chinese.
    """
    ticker = here.market.ticker(symbol)
    panel = here.panel
    found = panel.provenance.get(ticker)
    days = here.market.days[np.isfinite(here.market.series(ticker).close)]
    rows: list[list[object]] = [
        ["symbol", ticker],
        ["provider", found.provider if found else panel.source],
        ["start", days[0].item() if len(days) else None],
        ["end", days[-1].item() if len(days) else None],
        [
            "fetched",
            found.fetched.strftime("%Y-%m-%d %H:%M %Z").strip() if found and found.fetched else word("none", lang),
        ],
        ["adjusted", told_in(found.told, lang) if found else word("none", lang)],
    ]
    return Table(("item", "value"), [[word(str(key), lang), value] for key, value in rows], header, lang)
