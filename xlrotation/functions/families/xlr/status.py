"""The status of the data in words: what XLR_STATUS and ``xlrotation status`` show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Range
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.boundary.words import word
from xlrotation.languages import remarks, translated
from xlrotation.market import age, still, symbols, universes
from xlrotation.market.asknown import names_of
from xlrotation.market.columns import column
from xlrotation.market.panel import Panel, Quarantined
from xlrotation.market.parts import part
from xlrotation.market.sources import store_of

_SHOWN = 3
"""Symbols whose held-back values a cell tells in full."""

_STILL = 10
"""Symbols that stand still which a cell tells."""

_REMARKS = 3
"""Remarks that a cell tells; the command line lists all."""

_LISTED = 20
"""Held-back values that the command line prints."""

Item = tuple[str, object]


def summary(panel: Panel, lang: str) -> list[Item]:
    """Items by their key in :data:`xlrotation.functions.boundary.words.WORDS`; the source first, the notice last."""
    none, now = word("none", lang), dt.datetime.now(dt.UTC)
    return [
        ("source", panel.source),
        ("newest", _told(lambda: part(panel, (panel.home,)).last)),
        ("symbols", len(panel.symbols)),
        ("first", panel.first),
        ("refreshed", _moment(panel.fetched) or none),
        ("known", _moment(panel.known) or none),
        ("age", _told(lambda: age.sessions_behind(panel, now))),
        ("stale", _told(lambda: _stale(panel, lang, now))),
        ("still", _told(lambda: _still(panel, lang))),
        ("missing", _told(lambda: _listed(missing_symbols(panel), lang))),
        ("quarantined", _held_back(panel, lang)),
        ("chains", _told(lambda: _chains(panel, lang))),
        ("series", _listed(names_of(panel.series), lang)),
        ("universes", _told(lambda: _listed(universes_at_hand(panel), lang))),
        ("remarks", _listed(_told_remarks(panel, lang), lang, remarks(("", "")).into(lang))),
        ("notice", translated(lang, panel.notice) or panel.notice or none),
    ]


def report(session: Session, texts: Sequence[str]) -> tuple[dict[str, object], list[tuple[str, Range]]]:
    """What ``xlrotation status`` tells, as plain data and as titled tables.

    Args:
        session: The data.
        texts: Symbols to tell the origin of; none for the status of all.
    """
    session = session.pinned()
    panel = session.panel
    held = quarantine_rows(open_entries(panel))
    found: dict[str, object] = {}
    tables: list[tuple[str, Range]] = []
    if texts:
        for ticker in map(session.market().ticker, texts):
            rows = found[ticker] = origin_rows(session, ticker)
            tables.append((ticker, _table(rows)))
        held = [row for row in held if row["symbol"] in found]
    else:
        items = [(word(key, session.lang), value) for key, value in summary(panel, session.lang)]
        found = dict(items)
        tables.append(("", [list(item) for item in items]))  # type: ignore[arg-type]
        every = _told_remarks(panel, session.lang)
        found["every remark"] = every
        if len(every) > _REMARKS:
            tables.append((word("remarks", session.lang), [[remark] for remark in every]))
    if held:
        more = f", the first {_LISTED} of {len(held)}; --json lists all" if len(held) > _LISTED else ""
        tables.append((f"{word('quarantined', session.lang)}{more}", _table(held[:_LISTED])))
    return found | {"quarantine": held}, tables


def _told_remarks(panel: Panel, lang: str) -> list[str]:
    found = (*panel.remarks, *universes.in_place_of_ours(panel.universes, panel.home))
    return [told_in(remark, lang) for remark in found]


def _table(rows: Sequence[dict[str, object]]) -> Range:
    return [list(rows[0]), *(list(row.values()) for row in rows)] if rows else [[None]]  # type: ignore[list-item]


def open_entries(panel: Panel) -> list[Quarantined]:
    """What is held back and not decided."""
    return [entry for entry in panel.quarantine if not entry.rejected]


def quarantine_rows(entries: Sequence[Quarantined]) -> list[dict[str, object]]:
    """A row for each held-back value."""
    return [
        {
            "symbol": entry.symbol,
            "day": entry.day,
            "field": name,
            "stored": None if stored != stored else stored,
            "offered": offered,
            "provider": entry.provider,
            "fetched": _moment(entry.fetched),
            "times": entry.times,
            "reason": entry.reason,
        }
        for entry in entries
        for name, (stored, offered) in entry.values.items()
    ]


def origin_rows(session: Session, ticker: str) -> list[dict[str, object]]:
    """A row for each stretch of closes of a symbol that one batch brought."""
    panel = session.panel
    if panel.source.startswith(("yahoo", "store:")):
        return [
            {
                "first": first,
                "last": last,
                "provider": origin.provider,
                "fetched": _moment(origin.fetched),
                "accepted": origin.accepted,
            }
            for first, last, origin in store_of(panel.source).origins(ticker, panel)
        ]
    found = panel.provenance.get(ticker)
    days = panel.days[np.isfinite(column(panel, "close", panel.columns[ticker]))]
    return [
        {
            "first": days[0].item() if len(days) else None,
            "last": days[-1].item() if len(days) else None,
            "provider": found.provider if found else panel.source,
            "fetched": _moment(found.fetched if found and found.fetched else panel.fetched),
            "accepted": False,
        }
    ]


def _told(item: Callable[[], object]) -> object:
    """An item, or why there is none: a calendar that does not reach today, say, must not end the whole table."""
    try:
        return item()
    except NoData as error:
        return error.message


def _stale(panel: Panel, lang: str, now: dt.datetime) -> str:
    stale = age.stale_symbols(panel, now)
    known = int(np.count_nonzero(panel.last_rows >= 0))
    told = f"{len(stale)}: {word('all', lang)}" if len(stale) == known > 1 else _listed(stale, lang)
    return "; ".join([told, *age.unknown_ages(panel, now).values()])


def _still(panel: Panel, lang: str) -> str:
    """Symbols whose closes did not move for weeks, each with its longest such stretch."""
    found = [f"{symbol} ({stretch})" for symbol, stretch in still.standing(panel).items()]
    more = f" (+{len(found) - _STILL})" if len(found) > _STILL else ""
    return f"{len(found)}: {'; '.join(found[:_STILL])}{more}" if found else word("none", lang)


def _held_back(panel: Panel, lang: str) -> str:
    entries = open_entries(panel)
    if not entries:
        return word("none", lang)
    told = []
    for symbol, group in groupby(entries, lambda entry: entry.symbol):
        days = list(group)
        more = f" (+{len(days) - 1} days)" if len(days) > 1 else ""
        again = f", offered {days[0].times} times" if days[0].times > 1 else ""
        told.append(f"{symbol} {days[0].day}{more}: {days[0].reason}{again}")
    rest = f"; and {len(told) - _SHOWN} more symbols" if len(told) > _SHOWN else ""
    advice = (
        "look them up elsewhere; correct the file, or state the split in a column Splits"
        if panel.source.startswith("folder:")
        else "look them up elsewhere, then run: xlrotation accept SYMBOL or xlrotation reject SYMBOL"
    )
    return f"{len(told)} symbols; {'; '.join(told[:_SHOWN])}{rest}; {advice}"


def _chains(panel: Panel, lang: str) -> str:
    """Underlyings with option chains, and the newest session that has any."""
    newest = {symbol: days[-1] for symbol in panel.chains.symbols() if (days := panel.chains.days(symbol))}
    return f"{len(newest)} ({max(newest.values())})" if newest else word("none", lang)


def missing_symbols(panel: Panel) -> list[str]:
    """Symbols that the library's functions use by default but the source has no close of."""
    column = panel.columns
    return [
        name.ticker for name in symbols.NAMES if name.ticker not in column or panel.last_rows[column[name.ticker]] < 0
    ]


def universes_at_hand(panel: Panel) -> list[str]:
    """Lists of members that the data have something of: those that the source brings, the user's own first, then ours.

    A blank in a name is an underscore, which means the same where a universe is asked for.
    """
    brought = sorted(panel.universes, key=lambda name: (universes.taken(name), name))
    ours = [name for name in universes.names({}) if name not in panel.universes]
    held = {symbol for place, symbol in enumerate(panel.symbols) if panel.last_rows[place] >= 0}
    found = [name for name in ours if held & set(_members(name))]
    return ["_".join(name.split()) for name in (*brought, *found)]


def _members(name: str) -> tuple[str, ...]:
    found = universes.find_universe(name, {})
    return found[1] if found else ()


def _moment(when: dt.datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M %Z").strip() if when else ""


def _listed(names: list[str], lang: str, separator: str = " ") -> str:
    if not names:
        return word("none", lang)
    most = 40 if separator == " " else _REMARKS
    more = f" (+{len(names) - most})" if len(names) > most else ""
    listed = separator.join(names[:most]) + more
    return f"{len(names)}: {listed}" if separator == " " else listed
