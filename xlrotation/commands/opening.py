"""The session that the options of a command name."""

from __future__ import annotations

import argparse

from xlrotation.functions.boundary.session import Session
from xlrotation.market.dates import read_date


def open_session(options: argparse.Namespace) -> Session:
    """The session that the options of a command name, on one state of the data for the whole command.

    Raises:
        RotationError: The source or the date cannot be used, which ends the command.
    """
    given = getattr(options, "asof", None)
    session = Session(options.source, options.lang, read_date(given) if given else None).pinned()
    session.market()
    return session
