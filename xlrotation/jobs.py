"""Export jobs: a workbook in, a filled copy out, and a report of what happened."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from xlrotation import files, guard
from xlrotation.addresses import is_address, without_keys
from xlrotation.errors import BadArgument, BadWorkbook, RotationError
from xlrotation.functions.boundary.kinds import AsOfKind
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.session import Session
from xlrotation.grid import Cell
from xlrotation.languages import Text, known, spoken
from xlrotation.market.condition import condition_of
from xlrotation.market.dates import day_meant, read_date
from xlrotation.market.universes import in_place_of_ours
from xlrotation.outside import writable
from xlrotation.recording import Reasons, Recorder, by_days
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook
from xlrotation.workbook.evaluation.room import seldom_collected
from xlrotation.workbook.formulas.references import parse_area
from xlrotation.workbook.output import figures, missing
from xlrotation.workbook.output.export import export_live, export_values
from xlrotation.workbook.output.fonts import first_fonts, unshown
from xlrotation.workbook.output.office import libreoffice
from xlrotation.workbook.output.pdf import render_pdf
from xlrotation.workbook.output.printing import ALL, printed_copy, texts_of
from xlrotation.workbook.output.tabs import in_language
from xlrotation.workbook.output.warnings import few, from_elsewhere, let_through, rules_that_call, warnings_of
from xlrotation.workbook.package.parts import read_names

_INHERITED = Text("a cell that it refers to, or one of its own functions, gives {error}")

_LARGEST = 2**30
"""Bytes of the largest workbook that is read."""


@dataclass(slots=True)
class Report:
    """What a job did.

    Attributes:
        book: The workbook.
        written: The files written.
        cells: Number of cells computed.
        asof: The session that the data were cut at.
        source: Where the data come from.
        state: Which state of the source the whole job saw; empty where it has but one.
        seconds: How long it took.
        problems: Formulas that could not be computed: sheet, cell, reason.
        errors: Cells that show an error value: sheet, cell, error, reason.
        warnings: What the copy does not bring up to date, or what no longer holds for it.
        lacking: What this machine lacks to show the result as it is meant, such as a font.
        notice: What must be said of the data, such as that they are a sample.
        data: The condition of the data: what could not be read, what was left out, what is stale, what is held back.
        failed: Why the job could not be done at all; empty where it was.
    """

    book: str
    written: list[str] = field(default_factory=list)
    cells: int = 0
    asof: str = ""
    source: str = ""
    state: str = ""
    seconds: float = 0.0
    problems: list[dict[str, str]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    notice: str = ""
    data: dict[str, object] = field(default_factory=dict)
    failed: str = ""

    @property
    def troubled(self) -> bool:
        """Whether anything is listed."""
        return bool(self.failed or self.problems or self.errors or self.lacking)

    def as_dict(self) -> dict[str, object]:
        """As plain data, without the keys that addresses in it may hold."""
        return {key: _shown(value) for key, value in asdict(self).items()}


def _shown(value: object) -> object:
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    return without_keys(writable(value)) if isinstance(value, str) else value


def read_book(book: Path | str) -> bytes:
    """A workbook as it is now.

    Raises:
        BadWorkbook: It is no file, or cannot be read.
    """
    path = Path(book)
    try:
        return files.read_regular(path, _LARGEST)
    except FileNotFoundError:
        raise BadWorkbook(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise BadWorkbook(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


@contextlib.contextmanager
def _as_read(book: Path, content: bytes) -> Iterator[Path]:
    """A private copy of a workbook, so that all that is asked of it is asked of the same bytes.

    Raises:
        RotationError: What the work raises, with the workbook's own name for that of the copy.
    """
    with contextlib.ExitStack() as stack:
        try:
            copy = stack.enter_context(guard.scratch("xlrotation-book-")) / files.plain_name(book)
            copy.write_bytes(content)
        except OSError as error:
            raise RotationError(f"{book}: no room for a copy of it to work on ({error.strerror or error})") from None
        try:
            yield copy
        except RotationError as error:
            error.told = error.message.replace(str(copy), str(book))
            error.args = (error.told,)
            raise


def export(
    book: Path,
    folder: Path,
    session: Session,
    keep_formulas: bool = False,
    pdf: bool | str = False,
    asof: str | None = None,
    lang: str | None = None,
    recalculate_on_open: bool = False,
    *,
    csv: bool = False,
    json: bool = False,
    html: bool = False,
    inputs: Mapping[str, Cell] | None = None,
    name: str | None = None,
    content: bytes | None = None,
    office: bool = True,
    tell: Callable[[str], None] | None = None,
) -> Report:
    """Evaluate a workbook and write the filled copy into *folder*.

    Args:
        book: The workbook.
        folder: Where the copy goes.
        session: The functions and their data.
        keep_formulas: Keep the formulas with their values stored, instead of values only.
        pdf: Also write a PDF: of the pages of the report (True or :data:`~xlrotation.workbook.output.printing.REPORT`),
            or of every sheet (:data:`~xlrotation.workbook.output.printing.ALL`).
        asof: Set the workbook's cell named ``asof``, where it has one.
        lang: Set the workbook's cell named ``lang``, where it has one.
        recalculate_on_open: With formulas kept: tell the copy to recalculate when it opens.
        csv: Also write every sheet and every named range as CSV.
        json: Also write the figures and the values of the named ranges as JSON.
        html: Also write the pages of the report as one HTML page.
        inputs: Other cells to set, by defined name or as ``Sheet!A1``.
        name: The copy's name without suffix; None means the workbook's own.
        content: The workbook's bytes, where they were read already.
        office: Ask LibreOffice, where it is installed, for formulas that would be reported otherwise.
        tell: Is told what this machine lacks before a PDF is made without it.

    Raises:
        RotationError: The workbook cannot be read, or the copy cannot be written.
    """
    if is_address(str(folder)):
        raise RotationError(f"{folder} is an address, not a folder; xlrotation batch writes to addresses")
    target = folder / (book.name if name is None else f"{name}{book.suffix}")
    if target.resolve() == book.resolve():
        raise RotationError(f"{book} would be overwritten by its own copy; give another folder with -o")
    began = time.monotonic()
    with seldom_collected(), _as_read(book, read_book(book) if content is None else content) as copy:
        evaluation, report, reasons = evaluated(book, copy, session, asof, lang, inputs, office)
        warned = [*warnings_of(copy, keep_formulas), *(rules_that_call(evaluation) if keep_formulas else [])]
        if keep_formulas:
            export_live(copy, evaluation, target, recalculate_on_open)
        else:
            export_values(copy, evaluation, target)
        written, lang_used = [target], _lang(evaluation, session)
        if csv or json:  # what writes other forms than workbooks is loaded where they are wanted
            about = {name: getattr(report, name) for name in ("asof", "source", "state", "notice")}
            from xlrotation.workbook.output.plain import write_plain

            told = {"book": writable(book.name), "lang": lang_used, **about} if json else None
            written += write_plain(target, evaluation, read_names(copy), csv, told, reasons, lang_used)
        in_language(target, lang_used)
        if html:
            from xlrotation.workbook.output.page.html import write_html

            written.append(write_html(target, lang_used))
        if pdf:
            with guard.scratch("xlrotation-values-") as scratch:
                shown = target
                if keep_formulas:  # LibreOffice shows tables of functions that it does not know as errors
                    shown = export_values(copy, evaluation, scratch / target.name)
                    in_language(shown, lang_used)
                written.append(_printed(shown, target, report, pdf == ALL, tell, lang_used))
    return _finished(report, written, began, [told_in(one, lang_used) for one in warned])


def _printed(
    filled: Path, target: Path, report: Report, whole: bool, tell: Callable[[str], None] | None, lang: str
) -> Path:
    """Print a filled workbook beside a target; what cannot be shown is said before."""
    with guard.scratch("xlrotation-print-") as scratch:
        copy = filled if whole else printed_copy(filled, scratch / filled.name)
        texts = texts_of(copy)
        report.lacking += [told_in(one, lang) for one in unshown(texts)]
        if tell is not None:
            for sentence in report.lacking:
                tell(f"{target}: {sentence}")
        return target.parent / render_pdf(copy, target.parent, fonts=first_fonts(texts)).name


def refresh_book(
    book: Path,
    session: Session,
    asof: str | None = None,
    lang: str | None = None,
    recalculate_on_open: bool = False,
    inputs: Mapping[str, Cell] | None = None,
    office: bool = True,
) -> Report:
    """Store new values beside the formulas of a workbook, in place; everything else in it stays as it is.

    The file is replaced whole, at the end: whatever happens before, the old one stands.

    Args:
        book: The workbook.
        session: The functions and their data.
        asof: Set the workbook's cell named ``asof``, where it has one.
        lang: Set the workbook's cell named ``lang``, where it has one.
        recalculate_on_open: Tell it to recalculate when it opens.
        inputs: Other cells to set, by defined name or as ``Sheet!A1``.
        office: Ask LibreOffice, where it is installed, for formulas that would be reported otherwise.

    Raises:
        RotationError: The workbook cannot be read or written.
    """
    began = time.monotonic()
    content = read_book(book)
    with seldom_collected(), _as_read(book, content) as copy:
        evaluation, report, _ = evaluated(book, copy, session, asof, lang, inputs, office)
        lang_used = _lang(evaluation, session)
        warned = [told_in(one, lang_used) for one in (*warnings_of(copy, True), *rules_that_call(evaluation))]
        if read_book(book) != content:
            raise RotationError(f"{book}: was saved by another program while it was computed; run it again")
        export_live(copy, evaluation, book, recalculate_on_open)
    return _finished(report, [book], began, warned)


def evaluated(
    book: Path,
    copy: Path,
    session: Session,
    asof: str | None,
    lang: str | None,
    inputs: Mapping[str, Cell] | None,
    office: bool,
    spill: bool = False,
) -> tuple[Evaluation, Report, Reasons]:
    """The values of a workbook, what is to be reported of them, and the reasons of cells without one.

    Args:
        book: The workbook, as the report names it.
        copy: The file that is read.
        session: The functions and their data.
        asof: As of :func:`export`.
        lang: As there.
        inputs: As there.
        office: As there.
        spill: Let plain formulas that call ours spill.

    Raises:
        RotationError: It cannot be read, or an input is of no cell.
    """
    session = session.pinned(apart=True, whole=True)  # one state for all cells, and their failures apart from others
    recorder = Recorder(session)
    names = {name.lower() for name in read_names(copy)}
    wanted: dict[str, Cell] = {"asof": read_date(asof) if asof else None, "lang": spoken(lang) if lang else None}
    overrides = {name: value for name, value in wanted.items() if value is not None and name in names}
    given = {**overrides, **(inputs or {})}
    second = libreoffice if office else None
    try:
        evaluation = evaluate_workbook(copy, recorder, given, second, spill, {"asof": day_meant})
    except BadArgument as error:  # an input that its cell does not take
        if isinstance(error.told, Text):
            error.told = error.told.into(spoken(lang) if lang else session.lang)
        raise
    said_in = _lang(evaluation, session)
    reasons = Reasons(copy, evaluation, recorder, said_in)
    if useless := reasons.useless(said_in, given):
        raise BadArgument(useless)
    errors = _errors(evaluation, reasons, said_in)
    missing.tell(evaluation, errors)
    figures.settle(evaluation, copy, reasons.absent)
    report = Report(
        book=str(book),
        cells=evaluation.computed,
        asof=_asof(session, evaluation),
        source=session.panel.source,
        problems=[
            *({"sheet": p.sheet, "cell": p.cell, "reason": told_in(p.reason, said_in)} for p in evaluation.problems),
            *_cut(evaluation, session, said_in),
        ],
        errors=errors,
        state=session.panel.state,
        notice=told_in(session.panel.notice, said_in),
        data=condition_of(session.panel).as_dict(),
        warnings=[
            *let_through(evaluation, inputs or {}, said_in),
            *by_days(told_in(remark, said_in) for remark in dict.fromkeys((*session.remarks.values(), *_own(session)))),
            *(told_in(one, said_in) for one in (*from_elsewhere(evaluation), *_first_alone(evaluation, session))),
        ],
    )
    return evaluation, report, reasons


def _own(session: Session) -> Iterator[str]:
    """Lists that stand in for built-in ones, which formulas may use without naming them."""
    return in_place_of_ours(session.panel.universes, session.panel.home)


def _cut(evaluation: Evaluation, session: Session, lang: str) -> Iterator[dict[str, str]]:
    """Formulas of which a table is lost but for its first head."""
    for sheet, cell, size in _shows_first(evaluation):
        if _gives_table(evaluation, sheet, cell, session):
            reason = (
                f"gives a table of {size[0]} by {size[1]} cells, and as a plain formula shows the first of them alone; "
                "enter it anew in Excel, where it spills, or as an array formula over its cells"
            )
            yield {"sheet": sheet, "cell": cell, "reason": told_in(reason, lang)}


def _shows_first(evaluation: Evaluation) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Sheet, cell and size of what shows its first cell alone; an array formula may be meant to show less than all."""
    for (sheet, cell), size in evaluation.cut.items():
        area = parse_area(cell)
        if size is not None and area is not None and (area.row, area.column) not in evaluation.anchors.get(sheet, {}):
            yield sheet, cell, size


