"""The store that refreshes write to."""

from __future__ import annotations

import datetime as dt

from xlrotation.errors import NoData
from xlrotation.market.store.store import Store


def open_store(now: dt.datetime, rebuild: bool = False, trust_clock: bool = False) -> Store:
    """The Yahoo store, to be written to.

    Raises:
        NoData: *now* is so far from the last refresh that the clock may be wrong.
    """
    store = Store("yahoo", now=now, rebuild=rebuild)
    if not trust_clock and (doubt := store.clock_in_doubt()):
        raise NoData(doubt)
    return store
