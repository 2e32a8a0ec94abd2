"""The worksheet functions, a module or a folder per family."""

MODULES = (
    *("xlr.library", "px", "rot.rotation", "rot.mechanical", "rs"),
    *("disp.market", "disp.figures", "disp.history", "disp.implied", "disp.percentile"),
    *("vol.realised", "vol.black_scholes", "vol.implied", "vol.stress"),
    *("brd.market", "brd.history", "val", "flow.figures", "flow.funds"),
    *("mac.figures", "mac.fedwatch", "mac.series", "evt", "rep"),
)
"""The modules that declare functions, in the order in which lists and pages show them."""
