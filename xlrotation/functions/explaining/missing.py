"""Why functions have no native formula."""

from __future__ import annotations

from xlrotation.languages import Text

_TABLE = Text("{name} gives a table, and a native formula is written for one value")
_ITERATED = Text("{name} rests on implied volatilities, which are found by iteration and by no closed formula")
_HISTORIES = Text("{name} takes whole histories, which are more than a cell holds")
_STEPS = Text("{name} is computed step by step, each on the one before, and by no closed formula")
_PARTS = Text("{name} is made of many other measures; explain these one by one")
_CHOSEN = Text("{name} chooses its days among several series by rules of its own")
_DATE = Text("{name} gives a date or a name that is looked up, and computes no number")
_TOLD = Text("{name} tells of the program or of the data, and computes nothing")
_WORDS = Text("{name} puts numbers into words")
_NONE = Text("none is declared for {name}")

_OF = {
    _ITERATED: (
        *("DISP_CORR_PREMIUM", "DISP_IMPLCORR", "DISP_INDEX", "DISP_PCTILE", "DISP_VOL_SPREAD", "VOL_BS_IV"),
        *("VOL_EXPECTED_MOVE", "VOL_IMPLIED", "VOL_IVPCTILE", "VOL_IVRANK", "VOL_PREMIUM"),
    ),
    _HISTORIES: (
        *("BRD_52W", "BRD_NEW_HIGHS", "BRD_NEW_LOWS", "BRD_THRUST", "DISP_REALCORR", "FLOW_ETF"),
        *("PX_RECORDS", "ROT_PERSISTENCE"),
    ),
    _STEPS: (
        *("BRD_AD_LINE", "BRD_MCCLELLAN", "BRD_SUMMATION", "MAC_FEDWATCH", "MAC_SAHM_TRIGGER", "RS_STREAK_PROB"),
        *("VOL_MODELFREE", "VOL_VIX"),
    ),
    _CHOSEN: ("MAC_NETLIQ",),
    _PARTS: ("ROT_MECH_LABEL", "ROT_MECH_SCORE"),
    _DATE: ("FLOW_SINCE", "MAC_SINCE", "PX_CROSS", "PX_RET_SINCE", "PX_SINCE", "RS_STREAK_SINCE", "XLR_SYMBOL"),
    _TOLD: ("XLR_ASOF", "XLR_VERSION"),
    _WORDS: ("ROT_INTERPRET", "VOL_BAND"),
}
WHY = {name: why for why, names in _OF.items() for name in names}
"""By function that gives one value: why it has no native formula."""


def why_none(name: str, table: bool) -> Text:
    """Why a function has no native formula.

    Args:
        name: The function.
        table: Whether it gives a table.
    """
    return (_TABLE if table else WHY.get(name, _NONE)).of(name=name)
