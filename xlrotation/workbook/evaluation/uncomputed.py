"""Functions of Excel 365 that are not computed here, each with the reason."""

from __future__ import annotations

_SERVICE = "asks a service on the network"
_CUBE = "asks a cube of an analysis server or of the workbook's data model"
_ADDIN = "calls code outside the workbook"

UNCOMPUTED: dict[str, str] = {
    "CALL": _ADDIN,
    "COPILOT": _SERVICE,
    **dict.fromkeys(
        (
            "CUBEKPIMEMBER", "CUBEMEMBER", "CUBEMEMBERPROPERTY", "CUBERANKEDMEMBER", "CUBESET", "CUBESETCOUNT",
            "CUBEVALUE",
        ),
        _CUBE,
    ),
    "DBCS": "makes letters wide, which only editions for languages with characters of two bytes do",
    "DETECTLANGUAGE": _SERVICE,
    "FIELDVALUE": "reads a data type, whose fields a service keeps",
    **dict.fromkeys(
        ("FORECAST.ETS", "FORECAST.ETS.CONFINT", "FORECAST.ETS.SEASONALITY", "FORECAST.ETS.STAT"),
        "smooths exponentially; how Excel searches for the smoothing is not told",
    ),
    "GETPIVOTDATA": "reads a pivot table, which is not brought up to date here",
    "IMAGE": "gives a picture",
    "INFO": "tells of the computer that Excel runs on",
    "JIS": "makes letters wide, which only editions for languages with characters of two bytes do",
    "PHONETIC": "reads how a text is pronounced, which Excel keeps beside it",
    "PIVOTBY": "groups rows and columns at once; its totals are not told in every case",
    "PY": _SERVICE,
    "REGISTER.ID": _ADDIN,
    "RTD": _ADDIN,
    "SQL.REQUEST": _ADDIN,
    "STOCKHISTORY": _SERVICE,
    "TRANSLATE": _SERVICE,
    "WEBSERVICE": _SERVICE,
}  # fmt: skip
"""By name: why it is not computed."""
