"""What the command ``folder`` does: how the files of a folder are read, and a first ``folder.toml``."""

from __future__ import annotations

import argparse
import json
import sys

from xlrotation.addresses import without_keys
from xlrotation.files import write_new
from xlrotation.market.filereadings import FileReading
from xlrotation.market.providers.folder.checking import SETTINGS, Check, check, first_settings, plain

FINE, PROBLEMS, CANNOT_START = 0, 1, 2


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    found = check(options.folder)
    if options.action == "init":
        return _init(found)
    print(json.dumps(as_dict(found), ensure_ascii=False, indent=1) if options.json else _shown(found))
    return FINE if found.whole else PROBLEMS


def _init(found: Check) -> int:
    path = found.folder / SETTINGS
    try:
        write_new(path, first_settings(found).encode("utf-8", "replace"))
    except FileExistsError:
        print(without_keys(f"{path} is there already; xlrotation folder check prints what to add"), file=sys.stderr)
        return CANNOT_START
    except OSError as error:
        print(without_keys(f"{path}: cannot be written ({error.strerror or error})"), file=sys.stderr)
        return CANNOT_START
    print(without_keys(str(path)))
    return FINE


def as_dict(found: Check) -> dict[str, object]:
    """A check for JSON."""
    return {
        "folder": str(found.folder),
        "whole": found.whole,
        "reason": found.reason or None,
        "files": [
            {
                "file": checked.name,
                "tables": [_reading(reading) for reading in checked.readings],
                "remedy": checked.remedy,
            }
            for checked in found.files
        ],
        "left_out": found.left_out,
        "remarks": found.remarks,
        "remedy": found.remedy,
    }


def _reading(reading: FileReading) -> dict[str, object]:
    return {
        "table": reading.file,
        "layout": reading.layout or None,
        "columns": reading.columns,
        "symbols": list(reading.symbols),
        "first": reading.first and reading.first.isoformat(),
        "last": reading.last and reading.last.isoformat(),
        "adjustment": reading.adjustment,
        "found_by": reading.found_by,
        "exchanges": list(reading.exchanges),
        "gaps": reading.gaps,
        "oddities": reading.oddities,
        "refused": [{"reason": each.reason, "row": each.row, "column": each.column} for each in reading.refused],
    }


_SYMBOLS = 8


def _shown(found: Check) -> str:
    lines: list[str] = []
    for checked in found.files:
        for reading in checked.readings:
            lines += _lines(reading)
        if checked.remedy:
            where = f"add to its table in {SETTINGS}" if checked.known else f"{SETTINGS} can say"
            lines += [f"  {where}:", *(f"    {line}" for line in checked.remedy)]
    lines += [f"{name}: left out, as {SETTINGS} says" for name in found.left_out]
    lines += found.remarks
    if found.remedy:
        lines += [f"at its top, {SETTINGS} can say:", *(f"    {line}" for line in found.remedy)]
    lost = sum(len(checked.refused) for checked in found.files)
    if found.reason:
        lines.append(found.reason)
    what = "nothing left out" if found.whole else f"{lost} things left out" if lost else "something left out"
    lines.append(f"{len(found.files)} files; {what}")
    return without_keys("\n".join(map(plain, lines)))


def _lines(reading: FileReading) -> list[str]:
    symbols = ", ".join(reading.symbols[:_SYMBOLS])
    more = f" and {len(reading.symbols) - _SYMBOLS} more" if len(reading.symbols) > _SYMBOLS else ""
    days = f", {reading.first} to {reading.last}" if reading.first else ""
    gaps = f", {reading.gaps} gaps" if reading.gaps else ""
    exchanges = f", {' '.join(reading.exchanges)}" if reading.exchanges else ""
    lines = [f"{reading.file}: {reading.layout or 'not understood'}{days}{exchanges}{gaps}"]
    if symbols:
        lines.append(f"  symbols: {symbols}{more}")
    if used := [f"{head} = {what}" for head, what in reading.columns.items() if what and what != head]:
        lines.append(f"  columns: {', '.join(used[: _SYMBOLS * 2])}")
    kinds: dict[tuple[str, str], list[str]] = {}
    for symbol, kind in reading.adjustment.items():
        kinds.setdefault((kind, reading.found_by.get(symbol, "")), []).append(symbol)
    for (kind, how), names in kinds.items():
        of = f"{', '.join(names[:_SYMBOLS])}: " if len(reading.symbols) > 1 else ""
        lines.append(f"  closes: {of}{kind or 'not known'}{f' ({how})' if how else ''}")
    lines += [f"  note: {oddity}" for oddity in reading.oddities]
    lines += [f"  left out: {refused.reason}" for refused in reading.refused]
    return lines