def _gives_table(evaluation: Evaluation, sheet: str, cell: str, session: Session) -> bool:
    return any(session.spec(name.upper()).table for name, _, _ in evaluation.calls.get((sheet, cell), []))


def _first_alone(evaluation: Evaluation, session: Session) -> list[str]:
    """Plain formulas over ranges, which some may want to show their first answer."""
    cells = [
        f"{sheet}!{cell}"
        for sheet, cell, _ in _shows_first(evaluation)
        if not _gives_table(evaluation, sheet, cell, session)
    ]
    if not cells:
        return []
    return [f"{few(cells)}: gives several values, and as a plain formula shows the first of them alone"]


def _finished(report: Report, written: Sequence[Path], began: float, warned: list[str]) -> Report:
    report.written = [str(path) for path in written]
    report.warnings += warned
    report.seconds = round(time.monotonic() - began, 3)
    return report


def _asof(session: Session, evaluation: Evaluation) -> str:
    """The session that the workbook's as-of cell resolves to, or the session's own."""
    try:
        return str(session.market(evaluation.host.read(evaluation.named.get("asof"), AsOfKind())).asof)
    except RotationError as error:
        return error.message


def _errors(evaluation: Evaluation, reasons: Reasons, lang: str) -> list[dict[str, str]]:
    """The cells that show an error, each with the reason that its functions gave."""
    listed = {(problem.sheet, problem.cell) for problem in evaluation.problems}
    found = []
    for sheet, cell, error in evaluation.errors:
        if (sheet, cell) in listed or reasons.repeats(sheet, cell):
            continue
        reason = reasons.of_error(sheet, cell) or _INHERITED.into(lang, error=error.value)
        found.append({"sheet": sheet, "cell": cell, "error": error.value, "reason": reason})
    return found


def _lang(evaluation: Evaluation, session: Session) -> str:
    """The language of a workbook's words: that of its cell named ``lang``, or the session's."""
    named = evaluation.named.get("lang")
    return named if isinstance(named, str) and named in known() else session.lang
