"""Calls that ended in an error value, with the reason."""

from __future__ import annotations

import collections
import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xlrotation.errors import CellError, NoData
from xlrotation.functions.boundary.cells import shown
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.languages import ENGLISH, Text

KEPT_FAILURES = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that ended in an error value."""

    when: dt.datetime
    function: str
    arguments: str
    error: CellError
    told: str | Callable[[], str]
    lang: str = ENGLISH

    @property
    def reason(self) -> str:
        """What was wrong and what to type instead, in the language of the session."""
        return self.reason_in(self.lang)

    def reason_in(self, lang: str) -> str:
        """The reason in a language, as far as it has words for it; put together when it is asked for."""
        if isinstance(self.told, Text):
            return self.told.into(lang)
        return told_in(self.told if isinstance(self.told, str) else self.told(), lang)


class Failures(collections.deque[Failure]):
    """The last calls that ended in an error value, oldest first; threads may record and read them together."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT_FAILURES)
        self._lock = threading.Lock()

    def append(self, failure: Failure) -> None:
        with self._lock:
            super().append(failure)

    def newest(self, count: int) -> list[Failure]:
        """The last *count*, newest first."""
        with self._lock:
            return list(self)[::-1][:count]


def lacking(error: ModuleNotFoundError) -> NoData:
    """The reason where a package is not installed, as may be in a browser; other functions work without it."""
    return NoData(
        f"this function needs the package {error.name}, which is not installed here: pip install {error.name}"
    )


def shown_reason(text: str) -> str:
    """*text* made printable and short."""
    return text.encode("utf-8", "replace").decode()[:240]


def described(arguments: Sequence[object]) -> str:
    """Arguments as the record of failures shows them: cells in full, of a range its size."""
    parts = []
    for argument in arguments:
        if isinstance(argument, list | tuple):
            width = len(argument[0]) if argument and isinstance(argument[0], list | tuple) else 1
            parts.append(f"{len(argument)}x{width} cells")
        else:
            parts.append("" if argument is None else shown(argument))
    return ", ".join(parts)
