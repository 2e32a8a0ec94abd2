"""The page of native functions: which are computed without a spreadsheet program, and by what each was proved."""

from __future__ import annotations

from xlrotation.workbook.evaluation.proof import PROOFS
from xlrotation.workbook.natives import NATIVES

NOT_COMPUTED = (
    "ACCRINTM AMORDEGRC AMORLINC BAHTTEXT BESSELI BESSELJ BESSELK BESSELY CALL CELL COMPLEX COPILOT COUPDAYBS COUPDAYS "
    "COUPDAYSNC COUPNCD COUPNUM COUPPCD CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET "
    "CUBESETCOUNT CUBEVALUE DAVERAGE DBCS DCOUNT DCOUNTA DETECTLANGUAGE DGET DMAX DMIN DPRODUCT DSTDEV DSTDEVP DSUM "
    "DURATION DVAR DVARP EUROCONVERT FIELDVALUE FILTERXML FORECAST.ETS FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY "
    "FORECAST.ETS.STAT GETPIVOTDATA GROUPBY IMABS IMAGE IMAGINARY IMARGUMENT IMCONJUGATE IMCOS IMCOSH IMCOT IMCSC "
    "IMCSCH IMDIV IMEXP IMLN IMLOG10 IMLOG2 IMPOWER IMPRODUCT IMREAL IMSEC IMSECH IMSIN IMSINH IMSQRT IMSUB IMSUM "
    "IMTAN INFO JIS MDURATION ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD PERCENTOF PHONETIC PIVOTBY PRICE PRICEMAT PY "
    "REGEXEXTRACT REGEXREPLACE REGEXTEST REGISTER.ID RTD SQL.REQUEST STOCKHISTORY TBILLEQ TRANSLATE TRIMRANGE VDB "
    "WEBSERVICE YIELD YIELDDISC YIELDMAT"
).split()
"""Functions of Excel 365 that are not computed."""

_LIMITS = {
    "ACCRINT": "not with actual days (basis 1), nor from the first coupon; whole periods only",
    "AGGREGATE": "filters hide rows as the file has them",
    "BINOM.DIST": "the last digits differ from Excel's where there are thousands of trials",
    "CODE": "as Windows in Western Europe and America (code page 1252)",
    "CHAR": "as Windows in Western Europe and America (code page 1252)",
    "DATEVALUE": "a day and a month in figures are read as in America, month first",
    "INDIRECT": "one text at a time, no array of them",
    "IRR": "where there are several rates, the one that Newton's steps reach",
    "LEFT": "counts characters, also those beyond the first 65,536",
    "LENB": "as where the language has no characters of two bytes",
    "OFFSET": "one distance at a time, no array of them",
    "RATE": "finds rates that Excel's twenty steps do not reach",
    "ROMAN": "the classic form only",
    "SUBTOTAL": "filters hide rows as the file has them",
    "SUMIF": "one area at a time, no array of them",
    "TAN": "near its poles the last digits differ from Excel's",
    "TEXT": "English names of months and days, Chinese ones for aaa and aaaa",
    "VALUE": "a day and a month in figures are read as in America, month first",
    "XLOOKUP": "the binary searches (2 and -2) look from the first and from the last; equal values may differ",
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
        f"## Computed: {len(NATIVES)}",
        "",
        "| function | stored | LibreOffice | documented | limits |",
        "|---|---|---|---|---|",
    ]
    for name in sorted(NATIVES):
        proof = PROOFS.get(name)
        counts = ["", "", ""] if proof is None else [str(count) if count else "" for count in proof]
        lines.append(f"| {name} | {' | '.join(counts)} | {_LIMITS.get(name, '')} |")
    lines += [
        "",
        f"## Not computed: {len(NOT_COMPUTED)}",
        "",
        "A formula that calls one of these, or a function of another add-in, keeps its stored value and is reported",
        "where something that it depends on changed.",
        "",
        ", ".join(NOT_COMPUTED) + ".",
        "",
    ]
    return "\n".join(lines)
