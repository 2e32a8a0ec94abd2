"""What a plan says beside its jobs: bounds, watch rules, what to refresh, whom the summary is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlrotation.batch.content import Bounds
from xlrotation.batch.entries import PlanError, known, listed, one, path_in
from xlrotation.batch.expected import Expectation, expectation
from xlrotation.batch.watch import Rule

SETTINGS = ("bounds", "watch", "mail", "refresh")

_BOUNDS = frozenset(("lost", "errors", "behind"))
_RULE = frozenset(("name", "formula", "above", "below", "source", "asof"))
_MAIL = frozenset(("to", "from"))
_REFRESH = frozenset(("options", "macro"))


@dataclass(frozen=True, slots=True)
class Settings:
    """What a plan says beside its jobs.

    Attributes:
        bounds: How much worse data and reports may be than the last ones.
        rules: Watch rules.
        sender: Who sends the summary.
        to: Whom it is for.
        options: Whether a refresh fetches option chains too.
        macro: Whether it fetches series too.
    """

    bounds: Bounds = field(default_factory=Bounds)
    rules: tuple[Rule, ...] = ()
    sender: str = ""
    to: tuple[str, ...] = ()
    options: bool = False
    macro: bool = False


def read_settings(data: Mapping[str, Any], folder: Path, common: Mapping[str, Any], day: Any) -> Settings:
    """The settings of a plan.

    Args:
        data: The plan.
        folder: Where it lies.
        common: What counts for all its jobs.
        day: Reads an as-of date.

    Raises:
        PlanError: One of them cannot be understood.
    """
    mail = _table(data, "mail", _MAIL)
    refreshed = _table(data, "refresh", _REFRESH)
    return Settings(
        _bounds(_table(data, "bounds", _BOUNDS)),
        tuple(_rules(data.get("watch", []), folder, common, day)),
        *(
            _address(one(mail, "from", str, ""), "from"),
            tuple(_address(t, "to") for t in listed(mail.get("to"), "to", str)),
        ),
        options=one(refreshed, "options", bool, False),
        macro=one(refreshed, "macro", bool, False),
    )


def source_of(entry: Mapping[str, Any], folder: Path) -> str | None:
    """The source that an entry names; a folder is meant from where the plan lies, as workbooks and output are."""
    text = path_in(entry, "source")
    kind, _, path = (text or "").strip().partition(":")
    if kind != "folder" or not path or path.startswith("~") or Path(path).is_absolute():
        return text
    return f"folder:{folder / path}"


def expectations(given: Any) -> tuple[Expectation, ...]:
    """What ``expected`` says.

    Raises:
        PlanError: An entry is no cell.
    """
    try:
        return tuple(expectation(text) for text in listed(given, "expected", str))
    except ValueError as error:
        raise PlanError(f"expected: {error}") from None


def _table(data: Mapping[str, Any], name: str, keys: frozenset[str]) -> Mapping[str, Any]:
    table: Mapping[str, Any] = data.get(name, {})
    known(table, keys, f"[{name}]")
    return table


def _bounds(table: Mapping[str, Any]) -> Bounds:
    shares = {}
    for key in ("lost", "errors"):
        value = table.get(key, getattr(Bounds(), key))
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise PlanError(f"bounds: {key} is {value!r}, and is a share from 0 to 1")
        shares[key] = float(value)
    behind = table.get("behind")
    if behind is not None and (type(behind) is not int or behind < 0):
        raise PlanError(f"bounds: behind is {behind!r}, and is a number of sessions")
    return Bounds(**shares, behind=behind)


def _rules(given: Any, folder: Path, common: Mapping[str, Any], day: Any) -> Sequence[Rule]:
    if not isinstance(given, list):
        raise PlanError("watch is written as [[watch]] entries")
    found = []
    for number, entry in enumerate(given, 1):
        try:
            known(entry, _RULE, f"[[watch]] {number}")
            found.append(_rule(entry, number, folder, common, day))
        except PlanError as mistake:
            raise PlanError(f"[[watch]] {number}: {mistake}") from None
    return found


def _rule(entry: Mapping[str, Any], number: int, folder: Path, common: Mapping[str, Any], day: Any) -> Rule:
    formula = one(entry, "formula", str, None)
    if not formula or not formula.strip():
        raise PlanError("lacks formula, such as '=PX_CLOSE(\"VIX\")'")
    thresholds = {}
    for key in ("above", "below"):
        value = entry.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value != value):
            raise PlanError(f"{key} is {value!r}, and is a number")
        thresholds[key] = None if value is None else float(value)
    name = one(entry, "name", str, None) or f"watch {number}"
    source = source_of(entry if "source" in entry else common, folder)
    return Rule(name, formula, **thresholds, source=source, asof=day(entry.get("asof")))


def _address(text: str, key: str) -> str:
    """An address as a header of a mail takes it: ``desk@example.com``, ``Desk <desk@example.com>``."""
    from email.message import EmailMessage

    if not text:
        return text
    if any(not c.isprintable() for c in text):
        raise PlanError(f"mail: {key} holds a character that no address has")
    mail = EmailMessage()
    try:
        mail["To"] = text
        given = [address.addr_spec for address in mail["To"].addresses]
        good = bool(given) and all(spec.isascii() and spec not in ("", "<>") for spec in given)
    except Exception:  # whatever a parser of addresses makes of a text that is none
        good = False
    if not good or mail["To"].defects:
        raise PlanError(f"mail: {key} is {text!r}, which is no address such as desk@example.com")
    return text
