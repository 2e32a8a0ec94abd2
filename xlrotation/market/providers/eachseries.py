"""What providers of dated series have in common: one after the other, with manners, until the server says stop."""

from __future__ import annotations

import datetime as dt
import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlrotation.market.providers.asking import Asker, Limited, Passing, Refused
from xlrotation.market.providers.protocol import Dated, FetchedSeries


@dataclass(frozen=True, slots=True)
class Question:
    """What a provider asks with.

    Attributes:
        asker: Who asks, with manners.
        client: An HTTP session.
        today: The present day.
    """

    asker: Asker
    client: Any
    today: dt.date


class EachSeries(ABC):
    """A provider of dated series that is asked for one name after the other.

    Attributes:
        key: What ``refresh --provider`` takes.
        name: As reports show it.
        site: Where a person looks a name up.
        again: The options of ``refresh`` that ask for everything of it.
        series: Those it is asked for where nobody names any.
    """

    key: str
    name: str
    site: str
    again: str
    series: tuple[str, ...]

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether it may know a series; no question is asked for one that it cannot know."""

    @abstractmethod
    def no_name(self, name: str) -> str:
        """Why a name that it cannot know is not asked for."""

    @abstractmethod
    def ask(self, question: Question, name: str, remarks: list[str]) -> Mapping[str, Dated]:
        """What there is under a name; what of it was left out is put into *remarks*.

        Raises:
            Passing: And its relatives, where nothing came.
        """

    def once(self, names: Sequence[str]) -> Sequence[str]:
        """*names*, those that mean the same once."""
        return names

    def fetch(
        self,
        names: Sequence[str],
        session: Any = None,
        asker: Asker | None = None,
        progress: Callable[[int, int], None] | None = None,
        today: dt.date | None = None,
    ) -> FetchedSeries:
        """Fetch whole series.

        Args:
            names: Their names at the provider.
            session: An HTTP session; None makes one.
            asker: Who asks; None makes one with default manners.
            progress: Called with the number of series done and their total.
            today: The present day; an observation after it is wrong. None means now.

        Returns:
            What came, and why the rest did not. Never raises for a series' sake.
        """
        import requests

        question = Question(asker or Asker(), session or requests.Session(), today or dt.date.today())
        result = FetchedSeries()
        stopped = ""
        wanted = self.once(names)
        for done, name in enumerate(wanted, 1):
            if stopped:
                result.missing[name] = f"{name} was not asked for: {stopped}"
                continue
            if self.has(name):
                stopped = self._ask_for(question, name, result)
            else:
                result.missing[name] = self.no_name(name)
            if progress is not None:
                progress(done, len(wanted))
        return result

    def _ask_for(self, question: Question, name: str, result: FetchedSeries) -> str:
        """Put what came, or why it did not, into *result*; returns why nothing more is to be asked for, if so."""
        again = f"run xlrotation refresh --provider {self.key} {name}"
        remarks: list[str] = []
        try:
            result.found |= question.asker.persist(functools.partial(self._anew, question, name, remarks))
            if remarks:
                result.remarks[name] = remarks
        except KeyboardInterrupt:
            result.interrupted = True
            stopped = f"interrupted; run xlrotation refresh {self.again} again to go on"
            result.missing[name] = f"{name} was not asked for: {stopped}"
            return stopped
        except Limited as limit:
            minutes = max(1, math.ceil((limit.seconds or 0.0) / 60.0))
            stopped = f"{self.name} limits requests; run xlrotation refresh {self.again} again in {minutes} min"
            result.missing[name] = f"{name} was not asked for: {stopped}"
            return stopped
        except Refused as refusal:
            result.missing[name] = (
                f"{self.name} answered {refusal.status}; look {name} up at {self.site}, then {again}; what is stored "
                "stays"
            )
        except Passing as error:
            result.missing[name] = f"{error}; {name} stays as it is, {again} later"
        return ""

    def _anew(self, question: Question, name: str, remarks: list[str]) -> Mapping[str, Dated]:
        remarks.clear()
        return self.ask(question, name, remarks)
