"""What providers of dated series have in common: one after the other, with manners, until the server says stop."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xlrotation.market.providers.asking import Asker, Limited, Passing, Refused
from xlrotation.market.providers.protocol import Dated, FetchedSeries

Ask = Callable[[str, list[str]], Mapping[str, Dated]]
"""Gives what there is under a name, and what of it was left out; raises Passing and its relatives."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who is asked, as messages say it.

    Attributes:
        key: What ``refresh --provider`` takes.
        name: The provider.
        site: Where a person looks a name up.
        again: The options of ``refresh`` that ask for everything of it.
    """

    key: str
    name: str
    site: str
    again: str


def fetch_each(
    who: Who,
    names: Sequence[str],
    ask: Ask,
    why_not: Callable[[str], str],
    asking: Asker,
    progress: Callable[[int, int], None] | None,
) -> FetchedSeries:
    """Ask for one name after the other.

    Args:
        who: Who is asked.
        names: Names at the provider.
        ask: Asks for one.
        why_not: Why a name is not asked for; empty where it is.
        asking: Who waits and tries again.
        progress: Called with the number of names done and their total.
    """
    result = FetchedSeries()
    stopped = ""
    for done, name in enumerate(names, 1):
        if stopped:
            result.missing[name] = f"{name} was not asked for: {stopped}"
            continue
        if wrong := why_not(name):
            result.missing[name] = wrong
        else:
            stopped = _ask_for(who, name, ask, asking, result)
        if progress is not None:
            progress(done, len(names))
    return result


def _ask_for(who: Who, name: str, ask: Ask, asking: Asker, result: FetchedSeries) -> str:
    """Put what came, or why it did not, into *result*; returns why nothing more is to be asked for, if so."""
    again = f"run xlrotation refresh --provider {who.key} {name}"
    remarks: list[str] = []
    try:
        result.found |= asking.persist(functools.partial(_anew, ask, name, remarks))
        if remarks:
            result.remarks[name] = remarks
    except KeyboardInterrupt:
        result.interrupted = True
        stopped = f"interrupted; run xlrotation refresh {who.again} again to go on"
        result.missing[name] = f"{name} was not asked for: {stopped}"
        return stopped
    except Limited as limit:
        minutes = max(1, math.ceil((limit.seconds or 0.0) / 60.0))
        stopped = f"{who.name} limits requests; run xlrotation refresh {who.again} again in {minutes} min"
        result.missing[name] = f"{name} was not asked for: {stopped}"
        return stopped
    except Refused as refusal:
        result.missing[name] = (
            f"{who.name} answered {refusal.status}; look {name} up at {who.site}, then {again}; what is stored stays"
        )
    except Passing as error:
        result.missing[name] = f"{error}; {name} stays as it is, {again} later"
    return ""


def _anew(ask: Ask, name: str, remarks: list[str]) -> Mapping[str, Dated]:
    remarks.clear()
    return ask(name, remarks)
