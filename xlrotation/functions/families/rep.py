"""REP: market reports, their figures and what the data say."""

from __future__ import annotations

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.auditing import told
from xlrotation.functions.auditing.audit import audit as audit_text
from xlrotation.functions.auditing.markup import bare
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import Day, Header, Here, Lang, Report, Text, default, required
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.published import summaries
from xlrotation.functions.published.claims import audit
from xlrotation.functions.published.reports import find_report

_HEADS = ("id", "figure", "date", "published", "computed", "difference", "verdict", "note")


@worksheet_function(unit="table", example='=REP_CLAIMS("small_value_rotation")')
def REP_CLAIMS(
    here: Here, report: Text = default(None), header: Header = default(True), lang: Lang = default(None)
) -> Table:
    """Every figure that a report published: as published, as computed from the data, the difference and a verdict.

    Computed at the dates that the figure names. It agrees within half a unit of its last printed digit; more is allowed
    where the text says "about" or gives a range. Where it differs, the note says whether another convention, such as
    the first session's open, matches.

    "needs data" stands where the source does not hold what the figure asks for, or nothing public does; a date of
    publication, a threshold or a forecast is "not checkable". Figures that follow from others in print are computed
    from those.

    Args:
        report: mechanical_rotation, volatility_gap, market_breadth, liquidity_crossroads, small_value_rotation, or a
            title. Blank: all.
    """
    chosen = None if report is None else find_report(report)
    rows = [
        [
            *(found.claim.id, found.claim.figure.into(lang), found.claim.date, found.claim.published, found.computed),
            *(found.difference, word(found.outcome.verdict, lang), found.note(lang)),
        ]
        for found in audit(here.session(), chosen)
    ]
    return Table(_HEADS, [["" if cell is None else cell for cell in row] for row in rows], header, lang)


@worksheet_function(unit="table", example='=REP_SUMMARY("small_value_rotation","en","2026-01-16")')
def REP_SUMMARY(
    here: Here,
    report: Text = default("mechanical_rotation"),
    lang: Lang = default(None),
    asof: Day = default(None),
    header: Header = default(True),
) -> Table:
    """The key sentences of a report, written anew from the numbers that the data give.

    On other data, or at another date, the sentences change. One that lacks a number is left out, and the last line says
    which subjects are missing.

    Args:
        report: mechanical_rotation, volatility_gap, market_breadth, liquidity_crossroads, small_value_rotation, or a
            title.
        asof: Date that the sentences are known at. Blank: the last session that the report knew.
    """
    chosen = find_report(report)
    day = asof or chosen.asof
    here.check_known(day)
    sentences = summaries.write(chosen, here.session(), lang, day)
    return Table(("summary_text",), [[sentence] for sentence in sentences], header, lang)


@worksheet_function(
    unit="table", example='=REP_AUDIT("The S&P 500 fell 0.06% and the Russell 2000 rose 0.12%.","2026-01-16","en")'
)
def REP_AUDIT(
    here: Here,
    text: Report = required(),
    report_date: Day = default(None),
    lang: Lang = default(None),
    header: Header = default(True),
) -> Table:
    """Every figure of any report's text, with how it is read, what the data give, a verdict, and the formula.

    Read by rules, in English and Chinese: subject, measure, window and day come from the words around the figure and
    from what was said before. agrees: within the printed digits. another convention: named, with how many were tried.
    ambiguous: more than one reading is possible. needs data and not checkable say what is missing. A text without a
    date is not compared with the newest session.

    Args:
        text: The report, in one cell, in a column of cells, or a table in rows of cells.
        report_date: Date of the report. Blank: the date that its text gives.
    """
    report = bare("\n".join(text))
    if not report.strip():
        raise BadArgument("there is no text; give a cell or a column of cells that hold the report")
    found = audit_text(report, here.session(), report_date)
    return Table(told.HEADS, told.rows(found, lang), header, lang)


@worksheet_function(unit="table", example='=REP_BIND("The Russell 2000 gained 0.12% to 2,677.74.","2026-01-16")')
def REP_BIND(here: Here, sentence: Text = required(), report_date: Day = default(None)) -> Table:
    """The formulas that a sentence's figures mean, one below the other, as text to be typed into a cell.

    A figure that no function computes, or that is no measurement, has none; #N/A where none of them has one.

    Args:
        sentence: The sentence, in English or Chinese.
        report_date: Date of the report. Blank: the date that the sentence gives.
    """
    formulas = told.formulas(audit_text(bare(sentence), here.session(), report_date))
    if not formulas:
        raise NoData("no figure of the sentence has a formula; name a subject, a figure and a day")
    return Table(("formula",), [[formula] for formula in formulas], False, "en")
