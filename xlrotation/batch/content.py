"""How much a source holds, and what it has lost since it held most: a damaged file must not pass for a small one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from xlrotation.errors import RotationError
from xlrotation.market.lazyfields import LazyFields
from xlrotation.market.panel import PRICE_FIELDS, Panel

Counts = Mapping[str, Mapping[str, int]]
"""How many values there are, by kind (``closes``, ``series`` ...) and by what holds them (a symbol, a series)."""

FEW = 10
"""Cells that must show a new error before their share is looked at: one of three is no share."""

_NAMED = 5


class Refused(RotationError):  # noqa: N818
    """What a job would write must not take the place of what stands there."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much worse data and reports may be than those of the last run before a job fails.

    Attributes:
        lost: Share of its closes, or of any other kind of content, that a source may have lost.
        errors: Share of a workbook's computed cells that may show errors which the last good report does not.
        behind: Finished sessions that the data of a job without an as-of date may lack at their end; None: any.
    """

    lost: float = 0.2
    errors: float = 0.5
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """How much a source holds.

    Attributes:
        counts: Of each kind.
        newest: The newest session with a close, as ``YYYY-MM-DD``.
    """

    counts: Counts = field(default_factory=dict)
    newest: str = ""

    def as_dict(self) -> dict[str, object]:
        """As plain data."""
        return {"newest": self.newest, "counts": {kind: dict(held) for kind, held in self.counts.items()}}

    @classmethod
    def read(cls, plain: object) -> Content:
        """From plain data.

        Raises:
            ValueError: They are none.
        """
        if not isinstance(plain, dict) or not isinstance(plain.get("counts"), dict):
            raise ValueError("no content of a source")
        counts: dict[str, dict[str, int]] = {}
        for kind, held in plain["counts"].items():
            if not isinstance(held, dict) or not all(type(count) is int and count >= 0 for count in held.values()):
                raise ValueError("counts that are none")
            counts[kind] = dict(held)
        newest = plain.get("newest", "")
        if newest:
            dt.date.fromisoformat(newest)
        return cls(counts, newest)


def content_of(panel: Panel) -> Content:
    """How much a panel holds; all of a folder is read, and of a store the closes."""
    panel = panel.whole
    counts: dict[str, dict[str, int]] = {}
    lazily = isinstance(panel.fields, LazyFields)
    for name in ("close",) if lazily else panel.fields:
        kind = "closes" if name == "close" else name
        counts[kind] = {panel.symbols[column]: many for column, many in _counted(panel, name) if many}
    counts["series"] = {name: int(np.isfinite(values).sum()) for name, (_, values) in panel.series.items()}
    counts["option chains"] = {symbol: len(panel.chains.days(symbol)) for symbol in panel.chains.symbols()}
    counts["members"] = {name: len(members) for name, members in panel.universes.items()}
    counts["weights"] = {name: int(np.isfinite(values).sum()) for name, (_, values) in panel.weights.items()}
    newest = max(panel.last_rows.tolist(), default=-1)
    found = {kind: held for kind, held in counts.items() if held}
    return Content(found, str(panel.days[newest]) if newest >= 0 else "")


def _counted(panel: Panel, name: str) -> Iterator[tuple[int, int]]:
    """How many values of a field there are, by column; of a store nothing is kept of what is read for it."""
    fields = panel.fields
    batches = (
        fields.batches(name) if isinstance(fields, LazyFields) else [(np.arange(len(panel.symbols)), fields[name])]
    )
    for columns, values in batches:
        held = np.isfinite(values) if name in PRICE_FIELDS else np.isfinite(values) & (values != 0.0)
        yield from zip(columns.tolist(), held.sum(axis=0).tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class Loss:
    """What a source has lost.

    Attributes:
        told: Each loss in words; empty where nothing is gone that counts.
        refused: The losses beyond the bounds, in words.
    """

    told: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def loss(before: Content, now: Content, most: float) -> Loss:
    """What a source has lost since *before*.

    A few values fewer are none: windows roll, providers correct. What is gone whole, or by a share of more than *most*,
    is told; where that share of all of a kind is gone, or the newest sessions are, it is refused.
    """
    told: list[str] = []
    refused: list[str] = []
    if now.newest < before.newest:
        refused.append(f"its newest session is {now.newest or 'none'} and was {before.newest}")
    for kind, held in before.counts.items():
        left = now.counts.get(kind, {})
        gone = {name: many - left.get(name, 0) for name, many in held.items() if left.get(name, 0) < many}
        share = sum(gone.values()) / max(1, sum(held.values()))
        worst = [name for name, many in gone.items() if many == held[name] or many > most * held[name]]
        if share > most:
            names = _named(sorted(worst or gone, key=lambda name: -gone[name]))
            refused.append(f"{share:.0%} of its {kind} are gone ({names})")
        elif worst:
            names = _named(sorted(worst))
            told.append(f"{kind} that were there are gone: {names}")
    return Loss((*refused, *told), tuple(refused))


def most_of(before: Content, now: Content) -> Content:
    """What a source held where it held most: what the next run is compared with."""
    kinds = dict.fromkeys((*before.counts, *now.counts))
    counts = {}
    for kind in kinds:
        old, new = before.counts.get(kind, {}), now.counts.get(kind, {})
        counts[kind] = {name: max(old.get(name, 0), new.get(name, 0)) for name in dict.fromkeys((*old, *new))}
    return Content(counts, max(before.newest, now.newest))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
