#!/usr/bin/env python3
"""Count by what each native function is proved, and write ``xlrotation/workbook/natives/proofs.csv``.

Usage: prove_natives.py FOLDER... [--write] [--failures FILE]

Every workbook below the folders that Excel saved is read; each of its formulas is computed on the values that are
stored in it, and where it gives its own stored value it proves the functions in it. The examples of LibreOffice and of
Excel's help are those of the tests. Without ``--write`` the counts are shown and nothing is changed; functions that
some formula contradicts are listed either way.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import zipfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from xlrotation.errors import RotationError  # noqa: E402
from xlrotation.workbook.evaluation.cells import Cells, Tainted  # noqa: E402
from xlrotation.workbook.evaluation.dependence import items_of  # noqa: E402
from xlrotation.workbook.evaluation.finishing import finished, never  # noqa: E402
from xlrotation.workbook.evaluation.machine import Budget, Machine, Needs, Unsupported  # noqa: E402
from xlrotation.workbook.evaluation.proof import agrees  # noqa: E402
from xlrotation.workbook.evaluation.room import with_room  # noqa: E402
from xlrotation.workbook.formulas.syntax import parse  # noqa: E402
from xlrotation.workbook.formulas.trees import Call, Name, walk  # noqa: E402
from xlrotation.workbook.natives import NATIVES  # noqa: E402
from xlrotation.workbook.package.book import read_book  # noqa: E402

TABLE = ROOT / "xlrotation/workbook/natives/proofs.csv"
EXAMPLES = ROOT / "tests/workbook/native_examples.csv"
TYPED = ROOT / "tests/workbook/typed_examples.csv"


def saved_by_excel(path: Path) -> bool:
    """Whether a workbook says that Excel wrote it."""
    try:
        with zipfile.ZipFile(path) as package:
            told = package.read("docProps/app.xml")
    except (KeyError, OSError, zipfile.BadZipFile):
        return False
    return re.search(rb"<Application>Microsoft (?:Macintosh )?Excel", told) is not None


def prove(path: Path, proved: Counter[str], failed: list[tuple[str, str, str, str, str]]) -> None:
    """Count what the formulas of one workbook prove."""
    book = read_book(path)
    if book.full:
        return
    machine = Machine(book, Cells(book), never, (), NATIVES)
    for key, item in items_of(book, ()).items():
        sheet = book.sheets[key[0]]
        stored = sheet.values.get(key[1:])
        known = item.functions & set(NATIVES)
        if item.node is None or item.volatile or stored is None or not known:
            continue
        machine.budget = Budget()
        try:
            value = finished(item, machine)
        except (Unsupported, Needs, Tainted) as error:
            failed.append((path.name, f"{sheet.name}!{key[1:]}", item.cell.text, repr(stored), str(error)))
            continue
        if agrees(item, value, sheet.values):
            proved.update(known)
        else:
            failed.append((path.name, f"{sheet.name}!{key[1:]}", item.cell.text, repr(stored), repr(value)))


def prove_all(folders: list[Path], proved: Counter[str], failed: list[tuple[str, str, str, str, str]]) -> None:
    """Count what the formulas of all workbooks below the folders prove."""
    for path in sorted(path for folder in folders for path in folder.rglob("*.xls[xm]")):
        if saved_by_excel(path):
            try:
                prove(path, proved, failed)
            except RotationError as error:
                print(f"{path.name}: {error}", file=sys.stderr)


def functions_of(formula: str) -> set[str]:
    """The native functions in a typed formula."""
    found = set()
    for node in walk(parse(formula, typed=True)):
        if isinstance(node, Call):
            found.add(node.name)
        elif isinstance(node, Name):
            found.add(node.name.upper().removeprefix("_XLETA."))
    return found & set(NATIVES)


def examples() -> tuple[Counter[str], Counter[str]]:
    """How many examples LibreOffice confirms, and how many Excel's help or Excel itself gives, by function."""
    office: Counter[str] = Counter()
    documented: Counter[str] = Counter()
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        for formula, _, source in list(csv.reader(file))[1:]:
            (office if source == "LibreOffice" else documented).update(functions_of(formula))
    with TYPED.open(encoding="utf-8", newline="") as file:
        for formula, _ in list(csv.reader(file))[1:]:
            documented.update(functions_of(formula))
    return office, documented


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="write proofs.csv")
    parser.add_argument("--failures", type=Path, help="write the formulas that do not give their stored value (JSON)")
    arguments = parser.parse_args()
    stored: Counter[str] = Counter()
    failed: list[tuple[str, str, str, str, str]] = []
    with_room(lambda: prove_all(arguments.folders, stored, failed))
    office, documented = examples()
    rows = [
        (name, stored[name], office[name], documented[name])
        for name in sorted(NATIVES)
        if stored[name] or office[name] or documented[name]
    ]
    if arguments.failures:
        arguments.failures.write_text(json.dumps(failed, indent=1, ensure_ascii=False), encoding="utf-8")
    if arguments.write:
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(
                [("function", "stored", "libreoffice", "documented"), *rows]
            )
    print(f"{sum(stored.values()):,} proofs by stored values; {len(rows)} of {len(NATIVES)} functions are proved")
    print("not proved:", ", ".join(sorted(set(NATIVES) - {row[0] for row in rows})))
    for row in failed[:50]:
        print(" | ".join(part[:100] for part in row))
    print(f"{len(failed)} formulas do not give their stored value")
    return 0


if __name__ == "__main__":
    sys.exit(main())
