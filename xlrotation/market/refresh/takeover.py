"""Prices of one provider in the place of another's: who stands in, and when a whole history takes over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from xlrotation.market.panel import Panel
from xlrotation.market.providers.agreement import Block, agree, complete
from xlrotation.market.providers.protocol import Fetched, Provider
from xlrotation.market.providers.registry import STAND_INS, YAHOO

_ACTIONS = frozenset(("dividend", "split"))


def stand_ins(
    answer: Fetched, lacking: Mapping[str, str], ask: Callable[[Provider, Sequence[str]], Fetched]
) -> Iterator[tuple[Provider, Fetched]]:
    """The answers of those who stand in for Yahoo; what comes from them is taken out of Yahoo's *answer*.

    Args:
        answer: Yahoo's; where nobody has a symbol, it tells both reasons.
        lacking: Why each symbol is asked for elsewhere.
        ask: Asks a provider for whole histories.
    """
    left = dict(lacking)
    for who in STAND_INS:
        asked = [symbol for symbol in left if who.has(symbol)]
        if not asked or answer.interrupted:
            continue
        found = ask(who, asked)
        for symbol in asked:
            reason = " ".join(left[symbol].split(";")[0].split())
            if (why := found.missing.pop(symbol, None)) is None:
                del left[symbol]
                _drop(answer, symbol)
                found.remarks.setdefault(symbol, []).insert(0, f"from {who.name}; {YAHOO.name}: {reason}")
            elif symbol in answer.missing:
                answer.missing[symbol] = f"{YAHOO.name}: {reason}; {why}"
            else:
                answer.remarks.setdefault(symbol, []).append(why)
        if found.interrupted:
            answer.interrupted, answer.stopped = True, found.stopped
        yield who, found


def take_over(
    who: Provider,
    answer: Fetched,
    stored: Panel,
    others: Collection[str],
    start: Mapping[str, dt.date],
    force: bool,
) -> list[str]:
    """The symbols whose stored prices of another provider those of *answer* replace; the rest is taken out of it.

    Args:
        who: Who answered.
        answer: Whole histories.
        stored: What is stored.
        others: Symbols that are, or may be, stored from another provider.
        start: From which day each was asked for.
        force: Whether a history that does not agree may replace the stored one.
    """
    taken = []
    for block in list(answer.blocks):
        symbol = block[0]
        known = stored.provenance.get(symbol)
        if symbol not in others or known is None or known.provider == who.name or symbol not in stored.columns:
            continue
        column = stored.columns[symbol]
        held: Block = (symbol, stored.days, {name: values[:, column] for name, values in stored.fields.items()})
        why = ""
        if not complete(block, stored, start[symbol]):
            why = "is not as long"
        elif not force and not (who.as_traded and known.as_traded and agree(block, held)):
            why = "does not agree with it"
        elif not force and any(
            name not in block[2] and (held[2][name] > 0).any() for name in _ACTIONS & held[2].keys()
        ):
            why = "lacks its dividends and splits"
        if not why:
            taken.append(symbol)
            continue
        hint = "" if force else f"; run xlrotation refresh {symbol} --provider {who.key} --force to replace it"
        answer.blocks = [other for other in answer.blocks if other[0] != symbol]
        answer.remarks.pop(symbol, None)
        answer.missing[symbol] = (
            f"what is stored is from {known.provider}, and the history of {who.name} {why}; "
            f"what is stored stays as it was{hint}"
        )
    return taken


def _drop(answer: Fetched, symbol: str) -> None:
    """Take out of *answer* all that it says of *symbol*."""
    answer.blocks = [block for block in answer.blocks if block[0] != symbol]
    for table in (answer.missing, answer.remarks, answer.zones, answer.currencies, answer.begins):
        table.pop(symbol, None)
