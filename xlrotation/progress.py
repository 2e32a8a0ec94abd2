"""Progress of long work, on a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Step = Callable[[str], None]
"""Tells that one more piece is done, and which."""

Told = Callable[[int, int], None] | None
"""Is told how many pieces are done, and of how many."""


@contextlib.contextmanager
def steps(what: str, total: int) -> Iterator[Step]:
    """A bar on the terminal's error stream, which goes when the work is done; nothing where that is no terminal.

    Args:
        what: What is being done, such as ``exporting``.
        total: Number of pieces.
    """
    if total < 2 or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)

        def step(name: str) -> None:
            bar.update(task, advance=1, description=f"{what} {name}")

        yield step


@contextlib.contextmanager
def counted(what: str) -> Iterator[Told]:
    """A bar for work that tells how much is done of how much; None where there is no terminal to see it.

    Args:
        what: What is counted, such as ``symbols``.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
