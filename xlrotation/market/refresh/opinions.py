"""A second opinion: stored closes beside those of another provider. Nothing is chosen and nothing is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from xlrotation.errors import BadArgument
from xlrotation.market.calendar import Days
from xlrotation.market.panel import FloatArray, Panel, Provenance
from xlrotation.market.providers.asking import Asker, Manners
from xlrotation.market.providers.protocol import Progress, Provider
from xlrotation.market.providers.registry import provider
from xlrotation.market.providers.stooq import Raw
from xlrotation.market.refresh.report import RefreshReport
from xlrotation.market.store.default import open_store
from xlrotation.market.symbols import canonical

BOUND = 0.001
"""Share by which two closes may differ: providers round to cents, or take the last trade for the closing auction."""

SINCE = dt.timedelta(days=365)
"""How far back closes are compared."""

SHOWN = 10


def second_opinion(
    key: str,
    symbols: Sequence[str],
    progress: Progress | None = None,
    session: Any = None,
    now: dt.datetime | None = None,
    manners: Manners | None = None,
    trust_clock: bool = False,
) -> RefreshReport:
    """Compare the stored closes of a year, as traded, with those of another provider.

    Args:
        key: The provider's key.
        symbols: Tickers; all must be stored.
        progress: Called with the number of symbols done and their total.
        session: An HTTP session for the provider; None leaves the choice to it.
        now: The present time; None means now.
        manners: How the provider is asked; None means with default manners.
        trust_clock: As of :func:`xlrotation.market.refresh.run.refresh`.

    Returns:
        ``received`` are the symbols that agree; ``missing`` says of each other what differs (the days with both
        closes, beyond :data:`BOUND`), or why there is no opinion.

    Raises:
        NoData: Nothing is stored.
        BadArgument: No symbols, or no such provider, or one whose closes are not as traded.
    """
    other: Provider = Raw() if key.lower() == Raw.key else provider(key)
    wanted = list(dict.fromkeys(map(canonical, symbols)))
    if not wanted:
        raise BadArgument(f"name the symbols to compare with {other.name}")
    present = now or dt.datetime.now(dt.UTC)
    panel = open_store(present, trust_clock=trust_clock).read()
    report = RefreshReport("yahoo", providers=dict.fromkeys(wanted, other.name))
    stored = {symbol: panel.provenance[symbol] for symbol in panel.columns if symbol in panel.provenance}
    unfit = {symbol: why for symbol in wanted if (why := _unfit(symbol, stored.get(symbol), other.name))}
    report.missing |= unfit
    asked = [symbol for symbol in wanted if symbol not in unfit]
    asker, trading = Asker(manners), panel.listing.of
    answer = other.fetch(asked, present.date() - SINCE, present, session, progress, asker, trading=trading)
    report.missing |= answer.missing
    report.remarks |= answer.remarks
    report.interrupted = answer.interrupted
    days_compared = 0
    for symbol, days, fields in answer.blocks:
        common, one, two = _shared(panel, symbol, days, fields["close"])
        if len(common) == 0:
            report.missing[symbol] = f"{other.name} and the store have no session in common"
            continue
        days_compared += len(common)
        who = panel.provenance[symbol].provider
        if differing := _differing(common, one, two, who, other.name):
            report.missing[symbol] = differing
        else:
            report.received.append(symbol)
            report.newest = max(filter(None, (report.newest, common[-1].item())))
    report.message = (
        f"{len(report.received)} of {len(wanted)} symbols agree with {other.name} within {BOUND:.1%} "
        f"({days_compared:,} closes since {present.date() - SINCE}); nothing was stored"
    )
    return report


def _unfit(symbol: str, known: Provenance | None, other: str) -> str:
    """Why a stored symbol cannot be compared; empty where it can."""
    if known is None:
        return f"nothing is stored of {symbol}; run xlrotation refresh {symbol} first"
    if known.provider == other:
        return f"what is stored of {symbol} is from {other} itself; that is no second opinion"
    return "" if known.as_traded else f"what is stored of {symbol} is {known.adjusted}; only closes as traded compare"


def _shared(panel: Panel, symbol: str, days: Days, closes: FloatArray) -> tuple[Days, FloatArray, FloatArray]:
    """The days on which both have a close, the stored closes, and the others."""
    common, ours, theirs = np.intersect1d(panel.days, days, return_indices=True)
    one, two = panel.fields["close"][ours, panel.columns[symbol]], closes[theirs]
    both = np.isfinite(one) & np.isfinite(two)
    return common[both], one[both], two[both]


def _differing(days: Days, one: FloatArray, two: FloatArray, who: str, other: str) -> str:
    """The closes that differ, the newest first; empty where none does."""
    wrong = np.flatnonzero(np.abs(two / one - 1.0) > BOUND)
    if len(wrong) == 0:
        return ""
    shown = "; ".join(f"{days[i]}: {who} {one[i]:.10g}, {other} {two[i]:.10g}" for i in wrong[-SHOWN:][::-1])
    more = f"; and {len(wrong) - SHOWN} earlier ones" if len(wrong) > SHOWN else ""
    return f"{len(wrong)} of {len(days)} closes differ by more than {BOUND:.1%}: {shown}{more}; nothing was changed"
