"""Entries of a plan: read by their kinds, and what is wrong with one told in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xlrotation.tomltext import ADVICE, broken_path


class PlanError(Exception):
    """What is wrong in a plan."""


def known(table: Any, keys: frozenset[str], where: str) -> None:
    """Check that *table* is one, with no keys but *keys*.

    Raises:
        PlanError: It is not.
    """
    if not isinstance(table, dict):
        raise PlanError(f"{where} is no table")
    if unknown := [key for key in table if key not in keys]:
        raise PlanError(f"{where} has {unknown[0]!r}; there are {', '.join(sorted(keys))}")


def one(table: Mapping[str, Any], key: str, kind: Callable[..., Any], default: Any) -> Any:
    """The value of *key*; *default* where there is none.

    Raises:
        PlanError: It is of another kind.
    """
    value = table.get(key, default)
    if value is not default and not isinstance(value, kind):  # type: ignore[arg-type]
        raise PlanError(f"{key} is {value!r}, and must be of the kind {kind.__name__}")
    return value


def path_in(table: Mapping[str, Any], key: str) -> str | None:
    """The path, address or source that stands under *key*.

    Raises:
        PlanError: It is none.
    """
    text: str | None = one(table, key, str, None)
    if text is not None:
        check_path(text, key)
    return text


def check_path(text: str, key: str) -> None:
    """Refuse a path with signs that no path has.

    Raises:
        PlanError: It has one.
    """
    if broken_path(text):
        raise PlanError(f"{key} is {text!r}, which is no path; {ADVICE}")


def listed(value: Any, key: str, kinds: Any) -> list[Any]:
    """A value or a list of them as a list; empty where there is none.

    Raises:
        PlanError: One is of no kind that is taken.
    """
    values = [] if value is None else value if isinstance(value, list) else [value]
    for item in values:
        if not isinstance(item, kinds):
            raise PlanError(f"{key} has {item!r}, which is no value for it")
    return values
