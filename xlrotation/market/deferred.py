"""A panel of files of which most are not read yet: single symbols can be asked for before the rest is.

Which sessions there are, and which symbols are to be expected, is known; so is everything that is no price. A question
about one symbol reads what holds that symbol. Whatever else is asked for reads all, once, and is answered from that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market.calendar import Days
from xlrotation.market.listing import Listing
from xlrotation.market.panel import Panel
from xlrotation.market.symbols import Directory

FEW = 24
"""Symbols that are read one by one; who asks for more of them will ask for all."""

_OF_ALL = (
    *("symbols", "fields", "columns", "provenance", "remarks", "fetched", "quarantine", "state", "readings"),
    *("price_only", "directory", "split_factor", "total", "last_rows", "trading"),
)


class Deferred(Panel):
    """A panel whose prices are read when they are asked for. Threads may ask together.

    Args:
        days: The sessions, as the whole panel has them.
        tickers: The symbols that are to be expected; of one that turns out not to be there the whole panel tells.
        listing: Where they trade, all of them on one exchange.
        known: Further attributes of the panel that are known already.
        alone: The panel of one symbol, on the same sessions; None where only the whole one can tell.
        complete: The whole panel. Raises NoData where it cannot be had.
    """

    def __init__(
        self,
        days: Days,
        tickers: Sequence[str],
        listing: Listing,
        known: Mapping[str, Any],
        alone: Callable[[str], Panel | None],
        complete: Callable[[], Panel],
    ) -> None:
        exchange = listing.of(tickers[0])
        self.__dict__.update(known, days=days, listing=listing, home=exchange, exchanges=(exchange,))
        self.__dict__.update(
            _expected=Directory(tickers),
            _places={ticker: place for place, ticker in enumerate(tickers)},
            _tickers=tuple(tickers),
            _alone=alone,
            _complete=complete,
            _made={},
            _all=None,
            _asked=threading.RLock(),
        )

    @property
    def whole(self) -> Panel:
        """The panel of all symbols.

        Raises:
            NoData: It cannot be had any more.
        """
        own = self.__dict__
        with own["_asked"]:
            if own["_all"] is None:
                panel = own["_complete"]()
                if not np.array_equal(panel.days, self.days):
                    raise NoData(
                        f"the files of {self.source} are not what they were when they were looked at; ask again"
                    )
                own["_all"], own["_alone"], own["_complete"] = panel, None, None
            found: Panel = own["_all"]
            return found

    @property
    def settled(self) -> Panel:
        return self.__dict__["_all"] or self

    def ready(self, text: str) -> str | None:
        own = self.__dict__
        with own["_asked"]:
            ticker: str | None = own["_expected"].exact(text) if own["_all"] is None else None
            if ticker is None or ticker in own["_made"]:
                return ticker
            made = own["_alone"](ticker) if len(own["_made"]) < FEW else None
            if made is None:
                _ = self.whole
                return None
            if not np.array_equal(made.days, self.days):
                raise NoData(f"the files of {self.source} are not what they were when they were looked at; ask again")
            own["_made"][ticker] = made
            return ticker

    def holds(self, ticker: str) -> bool:
        return ticker in self.__dict__["_made"] or ticker in self.whole.columns

    def lacking(self, tickers: tuple[str, ...]) -> list[str]:
        return [ticker for ticker in tickers if not self.holds(ticker)]

    def place(self, ticker: str) -> int:
        places = self.__dict__["_places"]
        return places[ticker] if ticker in places else len(places) + self.whole.columns[ticker]

    def held(self, place: int, name: str) -> tuple[Panel, int]:
        own = self.__dict__
        tickers = own["_tickers"]
        if place >= len(tickers):
            return self.whole, place - len(tickers)
        made: Panel | None = own["_made"].get(tickers[place])
        if made is not None and (name in made.fields or (name == "total" and not made.price_only)):
            return made, 0
        return self.whole, self.whole.columns[tickers[place]]


def _of_all(name: str) -> property:
    return property(lambda panel: getattr(panel.whole, name))


for _name in _OF_ALL:
    setattr(Deferred, _name, _of_all(_name))
