"""XLR: watch rules."""

from __future__ import annotations

from typing import Annotated

from xlrotation.functions.boundary.cells import Cell, Range, Table
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.parameters import AsOf, Day, Header, Here, Lang, Text, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.watching import told
from xlrotation.functions.watching.looking import look
from xlrotation.functions.watching.rules import Rule, rules_in
from xlrotation.languages import Text as Words


class RulesKind(Kind):
    """Watch rules: a row each, under heads or as name, formula, operator, threshold and symbol."""

    spills = False
    takes = "range of rules"
    help = Words(
        "Rows of name, formula as text, operator (> >= < <=) and threshold, and perhaps whose returns follow; with "
        "heads in any order. TRUE or FALSE needs no threshold."
    )

    def read(self, cell: Cell, scope: Scope) -> list[Rule]:
        return rules_in([["", cell]])

    def read_range(self, cells: Range, scope: Scope) -> list[Rule]:
        return rules_in(cells)


Rules = Annotated[list[Rule], RulesKind()]


@worksheet_function(
    unit="table",
    example='=XLR_WATCH({"Small caps lead","RS_STREAK(""RUT"",""SPX"")",">=",5},"2026-01-14")',
    source="what followed: event study as in EVT_STUDY, over 21 sessions",
)
def XLR_WATCH(
    here: Here,
    rules: Rules = default('VOL_STREAK("VVIX",110)>=5'),
    asof: AsOf = default(None),
    since: Day = default(None),
    symbol: Text = default("SPX"),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Watch rules: which fire on new sessions, since when, how unusual that is, how often before, and what followed.

    A rule fires where its condition holds on a session after since, or on the as-of session where that is blank. It is
    asked of each of the 756 sessions before as well, as of that session: the percentile of the value, the share of
    sessions on which it held, how many runs there were before, and the mean return of the symbol, the share of gains
    and the usual return over the 21 sessions after their first sessions. Few events prove nothing. A rule that cannot
    be evaluated says error and why, never quiet.

    Args:
        since: New are the sessions after this day. Blank: the as-of session alone.
        symbol: Whose returns follow, where a rule names none.
    """
    found = look(here.session().at(asof.asof), rules, since, asof.ticker(symbol))
    return Table(told.HEADS, told.rows(found, lang), header, lang)
