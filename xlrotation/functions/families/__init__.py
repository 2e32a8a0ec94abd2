"""The worksheet functions, a module or a folder per family."""

MODULES = {
    "xlr.library": "XLR_VERSION XLR_STATUS XLR_ASOF XLR_ERRORS XLR_FUNCTIONS XLR_HELP XLR_SYMBOL XLR_SOURCE",
    "xlr.formulas": "XLR_SERIES XLR_SCREEN",
    "xlr.explained": "XLR_EXPLAIN",
    "xlr.watched": "XLR_WATCH",
    "xlr.changed": "XLR_CHANGED",
    "px.prices": (
        "PX_CLOSE PX_HISTORY PX_RET PX_RET_BETWEEN PX_MA PX_VS_MA PX_DRAWDOWN PX_PCTRANK PX_SINCE PX_CROSS "
        "PX_MKTCAP PX_MKTCAP_CHANGE"
    ),
    "px.standing": "PX_CHANGE PX_VOLUME PX_ZSCORE PX_RANK PX_STREAK PX_RECORDS PX_RET_SINCE",
    "px.table": "PX_TABLE",
    "uni.lists": "UNI_MEMBERS UNI_WEIGHTS UNI_INFO",
    "uni.returns": "UNI_RET",
    "uni.movers": "UNI_MOVERS",
    "rot.rotation": (
        "ROT_SECTOR_RET ROT_SECTOR_TABLE ROT_SECTOR_RANK ROT_SECTOR_SPREAD ROT_SECTOR_BEST ROT_SECTOR_WORST "
        "ROT_LEADERS ROT_LAGGARDS ROT_REL_RET ROT_DEFENSIVE ROT_SIZE ROT_VALUE ROT_EQUALWEIGHT "
        "ROT_PERSISTENCE ROT_INTERPRET"
    ),
    "rot.factors": "ROT_FACTORS",
    "rot.graph": "ROT_RRG ROT_RRG_TAIL",
    "rot.change": "ROT_CHANGE",
    "rot.contribution": "ROT_CONTRIB",
    "rot.mechanical": "ROT_MECH_SCORE ROT_MECH_TABLE ROT_MECH_LABEL ROT_UNWIND",
    "rs.strength": (
        "RS_STREAK RS_STREAK_TABLE RS_STREAK_SINCE RS_STREAK_PROB RS_HITRATE RS_RATIO RS_MOMENTUM RS_MANSFIELD"
    ),
    "rs.regression": "RS_BETA RS_CORREL RS_ALPHA RS_HISTORY",
    "disp.market": "DISP_REALCORR DISP_XS DISP_RANGE DISP_RANGE_TABLE DISP_PARADOX",
    "disp.figures": (
        "DISP_IMPLCORR_CALC DISP_REALCORR_CALC DISP_XS_CALC DISP_INDEX_CALC DISP_VOL_SPREAD_CALC DISP_BREAKEVEN "
        "DISP_LEGS DISP_PNL DISP_PNL_TABLE"
    ),
    "disp.matrix": "DISP_CORR_MATRIX",
    "disp.history": "DISP_REALCORR_HISTORY",
    "disp.implied": "DISP_IMPLCORR DISP_INDEX DISP_VOL_SPREAD DISP_CORR_PREMIUM",
    "disp.percentile": "DISP_PCTILE",
    "vol.realised": (
        "VOL_REALIZED VOL_MODELFREE VOL_VIX VOL_BAND VOL_STREAK VOL_GAP VOL_PCTILE VOL_RANK VOL_TERM VOL_TERM_SLOPE"
    ),
    "vol.black_scholes": "VOL_BS_PRICE VOL_BS_IV VOL_BS_GREEK",
    "vol.implied": "VOL_IMPLIED VOL_PREMIUM",
    "vol.surface": "VOL_SURFACE VOL_IVRANK VOL_IVPCTILE",
    "vol.skew": "VOL_SKEW VOL_EXPECTED_MOVE",
    "vol.positioning": "VOL_PUTCALL VOL_GEX",
    "vol.regime": "VOL_REGIME",
    "vol.stress": "VOL_STRESS",
    "brd.market": (
        "BRD_ABOVE_MA BRD_AD BRD_AD_LINE BRD_MCCLELLAN BRD_SUMMATION BRD_NEW_HIGHS BRD_NEW_LOWS BRD_SECTORS_UP "
        "BRD_OUTPERFORM BRD_MEDIAN_GAP BRD_THRUST BRD_CONCENTRATION"
    ),
    "brd.history": "BRD_HISTORY",
    "brd.sectors": "BRD_SECTORS BRD_52W",
    "brd.volume": "BRD_TRIN BRD_UPVOLUME",
    "brd.thrust": "BRD_ZBT",
    "val": "VAL_PE VAL_LEVEL VAL_DISCOUNT VAL_GROWTH_GAP VAL_COMPRESSION VAL_GUIDANCE VAL_FWD_PE",
    "flow.figures": "FLOW_NET FLOW_TOP FLOW_STREAK FLOW_SINCE FLOW_DIPBUY FLOW_RATIO FLOW_GAP",
    "flow.funds": "FLOW_ETF",
    "flow.positions": "FLOW_COT",
    "mac.figures": (
        "MAC_SAHM MAC_SAHM_TRIGGER MAC_WIDENING_BP MAC_DIFFUSION MAC_COMPOSITE MAC_SHARE MAC_TOP_SHARE MAC_SINCE"
    ),
    "mac.fedwatch": "MAC_FEDWATCH MAC_FEDWATCH_TABLE",
    "mac.series": "MAC_SERIES",
    "mac.curve": "MAC_CURVE MAC_CURVE_SLOPE",
    "mac.liquidity": "MAC_NETLIQ",
    "evt.events": "EVT_SIGNALS EVT_STUDY EVT_VVIX",
    "evt.backtest": "EVT_BACKTEST",
    "rep": "REP_CLAIMS REP_SUMMARY REP_AUDIT REP_BIND",
}
"""The modules that declare functions, and which, in the order in which lists and pages show them.

A module is loaded when one of its functions is asked for; a test compares this table with what they declare.
"""
