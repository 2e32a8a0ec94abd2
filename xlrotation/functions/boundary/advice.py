"""What an analyst may have meant: a function's neighbours, arguments in each other's places, texts without quotes."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import re
from collections.abc import Sequence

from xlrotation.errors import RotationError
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.kinds import (
    AsOfKind,
    ChoiceKind,
    DayKind,
    FlagKind,
    NumberKind,
    SpanKind,
    SymbolKind,
    SymbolsKind,
    TenorKind,
    UniverseKind,
    WindowKind,
    WindowsKind,
)
from xlrotation.functions.boundary.registry import Spec, functions
from xlrotation.functions.boundary.scope import Evaluator, Scope
from xlrotation.market.dates import read_date
from xlrotation.market.market import Elsewhere

_LONGEST = 40
"""Characters of a text beyond which it is near to nothing and is not repeated in advice."""

_TELLING = (
    *(AsOfKind, ChoiceKind, DayKind, FlagKind, NumberKind, SymbolKind, SymbolsKind, TenorKind, WindowKind, WindowsKind),
)
"""Kinds that take few texts, so that one which they take is likely meant for them."""

_OF_SYMBOLS = (SymbolKind, SymbolsKind)

_CURLY = str.maketrans("“”„‟«»＂", '"' * 7)
_QUOTED = re.compile(r'"[^"]*"?' + r"|'[^']*'?")
_CALLED = re.compile(r"(?<![\w.!])([^\W\d][\w.]*)\s*\(")
_BARE = re.compile(r"(?<![\w.!$\[])\^?(?=[\d.]*[^\W\d_])\w[\w.]*(?![\w.!(\[$:])")


def no_function(name: str) -> str:
    """What to say of a function that does not exist, with the nearest ones."""
    near = _near_functions(name.upper()) if len(name) <= _LONGEST else ()
    return f"did you mean {', '.join(near)}?" if near else "XLR_FUNCTIONS() lists our functions"


@functools.lru_cache(maxsize=1000)
def _near_functions(name: str) -> tuple[str, ...]:
    from difflib import get_close_matches

    return tuple(get_close_matches(name, functions(), n=3, cutoff=0.6))


@functools.cache
def _joined() -> dict[str, tuple[str, ...]]:
    """Functions by their names without the lines in them."""
    return {name.replace("_", ""): (name,) for name in functions()}


def placed(error: RotationError, spec: Spec, cells: Sequence[object], place: int, scope: Scope) -> RotationError:
    """*error* of the argument at *place*, with the place where its cell would fit, if there is one.

    Args:
        error: Why it cannot be read; it is not changed, as an error of the data is raised many times.
        spec: The function.
        cells: The arguments as given.
        place: The one that cannot be read.
        scope: What they are read in.
    """
    hint = _misplaced(spec, cells, place, scope)
    if not hint:
        return error
    advised, told = copy.copy(error), error.told
    advised.told = f"{told}; {hint}" if isinstance(told, str) else lambda: f"{told()}; {hint}"
    return advised


def _misplaced(spec: Spec, cells: Sequence[object], place: int, scope: Scope) -> str:
    if place >= len(cells) or cells[place] in (None, ""):  # the default could not be read
        return ""
    cell, parameters = cells[place], spec.parameters
    if isinstance(cell, list) or (isinstance(cell, str) and len(cell) > _LONGEST):
        return ""
    fits = [
        other for other, parameter in enumerate(parameters) if other != place and _takes(parameter.kind, cell, scope)
    ]
    for other in fits:
        if (
            other < len(cells)
            and cells[other] not in (None, "")
            and _takes(parameters[place].kind, cells[other], scope)
        ):
            first, second = sorted((place, other))
            given = list(cells)
            given[place], given[other] = given[other], given[place]
            call = _call(spec.name, given)
            return f"are {parameters[first].name} and {parameters[second].name} swapped?{call}"
    symbols = isinstance(parameters[place].kind, _OF_SYMBOLS)
    fits.sort(key=lambda other: isinstance(parameters[other].kind, _OF_SYMBOLS))  # LOW is a ticker, too
    for other in fits:
        if symbols and isinstance(parameters[other].kind, _OF_SYMBOLS):
            continue  # a symbol that is no sector is not meant for the benchmark
        if isinstance(parameters[other].kind, NumberKind) and not isinstance(parameters[other].kind, SpanKind):
            continue  # a number fits nearly everywhere
        free = other >= len(cells) or cells[other] in (None, "")
        if isinstance(cell, str) or (symbols and free):
            return f"it would fit {parameters[other].name}, argument {other + 1} of {spec.signature}"
    return ""


def _takes(kind: Kind, cell: object, scope: Scope) -> bool:
    """Whether a cell reads as this kind, and not merely because the kind takes whatever it is given."""
    if not isinstance(kind, _TELLING) or isinstance(cell, list):
        return False
    if isinstance(kind, FlagKind) and not isinstance(cell, str | bool):
        return False
    try:
        if isinstance(kind, AsOfKind):
            read_date(cell)
        else:
            kind.read(cell, scope)  # type: ignore[arg-type]
    except RotationError:
        return False
    except Elsewhere:  # a symbol, of another exchange
        return True
    return True


def _call(name: str, cells: Sequence[object]) -> str:
    """The call as typed, where it is short enough to be read."""
    parts = [_typed(cell) for cell in cells]
    return f" {name}({','.join(part or '' for part in parts)})" if None not in parts else ""


def _typed(cell: object) -> str | None:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()
        case int() | float():
            return f"{cell:.15g}"
        case str() if len(cell) <= _LONGEST:
            return '"' + cell.encode("utf-8", "replace").decode().replace('"', '""') + '"'
        case dt.date():
            return f'"{cell:%Y-%m-%d}"'
    return None


def about_formula(text: str, session: Evaluator) -> str:
    """What may be wrong with a formula that has no value for its names: quotes, a function's name, a bare text.

    Args:
        text: The formula.
        session: What its symbols are looked up in.

    Raises:
        RotationError: The data cannot be read.
    """
    outside = _QUOTED.sub('""', text)
    if outside.translate(_CURLY) != outside:
        return f"the quotes are not straight; type {_straight(text)[:200]}"
    if any(quoted.startswith("'") for quoted in _QUOTED.findall(text)) and "!" not in outside:
        doubled = _QUOTED.sub(lambda found: '"' + found[0].strip("'") + '"' if found[0][0] == "'" else found[0], text)
        return f"a text needs double quotes; type {doubled[:200]}"
    for called in _CALLED.findall(outside):
        if called.upper() in functions() or len(called) > _LONGEST:
            continue
        if "_" in called or called.upper() in _joined():
            near = _joined().get(called.upper()) or _near_functions(called.upper())
            return f"did you mean {', '.join(near)}?" if near else ""
    scope = Scope(session, None, session.market())
    for bare in _BARE.findall(outside):
        if any(_takes(kind, bare, scope) for kind in (_SYMBOL, _WINDOW, _UNIVERSE)):
            return f'a text needs quotes: "{bare}"'
    return ""


_SYMBOL, _WINDOW, _UNIVERSE = SymbolKind(), WindowKind(), UniverseKind()


def _straight(text: str) -> str:
    """*text* with straight quotes, those within straight ones left as they are."""
    kept, at = [], 0
    for quoted in _QUOTED.finditer(text):
        kept += [text[at : quoted.start()].translate(_CURLY), quoted.group()]
        at = quoted.end()
    return "".join(kept) + text[at:].translate(_CURLY)
