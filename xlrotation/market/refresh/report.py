"""What a refresh did, and what an analyst must know of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xlrotation.market.providers.registry import YAHOO


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did.

    Attributes:
        source: What was refreshed.
        received: Symbols that came.
        unchanged: Those of them that brought nothing new.
        missing: Symbols that did not come: why, and what to do.
        newest: The newest session stored.
        message: All of it in a line.
        complete: Symbols that had nothing to ask for.
        holes: Sessions without a bar, by symbol; the next refresh asks for them again.
        given_up: Sessions that the source has no bar of, asked for often enough.
        remarks: What was left out of the answers or mended, by symbol.
        interrupted: Whether Ctrl-C ended it.
        providers: Who was asked for a symbol, by name.
        damage: What of the store was damaged, and what stands in its place.
    """

    source: str
    received: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    newest: dt.date | None = None
    message: str = ""
    complete: list[str] = field(default_factory=list)
    holes: dict[str, list[dt.date]] = field(default_factory=dict)
    given_up: dict[str, list[dt.date]] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    interrupted: bool = False
    providers: dict[str, str] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Whether all came and nothing was damaged."""
        return not (self.missing or self.holes or self.damage)

    def summarise(self) -> None:
        """Write the message."""
        kept = f", {len(self.complete)} complete and not asked for" if self.complete else ""
        self.message = (
            f"{len(self.received)} symbols received ({len(self.unchanged)} unchanged){kept}, "
            f"{len(self.missing)} missing, {len(self.holes)} with gaps, newest session {self.newest}"
        )
        if self.interrupted:
            self.message += "; interrupted: what came is stored, run xlrotation refresh again to go on"

    def lines(self, told: Callable[[str], str] = str) -> list[str]:
        """What an analyst must know beside the message, a line for each symbol and matter.

        Args:
            told: Gives a remark in the reader's language.
        """
        found = [*map(told, self.damage), *(f"{symbol}: {told(reason)}" for symbol, reason in self.missing.items())]
        for symbol, days in self.holes.items():
            found.append(f"{symbol}: {told(f'no bar of {_listed(days)}; the next xlrotation refresh asks again')}")
        for symbol, days in self.given_up.items():
            who = self.providers.get(symbol, YAHOO.name).split()[0]
            asks = f"{who} has no bar of {_listed(days)}; xlrotation refresh --force asks once more"
            found.append(f"{symbol}: {told(asks)}")
        for symbol, remarks in self.remarks.items():
            found += [f"{symbol}: {told(remark)}" for remark in remarks[:5]]
            if len(remarks) > 5:
                found.append(f"{symbol}: {told(f'and {len(remarks) - 5} more remarks of this kind')}")
        return found


def _listed(days: Sequence[dt.date]) -> str:
    """A few days, and how many more there are."""
    shown = ", ".join(map(str, days[:5]))
    return f"{shown} and {len(days) - 5} more sessions" if len(days) > 5 else shown
