"""The template workbooks: which there are, and how they are built."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import xlrotation.reports
from xlrotation import guard
from xlrotation.errors import BadArgument
from xlrotation.functions.session import Session
from xlrotation.reports.namedstyles import name_styles
from xlrotation.workbook.evaluate import evaluate_workbook
from xlrotation.workbook.export import export_live


def template_names() -> list[str]:
    """Names of the templates: the modules of this package that define one."""
    return sorted(name for name, _ in _definitions())


def _definitions() -> Iterator[tuple[str, object]]:
    for module in pkgutil.iter_modules(xlrotation.reports.__path__):
        loaded = importlib.import_module(f"xlrotation.reports.{module.name}")
        if hasattr(loaded, "build") and hasattr(loaded, "TITLE"):
            yield module.name, loaded


def build_templates(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Build templates into *folder*, their cells filled from the sample data.

    Stored values let a reader without the add-in see numbers, and the workbook does not recalculate when it opens.

    Args:
        folder: Where they go.
        names: Which; all where empty.

    Raises:
        BadArgument: There is no such template.
    """
    known = dict(_definitions())
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadArgument(f"no template {unknown[0]!r}; there are {', '.join(sorted(known))}")
    session = Session("sample", lang="en")
    built = []
    for name in names or sorted(known):
        with guard.scratch("xlrotation-templates-") as scratch:
            draft = scratch / f"{name}.xlsx"
            known[name].build(draft)  # type: ignore[attr-defined]
            name_styles(draft)
            evaluation = evaluate_workbook(draft, session)
            built.append(export_live(draft, evaluation, folder / draft.name))
    return built
