"""Folders made for tests of what is read from files, and what they come to."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.folder import source

WEEK = ("2026-02-09", "2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13")
CLOSES = (190.11, 188.5, 189.25, 187.33, 185.01)


def sessions(first: str, last: str) -> list[str]:
    return [str(day) for day in XNYS.sessions_between(dt.date.fromisoformat(first), dt.date.fromisoformat(last))]


def walk(days: list[str], start: float = 100.0, seed: int = 1, ends: str = "") -> list[float]:
    """Whole cents, moving by a hundredth or two a day; a split of 10 for 1 on the day *ends*."""
    luck = random.Random(seed)
    path, level = [], start
    for day in days:
        level *= 1 + luck.gauss(0.0005, 0.012)
        level = level / 10 if day == ends else level
        path.append(round(level, 2))
    return path


def put(folder: Path, **files: str | bytes) -> Path:
    """Files by name, of which ``__`` is a dot; a text is UTF-8."""
    for name, text in files.items():
        data = text.encode() if isinstance(text, str) else text
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def table(head: str, form: str, days: Any = WEEK, closes: Any = CLOSES) -> str:
    """A row for each day: *form* with ``{d}``, ``{o}``, ``{h}``, ``{l}``, ``{c}`` and the number ``{i}`` of the row."""
    rows = [
        form.format(d=day, o=value + 0.5, h=value + 1, l=value - 1, c=value, i=i)
        for i, (day, value) in enumerate(zip(days, closes, strict=True))
    ]
    return head + "\n" + "".join(f"{row}\n" for row in rows)


def closes(folder: Path, symbol: str) -> dict[str, float]:
    panel = source.load(folder)
    column = panel.fields["close"][:, panel.columns[symbol]]
    return {str(day): float(value) for day, value in zip(panel.days, column, strict=True) if np.isfinite(value)}


def told(folder: Path) -> str:
    return "\n".join(source.load(folder).remarks)


def asked(folder: Path, *call: object) -> tuple[Any, str]:
    """The answer of a formula, and why it is an error value."""
    session = Session(f"folder:{folder}", lang="en")
    answer = session.call(*call)
    return answer, session.failures[-1].reason if session.failures else ""
