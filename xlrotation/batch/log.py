"""What a run tells while it runs, as JSON lines for programs that collect logs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import Protocol

from xlrotation.addresses import without_keys
from xlrotation.outside import writable


class Log(Protocol):
    """Is told what happens."""

    def __call__(self, event: str, **told: object) -> None:
        """Something happened."""


def silent(event: str, **told: object) -> None:
    """Keep it to oneself."""


def json_lines(event: str, **told: object) -> None:
    """A line of JSON on the error stream: ``time`` in UTC, ``event``, and what belongs to it."""
    if sys.stderr is None:
        return
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = json.dumps({"time": now, "event": event, **told}, ensure_ascii=False, default=str)
    print(without_keys(writable(line)), file=sys.stderr, flush=True)


LOGS: dict[str, Log] = {"text": silent, "json": json_lines}
