"""Opening a source: ``xlrotation.open``."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

from xlrotation.entrypoints import PLUGINS
from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.kinds import DayKind
from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import find_exchange
from xlrotation.market.dates import read_date
from xlrotation.market.listing import home_of_work
from xlrotation.market.places import data_folder
from xlrotation.market.sources import as_known_on as known_on
from xlrotation.market.sources import open_source
from xlrotation.outside import told
from xlrotation.python.arguments import read_argument
from xlrotation.python.calls import Calls
from xlrotation.python.failures import Remark, check_errors
from xlrotation.python.functions import Functions

_NAMED = re.compile(r"\s*(?:(?:sample|yahoo)\s*(?:@|$)|store:|folder:)")
"""How the sources begin that are named rather than found by a path."""


def open(  # noqa: A001
    source: str | os.PathLike[str] | None = None,
    *,
    asof: object = None,
    lang: str | None = None,
    exchange: str | None = None,
    as_known_on: object = None,
    errors: str = "raise",
) -> Functions:
    """The worksheet functions on a source of data, pinned to the state that it has now.

    What is written to the source later is not seen. Open it again to see it.

    Args:
        source: As ``--source`` of the command line: ``"sample"``, ``"yahoo"``, ``"store:NAME"``, ``"folder:PATH"``; or
            the path of a folder of files or of a store. None: the environment variable ``XLROTATION_SOURCE``, else the
            sample.
        asof: The as-of date where a call names none, and the last that a call may name. None: the newest session.
        lang: Language of words and reasons. None: ``XLROTATION_LANG``, else English.
        exchange: The home exchange, such as ``"XETR"``. None: as the source says.
        as_known_on: Give the data of a store as they were known on that day.
        errors: ``"raise"``: a call that fails raises; ``"value"``: it gives the error value.

    Raises:
        BadArgument: There is no such source, date, language or exchange.
        NoData: The source cannot be read, or its data do not cover the date.
    """
    text = source_text(source)
    if as_known_on is not None:
        text = known_on(text, read_date(read_argument(as_known_on, "as_known_on", DayKind())))
    day = None if asof is None else read_date(read_argument(asof, "asof", DayKind()))
    chosen = check_errors(errors)
    with home_of_work(None if exchange is None else find_exchange(exchange).code):
        session = Session(open_source(text), lang, day).pinned(apart=True, whole=True)
        session.market()  # data that cannot be read, or do not cover the date, are told here
    for fault in PLUGINS.faults.values():
        warnings.warn(fault, Remark, stacklevel=2)
    return Functions(session, chosen)


def source_text(source: str | os.PathLike[str] | None) -> str | None:
    """What ``--source`` would be: a path of a store becomes its name, that of a folder of files is marked as one.

    Raises:
        BadArgument: It is empty.
        NoData: There is no folder of that path.
    """
    if source is None:
        return None
    text = os.fspath(source)
    if not isinstance(text, str) or not text.strip():
        raise BadArgument(f"{text!r} names no source; give sample, yahoo, store:NAME or folder:PATH")
    with told():
        path = Path(text).expanduser()
    if isinstance(source, str) and (_NAMED.match(text) or not path.is_dir()):
        return text
    if not path.is_dir():
        raise NoData(f"{path}: no such folder; give that of your files, or sample, yahoo, store:NAME")
    if path.resolve().parent == data_folder().resolve():
        return f"store:{path.name}"
    return f"folder:{path}"


def session_of(source: object, asof: object = None, lang: str | None = None) -> Session:
    """The session that ``source=`` of another function means: what :func:`open` gave, or what it takes."""
    if isinstance(source, Calls):
        made = source if asof is None else source.at(asof)
        if lang is None:
            found: Session = made.session
            return found
        return Session(made.session.source, lang, made.session.asof).pinned(apart=True)
    return open(source, asof=asof, lang=lang).session  # type: ignore[arg-type]
