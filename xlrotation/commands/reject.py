"""The command ``reject``: the values that are held back of symbols, dropped."""

from __future__ import annotations

import argparse

from xlrotation.commands.deciding import declare as declare


def run(options: argparse.Namespace) -> int:
    """Drop what is held back; returns the exit status."""
    from xlrotation.commands.deciding import decided
    from xlrotation.market.store.store import Store

    return decided(options, "dropped", Store.reject)
