"""What ``udfs.py`` calls: one worksheet function, with values as xlwings hands them over.

Over COM (the classic xlwings) and in Office.js (xlwings Server and Lite) values look different; the profile of the host
(:mod:`xlrotation.hosts`) reads and writes them.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

from xlrotation.errors import CellError, RotationError
from xlrotation.functions.boundary.hosted import answer
from xlrotation.hosts import EXCEL_COM, EXCEL_JS, HostProfile
from xlrotation.outside import reason

if TYPE_CHECKING:
    from xlrotation.functions.boundary.recalculation import Recalculation
    from xlrotation.functions.boundary.session import Session

log = logging.getLogger("xlrotation")

TELLING = ("XLR_STATUS", "XLR_ERRORS")
"""Functions that say in words why there are no data at all."""


@functools.cache
def session() -> Session:
    """The one session of this process; opened by the first call, so that importing costs nothing."""
    from xlrotation.functions.boundary.session import Session

    return Session()


_OPENING = threading.Lock()
_recalculation: Recalculation | None = None


def recalculation() -> Recalculation:
    """The recalculation of :func:`session` that calls belong to."""
    global _recalculation
    from xlrotation.functions.boundary.recalculation import Recalculation

    with _OPENING:  # two first calls in two threads share one session
        here = session()
        if _recalculation is None or _recalculation.session is not here:
            _recalculation = Recalculation(here)
        return _recalculation


@functools.cache
def office_js() -> bool:
    """Whether calls come from Office.js rather than over COM."""
    on_server = os.environ.get("XLWINGS_ON_SERVER", "").lower() in ("true", "1")
    return on_server or sys.platform == "emscripten" or "xlwings_server" in sys.modules


def host() -> HostProfile:
    """The host that calls come from."""
    return EXCEL_JS if office_js() else EXCEL_COM


def call(name: str, *arguments: object) -> object:
    """Evaluate a worksheet function for xlwings.

    Args:
        name: The function.
        *arguments: As xlwings reads them with ``ndim=2`` and ``err_to_str``: rows of cells, or None where omitted.
    """
    try:
        current = recalculation()
    except Exception as error:  # such as a source that does not exist: it must not reach the cell as a traceback
        log.error("the data cannot be opened", exc_info=error)
        if name in TELLING:
            return host().write(reason(error))
        return host().write(error.cell_error if isinstance(error, RotationError) else CellError.VALUE)
    with current.call() as here:
        return answer(here, host(), name, *arguments)


def reload() -> None:
    """Read the data again at the next call; what is kept of the old ones is forgotten. Refresh in Excel calls it."""
    session().source.reload()
    recalculation().end()
