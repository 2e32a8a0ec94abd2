"""The page of native functions: which are computed without a spreadsheet program, and by what each was proved."""

from __future__ import annotations

from xlrotation.workbook.evaluation.proof import PROOFS
from xlrotation.workbook.evaluation.uncomputed import UNCOMPUTED
from xlrotation.workbook.natives import NATIVES

_LIMITS = {
    "AGGREGATE": "filters hide rows as the file has them",
    "ASC": "as where letters are made narrow; other editions of Excel leave them",
    "BESSELI": "true to the last digits, where Excel's own differ from the seventh on",
    "BESSELJ": "true to the last digits, where Excel's own differ from the seventh on",
    "BESSELK": "true to the last digits, where Excel's own differ from the seventh on",
    "BESSELY": "true to the last digits, where Excel's own differ from the seventh on",
    "BINOM.DIST": "the last digits differ from Excel's where there are thousands of trials",
    "CHAR": "as Windows in Western Europe and America (code page 1252)",
    "CELL": "row, column, address, contents and type; nothing of the file or the look",
    "CODE": "as Windows in Western Europe and America (code page 1252)",
    "DATEVALUE": "a day and a month in figures are read as in America, month first",
    "DGET": "as the other database functions: no condition that is a formula",
    "GROUPBY": "one function; with several fields only without subtotals",
    "IMSIN": "as all of complex numbers that give texts: the last of fifteen digits may differ from Excel's",
    "INDIRECT": "an array of texts only inside SUBTOTAL, SUMIF, COUNTIF, N, T and their like",
    "IRR": "where there are several rates, the one that Newton's steps reach",
    "LARGE": "a place that is no whole number is refused where rounding it up or down gives another value",
    "LEFT": "counts characters, also those beyond the first 65,536",
    "LENB": "as where the language has no characters of two bytes",
    "LINEST": "columns that stand for each other are refused: which one Excel leaves out is not told",
    "LOGEST": "columns that stand for each other are refused: which one Excel leaves out is not told",
    "MROUND": "halves as fifteen digits show them; Excel's help calls their direction undefined",
    "OFFSET": "an array of distances only inside SUBTOTAL, SUMIF, COUNTIF, N, T and their like",
    "PRICEMAT": "refused where months of thirty days do not add up",
    "RATE": "finds rates that Excel's twenty steps do not reach",
    "REGEXEXTRACT": "lists no more than one match; letters beyond ASCII only where both readings of a class agree",
    "SMALL": "a place that is no whole number is refused where rounding it up or down gives another value",
    "SUBTOTAL": "filters hide rows as the file has them",
    "TAN": "near its poles the last digits differ from Excel's",
    "TEXT": "English names of months and days, Chinese ones for aaa and aaaa",
    "VALUE": "a day and a month in figures are read as in America, month first",
    "XLOOKUP": "the binary searches (2 and -2) look from the first and from the last; equal values may differ",
    "YIELDMAT": "refused where months of thirty days do not add up",
}


def render() -> str:
    """The page in Markdown."""
    lines = [
        "# Native functions without a spreadsheet program",
        "",
        "Generated from the code; do not edit.",
        "",
        "`export`, `refresh-book` and `eval` compute native formulas themselves. What nothing changed keeps the value",
        "that the spreadsheet stored. A formula whose inputs did change counts only where it gives its stored value on",
        "the stored inputs; where it does not, the stored value stays, and the cell and all that depends on it are",
        "reported. In a workbook without stored values, as libraries write them, a formula counts where every function",
        "in it was proved:",
        "",
        "- *stored*: cells of workbooks that a spreadsheet saved, from public test collections (Apache POI, IronCalc,",
        "  ClosedXML, PhpSpreadsheet, pycel and others), whose stored value the function gives;",
        "- *LibreOffice*: examples for which LibreOffice gives the same to nine digits;",
        "- *documented*: examples from Excel's help and what Excel shows.",
        "",
        "A function without any of these needs a stored value as its proof.",
        "",
        f"## Computed: {sum(not name.startswith('_') for name in NATIVES)}",
        "",
        "| function | stored | LibreOffice | documented | limits |",
        "|---|---|---|---|---|",
    ]
    for name in sorted(name for name in NATIVES if not name.startswith("_")):
        proof = PROOFS.get(name)
        counts = ["", "", ""] if proof is None else [str(count) if count else "" for count in proof]
        lines.append(f"| {name} | {' | '.join(counts)} | {_LIMITS.get(name, '')} |")
    lines += [
        "",
        f"## Not computed: {len(UNCOMPUTED)}",
        "",
        "A formula that calls one of these, or a function of another add-in, keeps its stored value and is reported",
        "where something that it depends on changed.",
        "",
        "| function | why |",
        "|---|---|",
        *(f"| {name} | {reason} |" for name, reason in sorted(UNCOMPUTED.items())),
        "",
    ]
    return "\n".join(lines)
