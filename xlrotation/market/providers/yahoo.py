"""Yahoo Finance through yfinance: daily bars, dividends, splits.

Prices are asked for unadjusted (``auto_adjust=False``); Yahoo's close is then as traded but for splits, which it
applies to the whole history. The close is stored as it comes, without a split factor, and total return is computed
here from the dividends. A cell never fetches: only a refresh does.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from xlrotation.market import calendar
from xlrotation.market.calendar import Days
from xlrotation.market.panel import PRICE_FIELDS, FloatArray
from xlrotation.market.store import data_folder

BATCH = 50
_COLUMNS = {"Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume", "Dividends": "dividend"}
_NEW_YORK = ZoneInfo("America/New_York")

Block = tuple[str, Days, dict[str, FloatArray]]


@dataclass(slots=True)
class Fetched:
    """An answer: what came, and why the rest did not."""

    blocks: list[Block] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


def fetch(
    symbols: Sequence[str],
    start: dt.date,
    now: dt.datetime | None = None,
    session: Any = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fetched:
    """Fetch daily bars from *start* to the last finished session.

    Args:
        symbols: Tickers as Yahoo writes them.
        start: First day.
        now: The time that decides which session has finished; None means now.
        session: An HTTP session for yfinance to use; None leaves the choice to it.
        progress: Called with the number of symbols done and their total.

    Returns:
        A block per symbol that came, and a reason per symbol that did not. Never raises for a symbol's sake.
    """
    import yfinance

    prepare()
    last = last_finished_session(now or dt.datetime.now(dt.UTC))
    result = Fetched()
    complaints = _Complaints()
    logger = logging.getLogger("yfinance")
    for batch in _batches(symbols):
        logger.addHandler(complaints)
        try:
            frame = yfinance.download(
                list(batch),
                start=start.isoformat(),
                end=(last + dt.timedelta(days=1)).isoformat(),
                auto_adjust=False,
                actions=True,
                group_by="ticker",
                threads=False,
                progress=False,
                multi_level_index=True,
                session=session,
            )
        except Exception as error:  # yfinance raises many kinds; a batch that fails must not end the others
            result.missing.update(dict.fromkeys(batch, f"{type(error).__name__}: {error}"))
        else:
            _take(frame, batch, last, complaints.reasons, result)
        finally:
            logger.removeHandler(complaints)
        if progress is not None:
            progress(len(result.blocks) + len(result.missing), len(symbols))
    return result


def prepare() -> None:
    """Give yfinance a cache of our own and let it forget the answers of an earlier refresh."""
    import yfinance
    from yfinance.data import YfData

    cache = data_folder() / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    yfinance.set_tz_cache_location(str(cache))
    # yfinance remembers answers by their address as long as the process lives: a second refresh would get the first.
    getattr(YfData.cache_get, "cache_clear", lambda: None)()


def last_finished_session(now: dt.datetime) -> dt.date:
    """The last session whose closing bell is at least 15 minutes past at *now*."""
    local = now.astimezone(_NEW_YORK)
    day = local.date()
    bell = dt.time(13, 15) if day in calendar.early_closes() else dt.time(16, 15)
    if local.time() < bell:
        day -= dt.timedelta(days=1)
    table = calendar.sessions()
    last: dt.date = table[np.searchsorted(table, np.datetime64(day), side="right") - 1].item()
    return last


class _Complaints(logging.Handler):
    """Keeps what yfinance logs of symbols, the only place where it says why one did not come."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.reasons: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if match := re.match(r"\[(.+?)\]: (.+)", record.getMessage(), re.DOTALL):
            reason = " ".join(match[2].split())[:200]
            self.reasons.update(dict.fromkeys(re.findall(r"'([^']+)'", match[1]), reason))


def _batches(symbols: Sequence[str]) -> Iterator[Sequence[str]]:
    for place in range(0, len(symbols), BATCH):
        yield symbols[place : place + BATCH]


def _take(frame: Any, batch: Sequence[str], last: dt.date, reasons: Mapping[str, str], result: Fetched) -> None:
    """Put what came for a batch into *result*; what was asked for and did not come is missing."""
    for symbol in batch:
        if frame is None or symbol not in frame.columns.get_level_values(0):
            result.missing[symbol] = reasons.get(symbol, "no answer")
            continue
        bars = frame[symbol]
        bars = bars[bars["Close"] > 0]
        days = bars.index.tz_localize(None).to_numpy().astype("datetime64[D]")
        keep = days <= np.datetime64(last)
        if not keep.any():
            result.missing[symbol] = reasons.get(symbol, "no bars in the answer: unknown, delisted, or nothing new")
            continue
        fields = {
            ours: bars[theirs].to_numpy(float, copy=True)[keep] for theirs, ours in _COLUMNS.items() if theirs in bars
        }
        for name in PRICE_FIELDS:
            if name in fields:
                fields[name][fields[name] <= 0] = np.nan
        fields = {name: values for name, values in fields.items() if np.isfinite(values).any()}
        result.blocks.append((symbol, days[keep], fields))
