"""The template workbooks: which there are, and how they are built."""

from __future__ import annotations

import importlib
import pkgutil
import re
import runpy
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import xlrotation.reports
from xlrotation import guard
from xlrotation.errors import BadArgument
from xlrotation.files import write_whole
from xlrotation.functions.boundary.session import Session
from xlrotation.market.listing import home_of_work
from xlrotation.reports.definition import Definition, build
from xlrotation.reports.namedstyles import name_styles
from xlrotation.reports.sameness import differences, settled
from xlrotation.reports.theme import Theme
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.output.export import export_live

_FIRST = Path(__file__).with_name("first_book.txt")
"""The first definition of a book of one's own, NAME in place of its name."""


def template_names() -> list[str]:
    """Names of the templates: the modules of this package that define one as ``BOOK``."""
    return sorted(name for name, _ in _definitions())


def _definitions() -> Iterator[tuple[str, Definition]]:
    for module in pkgutil.iter_modules(xlrotation.reports.__path__):
        loaded = importlib.import_module(f"xlrotation.reports.{module.name}")
        if isinstance(book := getattr(loaded, "BOOK", None), Definition):
            yield book.key, book


def build_templates(folder: Path, names: Sequence[str] = (), theme: Theme | None = None) -> list[Path]:
    """Build templates into *folder*, their cells filled from the sample data.

    Stored values let a reader without the add-in see numbers, and the workbook does not recalculate when it opens. They
    are rounded to 15 digits, and a workbook that is there already stays as it is where nothing but digits beyond those
    that all processors agree on would change.

    Args:
        folder: Where they go.
        names: Which, by name, or a file of Python that defines one as ``BOOK``; all of the library's where empty.
        theme: How they look; the library's own way where None.

    Raises:
        BadArgument: There is no such template.
    """
    own = {name: read_definition(Path(name)) for name in names if name.endswith(".py")}
    known = dict(_definitions()) | own
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadArgument(f"no template {unknown[0]!r}; there are {', '.join(sorted(known))}")
    session = Session("sample", lang="en")
    built = []
    for name in names or sorted(known):
        with guard.scratch("xlrotation-templates-") as scratch, home_of_work(""):  # whatever exchange is chosen
            draft = scratch / f"{known[name].key}.xlsx"
            build(known[name], draft, theme)
            name_styles(draft, theme)
            evaluation = evaluate_workbook(draft, session.pinned(apart=True))  # its failures apart from another's
            _settle(evaluation)
            built.append(_put(export_live(draft, evaluation, scratch / "filled" / draft.name), folder))
    return built


def read_definition(path: Path) -> Definition:
    """The book that a file of Python defines as ``BOOK``; the file is run.

    Raises:
        BadArgument: It cannot be read or run, or defines none.
    """
    try:
        book = runpy.run_path(str(path)).get("BOOK")
    except OSError as error:
        raise BadArgument(f"{path}: cannot be read ({error.strerror or error})") from None
    except Exception as error:  # whatever a user's own file does
        raise BadArgument(f"{path}: {type(error).__name__}: {error}") from error
    if not isinstance(book, Definition):
        raise BadArgument(f"{path} defines no BOOK; see docs/templates.md")
    return book


def write_first(name: str, folder: Path) -> Path:
    """Write the first definition of a book of one's own: front, Inputs, Audit, Notes.

    Raises:
        BadArgument: The name is none for a file, or the file is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise BadArgument(f"{name!r} is no name for a book; take small letters, digits and _, such as my_desk")
    path = folder / f"{name}.py"
    if path.exists():
        raise BadArgument(f"{path} is there already; it is left as it is")
    write_whole(path, _FIRST.read_text("utf-8").replace("NAME", name).encode())
    return path


def _settle(evaluation: Evaluation) -> None:
    for cells in evaluation.values.values():
        for place, value in cells.items():
            if isinstance(value, float):
                cells[place] = settled(value)


def _put(book: Path, folder: Path) -> Path:
    """Move *book* to *folder*, unless the same one is there."""
    there = folder / book.name
    if not (there.exists() and _is_same(there, book)):
        write_whole(there, book.read_bytes())
    return there


def _is_same(there: Path, book: Path) -> bool:
    try:
        return next(differences(there, book), None) is None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError):
        return False  # damaged in whatever way: it is replaced
