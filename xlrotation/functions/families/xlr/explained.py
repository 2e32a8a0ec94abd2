"""XLR: why a number is what it is."""

from __future__ import annotations

from typing import Annotated

from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import CountKind
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, Text, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.explaining import told
from xlrotation.functions.explaining.explanation import SELDOM, explain

Most = Annotated[int, CountKind(minimum=1, maximum=10_000)]


@worksheet_function(unit="table", example='=XLR_EXPLAIN("=PX_RET(""RUT"",""20D"")")')
def XLR_EXPLAIN(
    here: Here,
    formula: Text = default('=PX_RET("SPX",20)'),
    asof: AsOf = default(None),
    n: Most = default(40),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The data that a formula's value is made of, each with its source, and a native formula that gives the same.

    Listed are the data that decide the value: those that change it when they are others. The formula is then computed
    from these data alone, and the check says whether it is the same; the native formula, for functions that have one,
    is computed too and compared. Stored values stand beside what the formula saw after splits and dividends; stand-ins,
    gaps and the definition of each call follow. Any formula without references to cells can be explained, but none that
    changes by the clock.

    Args:
        formula: A formula as text, quotes doubled: "=RS_STREAK(""RUT"",""SPX"")".
        n: At most about so many rows of data; of longer columns the first and the last, and how many lie between.
    """
    found = explain(here.session().at(asof.asof), formula, n, SELDOM)
    for remark in found.remarks:
        here.tell(remark)
    return Table(told.HEADS, told.rows(found, lang), header, lang)
