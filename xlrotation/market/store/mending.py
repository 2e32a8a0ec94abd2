"""What a writing goes on from where a store is damaged: never less than what is whole, never the damage itself.

The place of a damaged file is taken by the newest whole one that an older state has; where there is none, the writing
is refused, unless somebody said to do without. Nothing of this happens because of an error that may pass.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xlrotation.market.listing import Listing, read_listing
from xlrotation.market.panel import FloatArray, Panel, Quarantined
from xlrotation.market.store import heldback, states, storage
from xlrotation.market.store.extras import Extras, chains_in, series_in
from xlrotation.market.store.reading import fields_of, panel_of
from xlrotation.market.store.stateformat import State
from xlrotation.market.store.storage import Damaged, Files

_CHECK: Mapping[str, Callable[[Files, str], object]] = {
    "prices": Files.get,
    "quarantine": heldback.HeldBack,
    "chains": chains_in,
    "series": series_in,
}
"""What reads a file of each kind, to see whether it is whole; prices are seen when they are read with the others."""


@dataclass(frozen=True, slots=True)
class Base:
    """What a writing goes on from.

    Attributes:
        state: A state, all of whose prices and held-back values can be read.
        panel: They; None where there are no prices, or none are asked for.
        files: Its files.
        in_order: Whether the pointer named it.
        named: The state as it was written; *state* has other files in the place of damaged ones.
    """

    state: State
    panel: Panel | None
    files: Files
    in_order: bool
    named: State


class Mender:
    """Finds what a writing goes on from.

    Args:
        folder: The store's folder.
        source: What opens the store as a source.
        rebuild: Whether to do without a damaged file that no older state has another of.
    """

    def __init__(self, folder: Path, source: str, rebuild: bool) -> None:
        self.folder = folder
        self.source = source
        self.rebuild = rebuild
        self.notes: dict[str, None] = {}

    def base(self, prices: bool = True) -> Base:
        """What a writing goes on from.

        Args:
            prices: Whether the writing is about prices or what is held back of them. Option chains, which cannot be
                had tomorrow, are stored whatever became of those.

        Raises:
            Damaged: A file is damaged, and nothing can stand in its place.
            Unreachable: A file cannot be read now.
            NewerFormat: A newer version wrote the store.
        """
        named, in_order = self.goes_on_from()
        state = named
        files = Files(self.folder, state.sums)
        panel = None
        if state.symbols and prices:
            listing = read_listing(self.folder)
            state, fields = self._prices(files, state, listing)
            state, entries = self._quarantine(files, state)
            panel = replace(panel_of(state, fields, self.source, listing), quarantine=entries)
        return Base(state, panel, files, in_order, named)

    def goes_on_from(self) -> tuple[State, bool]:
        """The current state, or the newest that can be read; and whether the pointer named it."""
        try:
            name = states.pointed(self.folder)
            return (State("") if name is None else states.load(self.folder, name)), True
        except Damaged as error:
            self.note(error.message)
        for name in states.every(self.folder)[::-1]:
            with contextlib.suppress(Damaged):
                return states.load(self.folder, name), False
        if states.names(self.folder) or any(
            (storage.kind_of(file) or "")[:1] == ("prices",) for file in storage.listed(self.folder)
        ):
            what = f"the store {self.folder.name} has files but no state that can be read"
            raise Damaged(f"{what}; nothing was changed, put states/ and current.json back from a copy of it", "states")
        return State(""), False

    def extras(self, files: Files, state: State) -> Extras:
        """The chains and series of a state, mended where they are damaged."""
        return Extras(files, state, lambda kind, block, e: self._otherwise(files, state, {e.file}, kind, block, e))

    def note(self, text: str) -> None:
        """Remember what was damaged."""
        self.notes[text] = None

    def _prices(self, files: Files, state: State, listing: Listing) -> tuple[State, dict[str, FloatArray]]:
        """The prices of a state, and the state with other files where one of its own is damaged."""
        tried: set[str] = set()
        while True:
            try:
                return state, fields_of(files, state, listing)
            except Damaged as error:
                block = next(block for block, file in state.prices.items() if file == error.file)
                tried.add(error.file)
                prices, lost = dict(state.prices), dict(state.lost)
                other = self._otherwise(files, state, tried, "prices", block, error)
                if other is None:
                    del prices[block]
                    lost[block] = error.file
                else:
                    prices[block] = other
                state = replace(state, prices=prices, lost=lost)

    def _quarantine(self, files: Files, state: State) -> tuple[State, Sequence[Quarantined]]:
        if state.quarantine is None:
            return state, ()
        try:
            return state, heldback.HeldBack(files, state.quarantine)
        except Damaged as error:
            other = self._otherwise(files, state, {error.file}, "quarantine", "", error)
            found = () if other is None else heldback.HeldBack(files, other)
            return replace(state, quarantine=other), found

    def _otherwise(
        self, files: Files, state: State, tried: Collection[str], kind: str, block: str, error: Damaged
    ) -> str | None:
        """The newest whole file that an older state has in place of a damaged one; None to do without.

        Raises:
            Damaged: There is none, and nobody said to do without.
        """
        for name in states.before(self.folder, state.name):
            try:
                older = states.load(self.folder, name)
                file = older.file_of(kind, block)
                if file is None or file in tried:
                    continue
                theirs = Files(self.folder, older.sums)
                _CHECK[kind](theirs, file)
            except Damaged:
                continue
            files.sums |= theirs.sums_of(frozenset((file,)))
            when = f"{states.moment(name):%Y-%m-%d %H:%M} UTC"
            self.note(f"{error.file} is damaged; {file}, of the state of {when}, stands in its place")
            return file
        if not self.rebuild:
            raise error
        self.note(
            f"{error.file} is damaged and no older state has another; what it held is missing until it comes again"
        )
        return None
