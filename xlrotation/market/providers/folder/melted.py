"""Tables in which a column says what each row's value is: a volume stands there as a close does."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.market.providers.folder import headers, tables
from xlrotation.market.providers.folder.dated import Dated
from xlrotation.market.providers.folder.rows import BadFile
from xlrotation.market.symbols import fold

_HEADS = frozenset(
    (
        *("field", "fields", "flds", "field name", "fieldname", "data item", "dataitem", "item", "attribute"),
        *("metric", "metrics", "metric name", "variable", "measure", "measurement", "indicator", "mnemonic"),
        *("指标", "字段", "項目"),
    )
)
"""Heads of such a column."""

_OTHERS = frozenset(
    (
        *("bid", "ask", "mid", "vwap", "twap", "turnover", "amount", "average", "eps", "pe", "mktcap"),
        *("market cap", "market_cap"),
    )
)
"""What a value can be besides the fields of bars."""

_MOST = 50
"""Different texts of a column from which on they are no fields."""


def check(dated: Dated, meanings: Sequence[str | None]) -> None:
    """Refuse a table whose only values are closes by their head, and something else by another column.

    Raises:
        BadFile: It is such a one; the message names the column and what stands in it.
    """
    if [meaning for meaning in meanings if meaning in headers.PRICES] != ["close"]:
        return
    declared = dated.table.declared.columns
    for column, (head, meaning) in enumerate(zip(dated.heads, meanings, strict=True)):
        text = str(head).strip()
        if meaning is not None or tables.blank(head) or text in declared or isinstance(head, headers.Head):
            continue
        first = (cell for line in dated.lines if not tables.blank(cell := dated.cell(line, column)))
        if not isinstance(next(first, None), str):
            continue
        words, _ = dated.texts(column)
        if not words or len(words) > _MOST or all(headers.meaning(word) == "close" for word in words):
            continue
        if fold(text) in _HEADS or all(
            headers.meaning(word) in headers.PRICES or fold(word) in _OTHERS for word in words
        ):
            shown = ", ".join(word.strip()[:20] for word in words[:3])
            raise BadFile(
                f"{dated.table.name}: its column {text!r} says what the values are ({shown}); give each of them a "
                "column of its own"
            )
