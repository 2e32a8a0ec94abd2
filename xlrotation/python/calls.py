"""The worksheet functions on one state of the data, called from Python."""

from __future__ import annotations

import datetime as dt
import inspect
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xlrotation.addresses import without_keys
from xlrotation.errors import BadArgument, CellError, NoData, RotationError, take_errors
from xlrotation.functions.boundary import advice, spill
from xlrotation.functions.boundary.cells import Cell, Range, shown
from xlrotation.functions.boundary.failures import KEPT_FAILURES, Failure, described
from xlrotation.functions.boundary.registry import Spec, functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.dates import read_date
from xlrotation.market.listing import home_of_work
from xlrotation.market.sources import open_source
from xlrotation.outside import printable
from xlrotation.python import results
from xlrotation.python.arguments import check_aligned, read_argument
from xlrotation.python.failures import Errors, Remark, check_errors, raised


class Calls:
    """Functions of a session that is pinned; threads may call them together.

    Args:
        session: On one state of the data.
        errors: ``"raise"``: a call that fails raises :class:`~xlrotation.NoData` and its like with the reason that a
            cell would have; ``"value"``: it gives the error value.
    """

    def __init__(self, session: Session, errors: Errors = "raise") -> None:
        self._session = session
        self._errors: Errors = check_errors(errors)

    # ------------------------------------------------------------------ what it stands on

    @property
    def session(self) -> Session:
        """The session, for the other modules of the package."""
        return self._session

    @property
    def asof(self) -> dt.date:
        """The session of the exchange that answers are known at where a call names no date."""
        return self._session.market().asof

    @property
    def lang(self) -> str:
        """The language of words and reasons."""
        return self._session.lang

    @property
    def source(self) -> str:
        """What opens the same data again."""
        return without_keys(self._session.source.text)

    @property
    def state(self) -> str:
        """Which state of a store it is; empty where a source has but one."""
        return self._session.panel.state

    @property
    def notice(self) -> str:
        """What must be said of the data, such as that they are a sample."""
        return str(self._session.panel.notice)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the reading of the data left out or assumed, and what calls told since."""
        return (*map(str, self._session.panel.remarks), *self._session.remarks)

    @property
    def failures(self) -> tuple[str, ...]:
        """The last calls that failed, oldest first, with the reasons."""
        newest = self._session.failures.newest(sys.maxsize)
        return tuple(f"{f.function}({f.arguments}) gave {f.error}: {f.reason}" for f in reversed(newest))

    def at(self, asof: object) -> Any:
        """The same state of the data as known at another date: nothing after it is shown, whatever a call names.

        Args:
            asof: A date, not after the one that this was opened at.

        Raises:
            BadArgument: It is no date.
            NoData: The data do not cover it, or it is after that of this.
        """
        day = _day(asof, "asof")
        self._session.check_shown(day)
        self._session.market(day)
        session = Session(self._session.source, self._session.lang, day, self._session.remember).pinned()
        session._snapshot = self._session._snapshot  # what was computed of other dates is shared
        return type(self)(session, self._errors)

    def sessions(self, first: object = None, last: object = None) -> list[dt.date]:
        """The sessions of the home exchange in the data, for loops over dates.

        Args:
            first: The first date; None: the first session of the data.
            last: The last date; None: the as-of date.

        Raises:
            BadArgument: One of them is no date, or the first is after the last.
            NoData: The last is after the as-of date.
        """
        market = self._session.market()
        begin = None if first is None else _day(first, "first")
        end = market.asof if last is None else _day(last, "last")
        if end > market.asof:
            raise NoData(f"{end} is after the as-of date {market.asof}, and nothing after that is shown")
        if begin is not None and begin > end:
            raise BadArgument(f"the first date, {begin}, is after the last, {end}")
        known: list[dt.date] = market.days.tolist()
        return [day for day in known if (begin is None or begin <= day) and day <= end]

    # ------------------------------------------------------------------ calls

    def call(self, name: str, *arguments: object, errors: str | None = None, **named: object) -> Any:
        """Call a function by its name, as the method of that name does.

        Args:
            name: The function, such as ``"RS_STREAK"``.
            *arguments: Its arguments in their order; None is one left out.
            errors: What becomes of a failure; None: as this was opened.
            **named: Arguments by their names.

        Raises:
            RotationError: The call failed, and failures raise.
            TypeError: An argument of that name is not there, or given twice.
        """
        chosen = self._errors if errors is None else check_errors(errors)
        spec = functions().get(name.upper()) if isinstance(name, str) else None
        if spec is None:
            told = advice.no_function(name) if isinstance(name, str) else "give its name"
            return self._failed(shown(name), (), BadArgument(f"no function {shown(name)}; {told}"), chosen)
        given = _in_order(spec, arguments, named)
        try:
            cells = _read(spec, given)
        except BadArgument as error:
            return self._failed(spec.name, given, error, chosen)
        apart, known = self._apart(spec.name)
        found = apart.call(spec.name, *cells)
        failures = self._noted(apart, known)
        where = f"{spec.name}({described(cells)})"
        if isinstance(found, list):
            return self._several(spec, given, cells, found, failures, chosen, where)
        return self._one(found, failures, chosen, where)

    def eval(self, formula: str, *, errors: str | None = None) -> Any:
        """The value of a formula, native functions of spreadsheets included, such as ``=IF(RS_STREAK()>=9,1,0)``.

        Args:
            formula: With or without the leading ``=``. It has no cells to refer to.
            errors: What becomes of a failure; None: as this was opened.

        Returns:
            A number, a text, a date or a truth value; a frame where it is a table.

        Raises:
            RotationError: It cannot be read, or its value is an error and failures raise.
        """
        from xlrotation.workbook.evaluation.evaluate import evaluate_formula

        chosen = self._errors if errors is None else check_errors(errors)
        if not isinstance(formula, str):
            raise BadArgument(f"a formula is a text such as '=RS_STREAK()', not a {type(formula).__name__}")
        apart, known = self._apart(formula)
        try:
            found = evaluate_formula(formula, apart)
        except RotationError as error:
            hint = advice.about_formula(formula, apart)
            raise BadArgument(printable(f"{error.message}; {hint}" if hint else error.message)) from None
        failures = self._noted(apart, known)
        where = shown(formula)
        if not isinstance(found, list):
            return self._one(found, failures, chosen, where)
        from xlrotation.readable import called

        spec = called(formula)
        headed = spec is not None and spec.table and all(isinstance(cell, str) and cell for cell in found[0])
        if chosen == "raise" and not headed:
            for row in found:
                if wrong := next((cell for cell in row if isinstance(cell, CellError)), None):
                    raise raised(wrong, failures, where)
        attrs = self._about("" if spec is None else spec.name)
        from xlrotation.python.frames import frame

        rows, heads = (found[1:], [str(head) for head in found[0]]) if headed else (found, None)
        return frame(rows, heads, attrs, chosen == "value")

    def _several(
        self,
        spec: Spec,
        given: Sequence[object],
        cells: Sequence[Cell | Range],
        found: Range,
        failures: Sequence[Failure],
        errors: Errors,
        where: str,
    ) -> Any:
        asked = spill.cells_of(spec, cells)
        spread = spill.places(spec, asked)
        if not spread:
            return results.table(spec, found, asked, self._about(spec.name, spec, asked), errors == "value")
        if errors == "raise":
            for number, row in enumerate(found):
                if wrong := next((cell for cell in row if isinstance(cell, CellError)), None):
                    error = raised(wrong, [f for f in failures if f.error is wrong][:1], where)
                    error.add_note(f"the first that failed is row {number}; errors='value' gives all the others")
                    raise error
        sources = [(given[place], cell) for place in spread if isinstance(cell := asked[place], list)]
        return results.spilled(spec.name, found, sources, errors == "value")

    def _one(self, found: Cell, failures: Sequence[Failure], errors: Errors, where: str) -> Cell:
        if isinstance(found, CellError):
            if errors == "raise":
                raise raised(found, failures, where)
            take_errors()
        return found

    def _failed(self, name: str, given: Sequence[object], error: BadArgument, errors: Errors) -> CellError:
        """What does not come as far as the session."""
        when = dt.datetime.now().astimezone()
        result = CellError.NAME if error.message.startswith("no function") else error.cell_error
        failure = Failure(when, name, f"{len(given)} arguments", result, error.message, self._session.lang)
        self._session.failures.append(failure)
        if errors == "raise":
            raise error
        take_errors()
        return result

    def _apart(self, text: str) -> tuple[Session, int]:
        """A session with a record of its own, and how many failures of before it knows: those that a call asks for."""
        apart = self._session.pinned(apart=True)
        if "XLR_ERRORS" in text.upper():
            for failure in reversed(self._session.failures.newest(KEPT_FAILURES)):
                apart.failures.append(failure)
            apart.remarks.update(self._session.remarks)
        return apart, len(apart.failures)

    def _noted(self, apart: Session, known: int) -> list[Failure]:
        """Keep what a call failed at and told, and warn of the latter.

        Args:
            apart: The session that made it.
            known: Failures of before in its record.
        """
        failures = list(apart.failures)[known:]
        for failure in failures:
            self._session.failures.append(failure)
        for remark, english in apart.remarks.items():
            if remark not in self._session.remarks:
                self._session.remarks[remark] = english
                warnings.warn(remark, Remark, stacklevel=4)
        return failures

    def _about(self, name: str, spec: Spec | None = None, cells: Sequence[Cell | Range] = ()) -> dict[str, str]:
        place = None if spec is None else spec.asof
        day = cells[place] if place is not None and place < len(cells) else None
        asof = self._session.market(None if isinstance(day, list) else day).asof
        about = {"function": name, "asof": str(asof), "source": self._session.panel.source}
        return about | {"state": self.state, "notice": self.notice}

    # ------------------------------------------------------------------ how it shows itself

    def __repr__(self) -> str:
        return (
            " ".join(filter(None, (f"<functions on {self.source}, as of {self.asof};", self.notice, self.state))) + ">"
        )

    def _repr_html_(self) -> str:
        from xlrotation.readable import as_html

        told = {"source": self.source, "as of": str(self.asof), "state": self.state, "notice": self.notice}
        rows: Range = [[key, value] for key, value in told.items() if value]
        return as_html(rows, None, f"{len(functions())} functions")

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        session = self._session
        panel = session.panel
        home = None if panel.listing.home is None else panel.listing.home.code
        known = (session.source.text, panel.state, panel.identity, home, session.lang, session.asof)
        return _reopened, (type(self), *known, self._errors)


def _reopened(
    kind: type[Calls], text: str, state: str, identity: str, home: str | None, lang: str, asof: Any, errors: Any
) -> Calls:
    """What a pickle holds, opened again: the same data, or none.

    Raises:
        NoData: The source has changed since, and keeps no old states.
    """
    with home_of_work(home):
        session = Session(open_source(text, state), lang, asof).pinned(apart=True, whole=True)
    if session.panel.identity != identity:
        raise NoData(f"the data of {session.panel.source} are not those that were pickled; open them again")
    return kind(session, errors)


def _day(value: object, name: str) -> dt.date:
    from xlrotation.functions.boundary.kinds import DayKind

    return read_date(read_argument(value, name, DayKind()))


def _in_order(spec: Spec, arguments: Sequence[object], named: Mapping[str, object]) -> list[object]:
    """Arguments by the places of the cell; those left out at the end are gone."""
    given = list(arguments)
    places = {parameter.name: place for place, parameter in enumerate(spec.parameters)}
    for name, value in named.items():
        place = places.get(name)
        if place is None:
            raise TypeError(f"{spec.name} takes no {name!r}: {spec.signature}")
        if place < len(arguments):
            raise TypeError(f"{spec.name} is given {name!r} twice: {spec.signature}")
        given += [None] * (place + 1 - len(given))
        given[place] = value
    while given and given[-1] is None:
        given.pop()
    return given


def _read(spec: Spec, given: Sequence[object]) -> list[Cell | Range]:
    """The arguments as cells.

    Raises:
        BadArgument: One of them is nothing that a cell holds; or columns that belong together are not aligned.
    """
    if len(given) > len(spec.parameters):
        raise BadArgument(f"{spec.name} takes at most {len(spec.parameters)} arguments: {spec.signature}")
    both = list(zip(spec.parameters, given, strict=False))
    cells = [read_argument(value, parameter.name, parameter.kind) for parameter, value in both]
    check_aligned([(parameter.name, parameter.kind, value) for parameter, value in both])
    return cells


def method(spec: Spec) -> Callable[..., Any]:
    """A function as a method of :class:`Calls`, with the signature and the help that editors and ``help()`` show."""
    name = spec.name

    def called(self: Calls, /, *arguments: object, errors: str | None = None, **named: object) -> Any:
        return self.call(name, *arguments, errors=errors, **named)

    called.__name__ = name
    called.__doc__ = spec.docstring
    called.__signature__ = _signature(spec)  # type: ignore[attr-defined]
    return called


def _signature(spec: Spec) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    last_required = max((i for i, p in enumerate(spec.parameters) if p.required), default=-1)
    listed = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)]
    for place, parameter in enumerate(spec.parameters):
        bare = place <= last_required and all(p.required for p in spec.parameters[: place + 1])
        listed.append(
            inspect.Parameter(parameter.name, kind, default=inspect.Parameter.empty if bare else parameter.default)
        )
    listed.append(inspect.Parameter("errors", inspect.Parameter.KEYWORD_ONLY, default=None))
    return inspect.Signature(listed)
