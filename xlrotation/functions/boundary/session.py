"""The boundary: from cell values to a function and back.

A :class:`Session` holds a source of data, the language and the record of failures. :meth:`Session.call` is the only
way from a spreadsheet program to a worksheet function, whichever program it is; nothing but cell values leaves it.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
from collections.abc import Hashable, Sequence
from typing import cast

from xlrotation.entrypoints import PLUGINS
from xlrotation.errors import BadArgument, CellError, NoData, RotationError
from xlrotation.functions.boundary import advice, spill
from xlrotation.functions.boundary.answers import Unknown, identity
from xlrotation.functions.boundary.arguments import read_arguments
from xlrotation.functions.boundary.cells import (
    Cell,
    Range,
    Table,
    check_cells,
    result_cell,
    shown,
    table_cells,
)
from xlrotation.functions.boundary.failures import Failure, Failures, described, lacking, shown_reason
from xlrotation.functions.boundary.hosted import Argument, Hosted
from xlrotation.functions.boundary.many import Answers, Calls, together
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.registry import Spec, function_names, functions
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.snapshot import Begun, Snapshot
from xlrotation.functions.boundary.words import word
from xlrotation.hosts import HostProfile
from xlrotation.languages import language
from xlrotation.market.calendar import Exchange
from xlrotation.market.cutting import Unreached
from xlrotation.market.dates import read_date
from xlrotation.market.market import Elsewhere, Market
from xlrotation.market.panel import Panel
from xlrotation.market.parts import named
from xlrotation.market.sources import Pinned, Source, open_source
from xlrotation.outside import Outside, sentence

_KEPT_REMARKS = 1000


class Session:
    """Worksheet functions bound to a source of data.

    Each call sees one state of the data from its beginning to its end. Several calls that belong together are made on
    :meth:`pinned`. Threads may call a session at the same time.

    Args:
        source: A source, or its text (``sample``, ``yahoo``, ``store:NAME``, ``folder:PATH``); None means the
            environment variable ``XLROTATION_SOURCE``, then ``sample``.
        lang: Language of words where a call does not say (``en``, ``zh``, or as :func:`~xlrotation.languages.language`
            reads it); None means ``XLROTATION_LANG``, then ``en``.
        asof: As-of date where a call leaves it blank, and the last date that any call may name: what came after it is
            not shown. None means the newest session.
        remember: Whether a call that was made before is answered without computing it again.
    """

    def __init__(
        self, source: Source | str | None = None, lang: str | None = None, asof: Cell = None, remember: bool = True
    ) -> None:
        self.source = open_source(source) if source is None or isinstance(source, str) else source
        self.lang = language(lang)
        self.asof = asof
        self.remember = remember
        self.names = function_names()
        self.failures = Failures()
        self.remarks: dict[str, str] = {fault: fault for fault in PLUGINS.faults.values()}
        """What calls did that a reader should know, each once, as told and in English; and plug-ins left out."""
        self._functions = functions()
        self._specs: dict[str, Spec] = {}
        self._snapshot: Snapshot | None = None

    @property
    def panel(self) -> Panel:
        """The data as they are now.

        Raises:
            RotationError: They cannot be read.
        """
        try:
            return self.source.panel()
        except (OSError, MemoryError) as error:
            raise Outside(shown_reason(sentence(error) or str(error))) from error

    def pinned(self, apart: bool = False, whole: bool = False) -> Session:
        """This session on the data as they are now: what is written later is not seen, whatever it is asked.

        An evaluation (an export, a formula, a recalculation) is made of many calls; on a pinned session all of them see
        one state. Where the data cannot be read now, every call says so.

        Args:
            apart: Give it a record of failures and remarks of its own.
            whole: Read all that the source has at once, as for many calls: files are of one time then.
        """
        if isinstance(self.source, Pinned) and self._snapshot is not None and not (apart or whole):
            return self  # it is already
        call = self._begun()
        snapshot, missing = call.snapshot, call.missing
        if whole and snapshot is not None:
            try:
                panel = snapshot.panel.whole
                snapshot = snapshot if panel is snapshot.panel else Snapshot(panel)
            except RotationError as error:
                snapshot, missing = None, error
        made = self.on(snapshot, missing)
        if not apart:
            made.failures, made.remarks = self.failures, self.remarks
        return made

    def hosted(self, host: HostProfile) -> Hosted:
        """The functions for an evaluation whose cells hold values as *host* does."""
        return Hosted(self, host)

    def on(self, snapshot: Snapshot | None, missing: RotationError | None = None) -> Session:
        """This session on one state for good, with what was computed on it before and a record of failures of its own.

        Args:
            snapshot: The state; None where the data cannot be read.
            missing: Why they cannot.
        """
        panel = None if snapshot is None else snapshot.panel
        made = Session(Pinned(self.source.text, panel, missing), self.lang, self.asof, self.remember)
        made._snapshot = snapshot
        return made

    def at(self, asof: Cell) -> Session:
        """This session, on the same state, as of another date: nothing after it is shown; with a record of its own.

        Raises:
            NoData: It lies after the session's own as-of date.
        """
        made = Session(self.source, self.lang, self.date_of(asof), self.remember)
        made._snapshot = self._snapshot
        return made

    def spec(self, name: str) -> Spec:
        """The declaration of a function, by its exact name."""
        return self._functions[name]

    def market(self, asof: Cell = None) -> Market:
        """The market as known at *asof*; blank, or the 0 that some programs give for blank, means the session's date.

        Raises:
            BadArgument: *asof* is no date.
            NoData: The data do not cover it, or it lies after the session's own as-of date.
        """
        return self._now().market(self.date_of(asof))

    def date_of(self, asof: Cell) -> Cell:
        """*asof*, or the session's own date where it is blank.

        Raises:
            BadArgument: *asof* is no date.
            NoData: It lies after the session's own.
        """
        if asof is None or asof == "" or (asof == 0 and not isinstance(asof, bool)):
            return self.asof
        if self.asof is not None:
            self.check_shown(read_date(asof))
        return asof

    def check_shown(self, day: dt.date) -> None:
        """Refuse a date after the session's own.

        Raises:
            NoData: *day* is one.
        """
        if self.asof is not None and day > (last := read_date(self.asof)):
            raise NoData(f"{day} is after the as-of date {last}, and nothing after that is shown; give an earlier date")

    @property
    def last_known(self) -> dt.date:
        """The last date that anything is known of: the session's own, or the end of the data."""
        last = self.panel.last
        return last if self.asof is None else min(last, read_date(self.asof))

    def _now(self) -> Snapshot:
        """The data as they are now; what was kept of others is forgotten.

        Only the reference is replaced: a thread that is behind may put an older snapshot in its place, never an older
        value into a newer snapshot.
        """
        panel = self.panel
        found = self._snapshot
        if found is None or found.panel is not panel:
            found = self._snapshot = Snapshot(panel)
        return found

    def __call__(self, name: str, arguments: Sequence[Argument]) -> Cell | Range:
        return self.call(name, *arguments)

    def call(self, name: str, *arguments: Argument) -> Cell | Range:
        """Evaluate a worksheet function as a cell would.

        Args:
            name: The function.
            *arguments: Cells, or ranges as rows of cells; an omitted one is None.

        Returns:
            A cell, or rows of cells. Never raises: a failure is an error value, and :attr:`failures` has the reason.
        """
        spec = self._specs.get(name) or self._known(name)
        if spec is None:
            unknown = BadArgument(lambda: f"no function {shown(name)}; {advice.no_function(name)}")
            return self._fail(name, arguments, unknown, Begun(None, None), CellError.NAME)
        call = self._begun()
        known_as = self._known_as(spec, arguments) if call.snapshot is not None else None
        if known_as is None or call.snapshot is None:
            return self._evaluated(call, spec, arguments)
        answers = call.snapshot.answers
        found = answers.get(known_as)
        if not isinstance(found, Unknown):
            return found
        result = self._evaluated(call, spec, arguments)
        if not call.passing:
            answers.put(known_as, result)
        return result

    def _known(self, name: str) -> Spec | None:
        """The declaration of a function that this session is asked for the first time, None where there is none."""
        spec = self._functions.get(name) or self._functions.get(name.upper())
        if spec is not None:
            self._specs[name] = spec
        return spec

    def _begun(self) -> Begun:
        try:
            return Begun(self._now(), None)
        except RotationError as error:
            return Begun(None, error)

    def _known_as(self, spec: Spec, arguments: Sequence[Argument]) -> Hashable | None:
        """What an answer is remembered by, None where it must not be."""
        if not (spec.steady and self.remember):
            return None
        try:
            given = identity(arguments)
            known_as = None if given is None else (spec.name, self.lang, self.asof, given)
            hash(known_as)
        except TypeError:  # no cell values; the call itself will tell
            return None
        return known_as

    def _evaluated(self, call: Begun, spec: Spec, arguments: Sequence[Argument]) -> Cell | Range:
        try:
            for argument in arguments:
                if isinstance(argument, list | tuple):
                    return self._over_ranges(call, spec, arguments)
            return self._cells(call, spec, arguments)
        except Exception as error:
            return self._failed(spec.name, arguments, error, call)

    def value(self, spec: Spec, cells: Sequence[object]) -> object:
        """The result of the function itself, for arguments that are read as they are (no spilling)."""
        return self._value(self._begun(), spec, cells)

    def _value(self, call: Begun, spec: Spec, cells: Sequence[object]) -> object:
        """The result on the home exchange's sessions or, where symbols trade elsewhere, on those of their exchanges."""
        exchanges: frozenset[Exchange] = frozenset()
        while True:
            try:
                result = self._value_on(call, exchanges, spec, cells)
            except Elsewhere as found:
                if found.exchange in exchanges:
                    raise NoData(f"{found} and the data do not show it") from None
                exchanges |= {found.exchange}
                if len(exchanges) > 1 and not spec.mixes:
                    raise NoData(
                        f"{spec.name} counts the sessions of one exchange, and those of {named(exchanges)} differ; "
                        "give symbols of one exchange"
                    ) from None
            else:
                if len(exchanges) > 1:
                    self._tell(call, f"{spec.name} is computed on the sessions that {named(exchanges)} share")
                return result

    def _value_on(self, call: Begun, exchanges: frozenset[Exchange], spec: Spec, cells: Sequence[object]) -> object:
        if len(cells) > len(spec.parameters):
            raise BadArgument(f"{spec.name} takes at most {len(spec.parameters)} arguments: {spec.signature}")
        check_cells(cells, inside=True)
        place = spec.asof
        asof = cells[place] if place is not None and place < len(cells) else None
        if isinstance(asof, CellError):
            return asof
        try:
            scope = self._scope(call, exchanges, asof, place is not None)  # type: ignore[arg-type]
        except BadArgument as error:
            if place is None or asof is None:
                raise
            raise advice.placed(error, spec, cells, place, self._scope(call, exchanges, None, False)) from None
        values = read_arguments(spec, cells, scope)
        return values if isinstance(values, CellError) else spec.function(*values)

    def _scope(self, call: Begun, exchanges: frozenset[Exchange], asof: Cell, dated: bool) -> Scope:
        """The scope of a call; where it has no as-of date, what is wrong with the data is told when they are asked."""
        missing = call.missing
        tell = functools.partial(self._tell, call)
        if call.snapshot is not None:
            try:
                market = call.snapshot.market(self.date_of(asof), exchanges)
                return Scope(self, call.snapshot, market, tell=tell)
            except NoData as error:
                missing = error
                if not exchanges and call.snapshot.panel.exchanges != (call.snapshot.panel.home,):
                    unreached = cast(Market, Unreached(call.snapshot.panel, error))
                    return Scope(self, call.snapshot, unreached, tell=tell)
            except RotationError as error:
                missing = error
        assert missing is not None
        if dated:
            raise missing.with_traceback(None)
        return Scope(self, call.snapshot, None, missing, tell)

    def _cells(self, call: Begun, spec: Spec, cells: Sequence[object]) -> Cell | Range:
        result = self._value(call, spec, cells)
        if type(result) is float and result - result == 0.0:
            return result
        if isinstance(result, Table):
            return table_cells(result, [word(head, result.lang or self.lang) for head in result.columns])
        return result_cell(result)

    def _over_ranges(self, call: Begun, spec: Spec, arguments: Sequence[Argument]) -> Cell | Range:
        columns: spill.Columns = {}
        cells = spill.cells_of(spec, arguments, columns)
        spread = spill.places(spec, cells)
        if not spread:
            return self._cells(call, spec, cells)

        def one(arguments: Sequence[object]) -> Cell:
            try:
                spill.check_gaps(spec, spread, arguments)
                result = self._cells(call, spec, arguments)
            except Exception as error:
                return self._failed(spec.name, arguments, error, call)
            if isinstance(result, list):
                unfit = BadArgument("a table does not fit into one cell of a range")
                return self._fail(spec.name, arguments, unfit, call)
            return result

        many = None if spec.many is None or call.singly else functools.partial(self._many, call, spec)
        return spill.over(cells, spread, one, many, columns)

    def many(self, spec: Spec, arguments: Sequence[object], size: int) -> Answers:
        """The answers to many calls that can be made together, and which of them hold: of these nothing is told."""
        return self._many(self._begun(), spec, arguments, size)

    def _many(self, call: Begun, spec: Spec, arguments: Sequence[object], size: int) -> Answers:
        def markets_at(asofs: tuple[Cell, ...]) -> Sequence[Market | None]:
            return [None] * len(asofs) if call.snapshot is None else call.snapshot.markets(self, asofs)

        def scope_at(asof: Cell) -> Scope | None:
            dated = spec.asof is not None
            return None if dated and markets_at((asof,))[0] is None else self._scope(call, frozenset(), asof, dated)

        calls = Calls(spec.parameters, arguments, size, scope_at, markets_at)
        return calls.nothing() if spec.many is None or call.singly else together(spec.name, spec.many, calls)

    def _tell(self, call: Begun, remark: str) -> None:
        """Keep a remark; the answer is computed again each time, so that it is told again to who empties the record."""
        call.passing = True
        if len(self.remarks) < _KEPT_REMARKS:
            self.remarks[shown_reason(told_in(remark, self.lang))] = remark

    def _fail(
        self, name: str, arguments: Sequence[object], error: RotationError, call: Begun, cell: CellError | None = None
    ) -> CellError:
        result = cell or error.cell_error
        call.passing = True
        when = dt.datetime.now().astimezone()
        self.failures.append(Failure(when, name, described(arguments), result, error.told, self.lang))
        return result

    def _failed(self, name: str, arguments: Sequence[object], error: Exception, call: Begun) -> CellError:
        """A refusal, or a fault of ours or outside, which must reach the cell as an error value and not pass unseen."""
        if isinstance(error, RotationError):
            return self._fail(name, arguments, error, call)
        if isinstance(error, ModuleNotFoundError):
            return self._fail(name, arguments, lacking(error), call)
        if isinstance(error, OSError | MemoryError):
            return self._fail(name, arguments, Outside(shown_reason(sentence(error) or str(error))), call)
        from logging import getLogger

        getLogger("xlrotation").error("%s(%s) failed", name, described(arguments), exc_info=error)
        if os.environ.get("XLROTATION_STRICT"):
            raise error
        reason = f"internal error ({type(error).__name__}: {error}); please report it with this line"
        return self._fail(name, arguments, BadArgument(shown_reason(reason)), call)
