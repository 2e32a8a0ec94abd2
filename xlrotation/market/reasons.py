"""Why data are not there: what the reading of a source had to leave out, for the reason of a formula."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xlrotation.market.symbols import canonical

if TYPE_CHECKING:
    from xlrotation.market.filereadings import FileReading

LEFT_OUT = "left out "
"""How a remark begins that names a file, or a part of one, that was not read."""

NO_TABLE = "no CSV, XLSX or Parquet file"
"""How one ends that names what nobody would take for a table."""

_LONGEST = 320
"""Letters of a remark behind a reason: of a longer one its first parts, so that whoever translates them knows them."""

_LONGEST_PART = 400
_BEGIN, _END = 250, 100
"""Letters of a longer part's beginning and end, between which lists of names stand."""

_QUOTES = re.compile(r"\b(quotes?|chains?|options?)\b", re.IGNORECASE)
_WORDS = re.compile(r"[\w^.=-]+?(?=_|$|[^\w^.=-])")
"""What may be a ticker in a remark, also at the beginning of a file's name."""


def some_of(names: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are, for a sentence."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def tell_of_quotes(remarks: Sequence[str], ticker: str) -> bool:
    """Whether a remark tells that option quotes of *ticker* had to be left out."""
    told = (_WORDS.findall(remark) for remark in remarks if _QUOTES.search(remark))
    return any(canonical(word) == ticker for words in told for word in words)


def about(remarks: Sequence[str], *texts: str, guess: bool = True) -> str:
    """What *remarks* tell of any of *texts*, to be put behind a reason; empty where they tell nothing.

    Args:
        remarks: Of a panel.
        texts: A symbol or series as the data and as the user write it.
        guess: Tell of what was left out where nothing names it: it may have been in there.
    """
    words = "|".join(re.escape(text.strip()) for text in texts if text.strip())
    named = re.compile(rf"(?<![\w^.=-])(?:{words})(?![\w=^-])", re.IGNORECASE) if words else None
    found = [remark for remark in remarks if named is not None and named.search(remark)]
    if not found and guess:
        found = [remark for remark in remarks if remark.startswith(LEFT_OUT) and not remark.endswith(NO_TABLE)]
    if not found:
        return ""
    more = f"; and {len(found) - 1} more of this kind, of which XLR_STATUS() tells" if len(found) > 1 else ""
    return f"; {_shortened(found[0])}{more}"


def _shortened(remark: str) -> str:
    """The first parts of a remark, each whole but for the middle of a very long one."""
    told, *others = (
        part if len(part) <= _LONGEST_PART else f"{part[:_BEGIN]} ... {part[-_END:]}" for part in remark.split("; ")
    )
    for part in others:
        if len(told) + len(part) > _LONGEST:
            return f"{told}; ...{')' * (told.count('(') - told.count(')'))}"
        told = f"{told}; {part}"
    return told


def of_field(remarks: Sequence[str], readings: Sequence[FileReading], field: str) -> str:
    """What *remarks* tell of columns that hold a field by how their files were read, as :func:`about`."""
    heads = [head for reading in readings for head, meaning in reading.columns.items() if meaning == field]
    return about(remarks, *(f"{LEFT_OUT}column {head}" for head in dict.fromkeys(heads)), guess=False)
