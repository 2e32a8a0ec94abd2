"""The boundary: from cell values to a function and back.

A :class:`Session` holds a source of data, the language and the record of failures. :meth:`Session.call` is the only
way from a spreadsheet program to a worksheet function, whichever program it is; nothing but cell values leaves it.
"""

from __future__ import annotations

import collections
import datetime as dt
import logging
import os
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated

from xlrotation.errors import BadArgument, CellError, NoData, RotationError
from xlrotation.functions import spill
from xlrotation.functions.answers import Answers, Unknown, identity
from xlrotation.functions.cells import (
    Cell,
    NoCell,
    Range,
    Table,
    as_range,
    check_cells,
    result_cell,
    shown,
    table_cells,
)
from xlrotation.functions.kinds import HereKind
from xlrotation.functions.registry import Spec, functions
from xlrotation.functions.words import word
from xlrotation.market.dates import read_date
from xlrotation.market.market import Market, cut
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Source, open_source

log = logging.getLogger("xlrotation")

Argument = Cell | NoCell | Sequence[object]
"""A cell, or a range as rows of cells; what is no cell is refused."""

KEPT_FAILURES = 200
_KEPT_SCOPES = 4096


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that ended in an error value."""

    when: dt.datetime
    function: str
    arguments: str
    error: CellError
    told: str | Callable[[], str]

    @property
    def reason(self) -> str:
        """What was wrong and what to type instead; put together when it is asked for, where that takes time."""
        return self.told if isinstance(self.told, str) else self.told()


class Scope:
    """What one evaluation sees: the session, and the market cut at its as-of date.

    Where the data cannot be read there is no market, only the reason; functions that do not look at it work all the
    same, so that ``XLR_ERRORS`` can tell the reason.
    """

    __slots__ = ("_market", "_missing", "session")

    def __init__(self, session: Session, market: Market | None, missing: RotationError | None = None) -> None:
        self.session = session
        self._market = market
        self._missing = missing

    @property
    def market(self) -> Market:
        """The market as known at the as-of date.

        Raises:
            RotationError: The data cannot be read.
        """
        if self._market is None:
            assert self._missing is not None
            raise self._missing
        return self._market


Here = Annotated[Scope, HereKind()]
"""A parameter by which a function is handed its scope; it is no argument of the worksheet function."""


class Session:
    """Worksheet functions bound to a source of data.

    Args:
        source: A source, or its text (``sample``, ``yahoo``, ``store:NAME``, ``folder:PATH``); None means the
            environment variable ``XLROTATION_SOURCE``, then ``sample``.
        lang: Language of words where a call does not say (``en``, ``zh``); None means ``XLROTATION_LANG``, then ``en``.
        asof: As-of date where a call leaves it blank; None means the newest session.
        remember: Whether a call that was made before is answered without computing it again.
    """

    def __init__(
        self, source: Source | str | None = None, lang: str | None = None, asof: Cell = None, remember: bool = True
    ) -> None:
        self.source = open_source(source) if source is None or isinstance(source, str) else source
        self.lang = lang or ("zh" if os.environ.get("XLROTATION_LANG", "").lower().startswith("zh") else "en")
        self.asof = asof
        self.remember = remember
        self.failures: collections.deque[Failure] = collections.deque(maxlen=KEPT_FAILURES)
        self.names = frozenset(functions())
        self._functions = functions()
        self._panel: Panel | None = None
        self._scopes: dict[object, Scope] = {}
        self._by_session: dict[int, Scope] = {}
        self._answers = Answers()
        self._failed = 0
        self._lock = threading.Lock()

    @property
    def panel(self) -> Panel:
        """The data as they are now."""
        return self.source.panel()

    def spec(self, name: str) -> Spec:
        """The declaration of a function, by its exact name."""
        return self._functions[name]

    def market(self, asof: Cell = None) -> Market:
        """The market as known at *asof*."""
        return self.scope(asof).market

    def scope(self, asof: Cell) -> Scope:
        """What an evaluation as of a date sees; blank, or the 0 that some programs give for blank, means the newest.

        Raises:
            BadArgument: *asof* is no date.
            NoData: The data do not cover it.
        """
        panel = self._current()
        try:
            return self._scopes[asof]
        except (KeyError, TypeError):
            pass
        blank = asof is None or asof == "" or (asof == 0 and not isinstance(asof, bool))
        chosen = self.asof if blank else asof
        market = cut(panel, None if chosen is None else read_date(chosen))
        scope = self._by_session.setdefault(market.end, Scope(self, market))  # one set of cached series per session
        if len(self._scopes) < _KEPT_SCOPES:
            self._scopes[asof] = scope
        return scope

    def _current(self) -> Panel:
        """The data as they are now; what was kept of others is forgotten."""
        panel = self.source.panel()
        if panel is not self._panel:
            with self._lock:
                self._panel, self._scopes, self._by_session, self._answers = panel, {}, {}, Answers()
        return panel

    def __call__(self, name: str, arguments: Sequence[Argument]) -> Cell | Range:
        """As :meth:`call`, with the arguments in one sequence."""
        return self.call(name, *arguments)

    def call(self, name: str, *arguments: Argument) -> Cell | Range:
        """Evaluate a worksheet function as a cell would.

        Args:
            name: The function.
            *arguments: Cells, or ranges as rows of cells; an omitted one is None.

        Returns:
            A cell, or rows of cells. Never raises: a failure is an error value, and :attr:`failures` has the reason.
        """
        spec = self._functions.get(name) or self._functions.get(name.upper())
        if spec is None:
            return self._fail(name, arguments, BadArgument(f"no function {shown(name)}"), CellError.NAME)
        call = self._known_as(spec, arguments)
        if call is None:
            return self._evaluated(spec, arguments)
        answers = self._answers
        found = answers.get(call)
        if not isinstance(found, Unknown):
            return found
        failed = self._failed
        result = self._evaluated(spec, arguments)
        if self._failed == failed:  # a failure is recorded each time that it happens
            answers.put(call, result)
        return result

    def _known_as(self, spec: Spec, arguments: Sequence[Argument]) -> Hashable | None:
        """What an answer is remembered by, None where it must not be."""
        if not (spec.steady and self.remember):
            return None
        try:
            self._current()
            given = identity(arguments)
            call = None if given is None else (spec.name, self.lang, self.asof, given)
            hash(call)
        except (RotationError, TypeError):  # no data to speak of, or no cell values; the call itself will tell
            return None
        return call

    def _evaluated(self, spec: Spec, arguments: Sequence[Argument]) -> Cell | Range:
        try:
            for argument in arguments:
                if isinstance(argument, list | tuple):
                    return self._over_ranges(spec, arguments)
            return self._cells(spec, arguments)
        except RotationError as error:
            return self._fail(spec.name, arguments, error)
        except ModuleNotFoundError as error:
            return self._fail(spec.name, arguments, _lacking(error))
        except Exception as error:
            return self._bug(spec.name, arguments, error)

    def value(self, spec: Spec, cells: Sequence[object]) -> object:
        """The result of the function itself, for arguments that are read as they are (no spilling)."""
        given = len(cells)
        parameters = spec.parameters
        if given > len(parameters):
            raise BadArgument(f"{spec.name} takes at most {len(parameters)} arguments: {spec.signature}")
        check_cells(cells, inside=True)
        place = spec.asof
        asof = cells[place] if place is not None and place < given else None
        if isinstance(asof, CellError):
            return asof
        try:
            scope = self.scope(asof)  # type: ignore[arg-type]
        except RotationError as error:
            if place is not None:
                raise
            scope = Scope(self, None, error)
        values: list[object] = [scope] if spec.needs_here else []
        for i, parameter in enumerate(parameters):
            cell = cells[i] if i < given else None
            if type(cell) is list:
                values.append(parameter.kind.read_range(cell, scope))
                continue
            if cell is None or cell == "":
                cell = parameter.default
                if cell is None:
                    if parameter.required:
                        for other in cells:
                            if type(other) is CellError:  # an error that came in says more than what is missing
                                return other
                        raise BadArgument(f"{spec.name} needs {parameter.name}: {parameter.help}")
                    values.append(parameter.kind.blank(scope))
                    continue
            elif type(cell) is CellError:
                return cell
            values.append(parameter.kind.read(cell, scope))  # type: ignore[arg-type]
        return spec.function(*values)

    def _cells(self, spec: Spec, cells: Sequence[object]) -> Cell | Range:
        result = self.value(spec, cells)
        if type(result) is float and result - result == 0.0:
            return result
        if isinstance(result, Table):
            return table_cells(result, [word(head, result.lang or self.lang) for head in result.columns])
        return result_cell(result)

    def _over_ranges(self, spec: Spec, arguments: Sequence[Argument]) -> Cell | Range:
        cells: list[Cell | Range] = []
        for argument in arguments:
            grid = as_range(argument) if isinstance(argument, list | tuple) else None
            if grid is None:
                cells.append(argument)  # type: ignore[arg-type]
            elif not grid or not grid[0]:
                cells.append(None)
            else:
                cells.append(grid[0][0] if len(grid) == len(grid[0]) == 1 else grid)
        if len(cells) > len(spec.parameters):
            raise BadArgument(f"{spec.name} takes at most {len(spec.parameters)} arguments: {spec.signature}")
        spread = [
            place
            for place, cell in enumerate(cells)
            if isinstance(cell, list) and not spec.parameters[place].kind.takes_whole(cell)
        ]
        if not spread:
            return self._cells(spec, cells)
        if spec.table:
            name = spec.parameters[spread[0]].name
            raise BadArgument(f"{spec.name} gives a table, so {name} must be one cell; write one formula per value")

        def one(arguments: Sequence[object]) -> Cell:
            try:
                result = self._cells(spec, arguments)
            except RotationError as error:
                return self._fail(spec.name, arguments, error)
            except ModuleNotFoundError as error:
                return self._fail(spec.name, arguments, _lacking(error))
            except Exception as error:
                return self._bug(spec.name, arguments, error)
            if isinstance(result, list):
                return self._fail(spec.name, arguments, BadArgument("a table does not fit into one cell of a range"))
            return result

        return spill.over(cells, spread, one)

    def _fail(
        self, name: str, arguments: Sequence[object], error: RotationError, shown_as: CellError | None = None
    ) -> CellError:
        result = shown_as or error.cell_error
        with self._lock:
            self._failed += 1
        self.failures.append(Failure(dt.datetime.now().astimezone(), name, _described(arguments), result, error.told))
        return result

    def _bug(self, name: str, arguments: Sequence[object], error: Exception) -> CellError:
        """A fault of ours: it must not reach the cell as anything but an error value, nor pass unseen."""
        log.error("%s(%s) failed", name, _described(arguments), exc_info=error)
        if os.environ.get("XLROTATION_STRICT"):
            raise error
        reason = f"internal error ({type(error).__name__}: {error}); please report it with this line"
        return self._fail(name, arguments, BadArgument(shown_reason(reason)))


def _lacking(error: ModuleNotFoundError) -> NoData:
    """The reason where a package is not installed, as may be in a browser; other functions work without it."""
    return NoData(
        f"this function needs the package {error.name}, which is not installed here: pip install {error.name}"
    )


def shown_reason(text: str) -> str:
    """*text* made printable and short."""
    return text.encode("utf-8", "replace").decode()[:240]


def _described(arguments: Sequence[object]) -> str:
    parts = []
    for argument in arguments:
        if isinstance(argument, list | tuple):
            width = len(argument[0]) if argument and isinstance(argument[0], list | tuple) else 1
            parts.append(f"{len(argument)}x{width} cells")
        else:
            parts.append("" if argument is None else shown(argument))
    return ", ".join(parts)
