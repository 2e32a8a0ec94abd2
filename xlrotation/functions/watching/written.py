"""Watch rules as files: a TOML, or a sheet of a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlrotation import tomltext
from xlrotation.errors import BadArgument
from xlrotation.files import read_regular
from xlrotation.functions.boundary.cells import shown
from xlrotation.functions.watching.rules import MOST, Rule, rule_of

_LARGEST = 1_000_000
_KEYS = ("name", "formula", "op", "threshold", "above", "below", "symbol")
_LISTS = ("rule", "watch")


def read_toml(path: Path) -> list[Rule]:
    """The rules of a TOML file: ``[[rule]]``, or ``[[watch]]`` as in a plan of jobs, whose other tables do not count.

    What is wrong with one rule is in it, with its place.

    Raises:
        BadArgument: The file cannot be read, or holds no rules.
    """
    try:
        held = tomltext.read(read_regular(path, _LARGEST).decode("utf-8-sig"))
    except FileNotFoundError:
        raise BadArgument(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise BadArgument(f"{path}: cannot be read ({error})") from None
    plan = "job" in held
    if unknown := [key for key in held if key not in _LISTS and not plan]:
        raise BadArgument(f"{path}: {unknown[0]} is none of [[rule]] and [[watch]]; a rule stands under [[rule]]")
    rules = [
        _rule(entry, f"{key} {number}")
        for key in _LISTS
        for number, entry in enumerate(_listed(held.get(key, []), f"{path}: {key}"), 1)
    ]
    if not rules:
        raise BadArgument(f"{path}: there is no rule; write [[rule]] with name, formula, op and threshold")
    if len(rules) > MOST:
        raise BadArgument(f"{path}: {len(rules):,} rules are more than the {MOST} that are looked at together")
    return rules


def _listed(found: Any, what: str) -> list[Any]:
    if not isinstance(found, list):
        raise BadArgument(f"{what} is one table; write [[rule]] with two brackets, once for each rule")
    return found


def _rule(entry: Any, place: str) -> Rule:
    if not isinstance(entry, Mapping):
        return Rule(place, "", place=place, fault=f"{shown(entry)} is no table of name, formula, op and threshold")
    for key in ("source", "asof"):
        if key in entry:
            name, text = str(entry.get("name", place)), str(entry.get("formula", ""))
            fault = f"it has its own {key}, which counts in a plan of jobs alone; give --{key} for all rules"
            return Rule(name, text, place=place, fault=fault)
    if unknown := [key for key in entry if key not in _KEYS]:
        known = ", ".join(_KEYS)
        fault = f"{shown(unknown[0])} is none of {known}"
        return Rule(str(entry.get("name", place)), str(entry.get("formula", "")), place=place, fault=fault)
    return rule_of(entry, place)
