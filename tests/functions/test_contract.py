"""What saved workbooks rely on: names, the order of arguments, what an omitted one means, and the bounds of numbers.

The catalogue, written down once and changed by hand: a default that moves changes every workbook that leaves the
argument out, and nobody would see it.
"""

import re

import pytest

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.registry import functions

CATALOGUE = """\
XLR_VERSION()
XLR_STATUS(header=TRUE, lang)
XLR_ASOF(day)
XLR_ERRORS(n=20, header=TRUE, lang)  [n 1:100000]
XLR_FUNCTIONS(category, header=TRUE, lang)
XLR_HELP(name="XLR_HELP", header=TRUE, lang)
XLR_SYMBOL(text="SPX")
XLR_SOURCE(symbol="SPX", header=TRUE, lang)
XLR_SERIES(formula="=ROT_MECH_SCORE()", window="3M", asof, header=TRUE, lang, dates=TRUE)
XLR_SCREEN(universe="SECTORS", formula="=PX_RET({},20)", op, threshold, n, asof, header=TRUE, lang)  [n 1:10000]
XLR_EXPLAIN(formula="=PX_RET(\"SPX\",20)", asof, n=40, header=TRUE, lang)  [n 1:10000]
XLR_WATCH(rules="VOL_STREAK(\"VVIX\",110)>=5", asof, since, symbol="SPX", header=TRUE, lang)
XLR_CHANGED(asof, n=10, header=TRUE, lang)  [n 1:100000]
PX_CLOSE(symbol="^GSPC", asof, basis="price")
PX_HISTORY(symbols="^GSPC", start_date, end_date, field="close", header=TRUE, rows, dates=TRUE)  [rows 1:100000]
PX_RET(symbol="^GSPC", window="20D", asof, basis="price", anchor="CLOSE")
PX_RET_BETWEEN(symbol="^GSPC", start_date, end_date, basis="price", anchor="CLOSE")
PX_MA(symbol="^GSPC", n=20, asof, kind="SMA")  [n 1:100000]
PX_VS_MA(symbol="^GSPC", n=200, asof)  [n 1:100000]
PX_DRAWDOWN(symbol="^GSPC", window="1Y", asof)
PX_PCTRANK(symbol="^GSPC", window="1Y", asof)
PX_SINCE(symbol="^GSPC", asof, side="HIGH")
PX_CROSS(symbol="^DJI", level=50000, window="MAX", asof)
PX_MKTCAP(symbol="AAPL", asof)
PX_MKTCAP_CHANGE(symbols="MAG7", window="1M", asof)
PX_CHANGE(symbol="^GSPC", window="1D", asof)
PX_VOLUME(symbol="SPY", window="20D", asof, measure="VOLUME")
PX_ZSCORE(symbol="^GSPC", window="1Y", asof)
PX_RANK(symbol="^GSPC", window="YTD", asof, side="HIGH")
PX_STREAK(symbol="^GSPC", asof, freq="D")
PX_RECORDS(symbol="^GSPC", window="YTD", asof, side="HIGH")
PX_RET_SINCE(symbol="^GSPC", window="1D", asof, side)
PX_TABLE(symbols="SECTORS", fields="CLOSE 1D 5D 1M YTD VS_MA50 VS_MA200 DRAWDOWN VOL", asof, header=TRUE, lang)
UNI_MEMBERS(universe="SP50", asof, header=TRUE, lang)
UNI_WEIGHTS(universe="SP50", asof, header=TRUE, lang)
UNI_INFO(symbol="XLK", header=TRUE, lang)
UNI_RET(universe="MAG7", window="20D", asof, weighting="EQUAL", basis="price")
UNI_MOVERS(universe="SP50", n=5, window="1D", asof, header=TRUE, lang)  [n 1:100000]
ROT_SECTOR_RET(sector, window="20D", asof, basis="price", anchor="CLOSE", header=TRUE, lang, sort_by="RETURN")
ROT_SECTOR_TABLE(windows="1D 5D 20D 3M YTD", asof, sort_by, basis="price", header=TRUE, lang)
ROT_SECTOR_RANK(sector="XLK", window="20D", asof)
ROT_SECTOR_SPREAD(window="1D", asof)
ROT_SECTOR_BEST(window="1D", asof, lang)
ROT_SECTOR_WORST(window="1D", asof, lang)
ROT_LEADERS(universe="SECTORS", n=5, window="20D", asof, header=TRUE, lang)  [n 1:100000]
ROT_LAGGARDS(universe="SECTORS", n=5, window="20D", asof, header=TRUE, lang)  [n 1:100000]
ROT_REL_RET(a="^RUT", b="^GSPC", window="20D", asof, basis="price", anchor="CLOSE")
ROT_DEFENSIVE(window="20D", asof)
ROT_SIZE(window="20D", asof)
ROT_VALUE(window="20D", asof)
ROT_EQUALWEIGHT(window="20D", asof)
ROT_RRG(symbols="SECTORS", benchmark="^GSPC", asof, length=60, header=TRUE, lang, freq="D", sort_by="FIXED")  [length 1:100000]
ROT_RRG_TAIL(symbol="XLK", benchmark="^GSPC", points=8, asof, length=60, header=TRUE, freq="D")  [points, length 1:100000]
ROT_PERSISTENCE(window="5D", lags=12, asof)  [lags 1:100000]
ROT_INTERPRET(symbol="^GSPC", window="20D", asof, lang)
ROT_FACTORS(symbol="^RUT", window="20D", asof, n=252, header=TRUE, lang)  [n 1:100000]
ROT_CONTRIB(universe="SP50", window="1D", asof, n=10, by="MEMBER", header=TRUE, lang)  [n 1:100000]
ROT_CHANGE(windows="20D", asof, since="5D", header=TRUE, lang)
ROT_MECH_SCORE(asof)
ROT_MECH_TABLE(asof, lang, header=TRUE)
ROT_MECH_LABEL(asof, lang)
ROT_UNWIND(asof, lang, header=TRUE)
RS_STREAK(a="^RUT", b="^GSPC", asof, freq="D")
RS_STREAK_TABLE(a="^RUT", b="^GSPC", n=10, asof, header=TRUE)  [n 1:100000]
RS_STREAK_SINCE(a="^RUT", b="^GSPC", asof)
RS_STREAK_PROB(a="^RUT", b="^GSPC", asof, window="1Y")
RS_HITRATE(a="^RUT", b="^GSPC", window="3M", asof)
RS_RATIO(a="^RUT", b="^GSPC", asof, base)
RS_MOMENTUM(a="^RUT", b="^GSPC", window="20D", asof)
RS_MANSFIELD(a="^RUT", b="^GSPC", n=52, asof)  [n 1:100000]
RS_BETA(symbol="^RUT", benchmark="^GSPC", window="1Y", asof, method="OLS")
RS_CORREL(a="^RUT", b="^GSPC", window="3M", asof)
RS_ALPHA(symbol="^RUT", benchmark="^GSPC", window="1Y", asof, rate=0)  [rate -0.5:1]
RS_HISTORY(a="^RUT", b="^GSPC", measure="RATIO", window="1Y", asof, n, header=TRUE, lang, dates=TRUE)  [n 1:100000]
DISP_REALCORR(universe="SP50", window="1M", asof, weighting="EQUAL")
DISP_XS(universe="SP50", window="1M", asof, weighting="CAP")
DISP_RANGE(universe="MAG7", window="1Y", asof)
DISP_RANGE_TABLE(universe="MAG7", window="1Y", asof, header=TRUE, lang)
DISP_PARADOX(universe="SP50", index="^GSPC", window="3M", asof, header=TRUE, lang)
DISP_IMPLCORR_CALC(index_vol, vols, weights)
DISP_REALCORR_CALC(prices)
DISP_XS_CALC(returns, weights)
DISP_INDEX_CALC(index_vol, vols, weights)
DISP_VOL_SPREAD_CALC(index_vol, vols, weights)
DISP_BREAKEVEN(index_vol, vols, weights)
DISP_LEGS(index_vol, vols, weights, scheme="VEGA", notional=100000, header=TRUE, lang)
DISP_PNL(index_vol, vols, weights, realised_index_vol, realised_vols, vega=100000)
DISP_PNL_TABLE(index_vol, vols, weights, vega=100000, header=TRUE, lang)
DISP_CORR_MATRIX(symbols="SECTORS", window="3M", asof, header=TRUE, lang)
DISP_REALCORR_HISTORY(universe="SP50", window="1Y", asof, n=21, header=TRUE, lang, dates=TRUE)  [n 1:100000]
DISP_IMPLCORR(index="^GSPC", universe="SP50", tenor="1M", asof, rate, fallback)  [rate -0.5:1]
DISP_INDEX(index="^GSPC", universe="SP50", tenor="1M", asof, rate, fallback, rule)  [rate -0.5:1]
DISP_VOL_SPREAD(index="^GSPC", universe="SP50", tenor="1M", asof, rate, fallback)  [rate -0.5:1]
DISP_CORR_PREMIUM(index="^GSPC", universe="SP50", tenor="1M", asof, rate, fallback)  [rate -0.5:1]
DISP_PCTILE(measure="IMPLCORR", window="1Y", asof)
VOL_REALIZED(symbol="^GSPC", window="1M", asof, method="CC", decay=0.94)
VOL_MODELFREE(strikes, calls, puts, t, rate=0)
VOL_VIX(near, far, near_t, far_t)
VOL_BAND(level, lang)
VOL_STREAK(symbol="^VVIX", threshold=110, asof, side="ABOVE")
VOL_GAP(a="^VXN", b="^RVX", asof)
VOL_PCTILE(symbol="^VIX", window="1Y", asof)
VOL_RANK(symbol="^VIX", window="1Y", asof)
VOL_TERM(asof, header=TRUE, lang)
VOL_TERM_SLOPE(asof)
VOL_BS_PRICE(vol, spot, strike, t, rate=0, div_yield=0, kind="CALL")
VOL_BS_IV(price, spot, strike, t, rate=0, div_yield=0, kind="CALL")
VOL_BS_GREEK(greek="DELTA", vol, spot, strike, t, rate=0, div_yield=0, kind="CALL")
VOL_IMPLIED(symbol="^GSPC", tenor="1M", asof, method="ATM", rate, delta=0.5, fallback, rule)  [rate -0.5:1; delta 0.05:0.95]
VOL_PREMIUM(symbol="^GSPC", tenor="1M", asof, method="ATM", rate, fallback, rule)  [rate -0.5:1]
VOL_SURFACE(symbol="^GSPC", tenors="1M 2M 3M", deltas="0.1 0.25 0.5 0.75 0.9", asof, header=TRUE, lang)
VOL_IVRANK(symbol="^GSPC", tenor="1M", window="1Y", asof)
VOL_IVPCTILE(symbol="^GSPC", tenor="1M", window="1Y", asof)
VOL_SKEW(symbol="^GSPC", tenor="1M", delta=0.25, asof, rate, header=TRUE, lang)  [delta 0.05:0.45; rate -0.5:1]
VOL_EXPECTED_MOVE(symbol="^GSPC", horizon="1M", asof, tenor, rate, fallback)  [rate -0.5:1]
VOL_PUTCALL(symbol="^GSPC", by="VOLUME", asof)
VOL_GEX(symbol="^GSPC", asof, dealers="LONG_CALLS", n, multiplier=100, rate, header=TRUE, lang)  [n 1:100000; multiplier 1e-06:1e+06; rate -0.5:1]
VOL_REGIME(symbol="^GSPC", states=2, window="3Y", asof, header=TRUE, lang)  [states 2:3]
VOL_STRESS(vvix=110, vix=25, asof, header=TRUE, lang)
BRD_ABOVE_MA(universe="SP50", n=200, asof)  [n 1:100000]
BRD_AD(universe="SP50", asof, header=TRUE)
BRD_AD_LINE(universe="SP50", window="1Y", asof)
BRD_MCCLELLAN(universe="SP50", asof)
BRD_SUMMATION(universe="SP50", asof)
BRD_NEW_HIGHS(universe="SP50", window="1Y", asof)
BRD_NEW_LOWS(universe="SP50", window="1Y", asof)
BRD_SECTORS_UP(window="1D", asof)
BRD_OUTPERFORM(universe="SP50", benchmark="^GSPC", window="3M", asof)
BRD_MEDIAN_GAP(universe="SP50", index="^GSPC", window="3M", asof)
BRD_THRUST(universe="SP50", asof)
BRD_SECTORS(measure="ABOVE_MA", universe="SP50", asof, n, header=TRUE, lang)
BRD_52W(universe="SP50", asof, window="1Y")
BRD_TRIN(universe="SP50", asof)
BRD_UPVOLUME(universe="SP50", asof)
BRD_ZBT(universe="SP50", window="MAX", asof, low=0.4, high=0.615, days=10, header=TRUE, lang)  [low 0:1; high 0:1; days 1:100000]
BRD_CONCENTRATION(universe="SP50", measure="HHI", asof)
BRD_HISTORY(universe="SP50", measure="ABOVE_MA", window="1Y", asof, n, header=TRUE, lang, dates=TRUE)  [n 1:100000]
VAL_PE(price, eps)
VAL_LEVEL(eps, pe)
VAL_DISCOUNT(a, b)
VAL_GROWTH_GAP(a, b)
VAL_COMPRESSION(pe_from, pe_to, eps_growth)
VAL_GUIDANCE(negative, total)
VAL_FWD_PE(symbol="^GSPC", asof)
FLOW_NET(shares, nav, nav_of="PREVIOUS")
FLOW_TOP(names, values, n=5, header=TRUE, lang)  [n 1:100000]
FLOW_STREAK(values, threshold=0)
FLOW_SINCE(dates, values, side="HIGH")
FLOW_DIPBUY(returns, flows, threshold=-0.01)
FLOW_RATIO(into, out_of)
FLOW_GAP(cumulative_a, cumulative_b)
FLOW_ETF(symbol="SPY", window="5D", asof, nav_of="PREVIOUS")
FLOW_COT(market="ES", asof, report="LEGACY", weeks=156, header=TRUE, lang)  [weeks 2:2000]
MAC_SAHM(unemployment)
MAC_SAHM_TRIGGER(unemployment, months=1)  [months 1:3]
MAC_WIDENING_BP(spreads, window="20D")
MAC_DIFFUSION(components, window=1)  [window 1:100000]
MAC_COMPOSITE(components)
MAC_SHARE(values)
MAC_TOP_SHARE(values, k=2)  [k 1:100000]
MAC_SINCE(dates, values, side="HIGH")
MAC_FEDWATCH(futures, meeting, rate_low, rate_high, split="AFTER")
MAC_FEDWATCH_TABLE(months, futures, meetings, rate_low, rate_high, split="AFTER", after, header=TRUE, lang)
MAC_SERIES(id="UNRATE", start_date, end_date, header=TRUE, lang, rows, dates=TRUE, vintage="KNOWN", asof)  [rows 1:100000]
MAC_CURVE(asof, header=TRUE, lang)
MAC_CURVE_SLOPE(long_tenor="10Y", short_tenor="2Y", asof)
MAC_NETLIQ(asof, account="AVERAGE")
EVT_SIGNALS(symbol="^VVIX", op=">", threshold=110, k=5, asof, header=TRUE, gap=1)  [k 1:100000; gap 1:10000]
EVT_STUDY(dates, symbol="^GSPC", horizons="21D 63D 126D 252D", asof, header=TRUE)
EVT_VVIX(threshold=110, k=5, asof, header=TRUE, gap=1)  [k 1:100000; gap 1:10000]
EVT_BACKTEST(formula="=PX_VS_MA()>0", symbol="^GSPC", cash=0, lag=1, cost_bp=5, window="3Y", asof, trials=1, header=TRUE, lang, basis="price")  [lag 1:252; cost_bp 0:1000; trials 1:1000000]
REP_CLAIMS(report, header=TRUE, lang)
REP_SUMMARY(report="mechanical_rotation", lang, asof, header=TRUE)
REP_AUDIT(text, report_date, lang, header=TRUE)
REP_BIND(sentence, report_date)
"""  # noqa: E501

LINES = {line.partition("(")[0]: line for line in CATALOGUE.splitlines()}
BOUNDS = [
    (name, argument, bound.rpartition(" ")[2])
    for name, line in LINES.items()
    if "[" in line
    for bound in line[:-1].partition("[")[2].split("; ")
    for argument in bound.rpartition(" ")[0].split(", ")
]


def test_every_function_stands_in_the_catalogue():
    assert set(functions()) == set(LINES)


@pytest.mark.parametrize("name", LINES)
def test_arguments_and_defaults_are_those_of_the_catalogue(name):
    wanted = LINES[name].partition("  [")[0].removesuffix(")")
    given = functions()[name].signature
    # Arguments may be added at the end; those there are stay where and what they are.
    assert given.startswith(wanted)
    assert given[len(wanted)] in ",)"


@pytest.mark.parametrize(("name", "argument", "bounds"), BOUNDS)
def test_bounds_are_those_of_the_catalogue(name, argument, bounds):
    kind = next(parameter.kind for parameter in functions()[name].parameters if parameter.name == argument)
    low, high = map(float, bounds.split(":"))
    step = 1 if re.fullmatch(r"[0-9:]+", bounds) and low == 1 else 1e-9
    for inside in (low, high):
        assert kind.read(inside, None) == inside
    for outside in (low - step, high + step):
        with pytest.raises(BadArgument, match="out of bounds"):
            kind.read(outside, None)


NEEDED = [
    (name, place)
    for name, spec in functions().items()
    for place, parameter in enumerate(spec.parameters)
    if parameter.required
]


@pytest.mark.parametrize(("name", "place"), NEEDED)
def test_an_argument_that_is_needed_is_asked_for(sample, name, place):
    arguments = [None if parameter.required else parameter.default for parameter in functions()[name].parameters]
    arguments[:place] = [1.0] * place
    assert sample.call(name, *arguments) is CellError.VALUE
    if place == 0:
        needed = functions()[name].parameters[place]
        assert sample.failures[-1].reason == f"{name} needs {needed.name}: {needed.help}"


def test_numbers_of_ones_own_are_needed():
    """Functions on the user's own numbers cannot make them up; all others answer without an argument."""
    names = {name for name, _ in NEEDED}
    own = {name for name in functions() if name.endswith("_CALC") or name.startswith(("VAL_", "FLOW_", "MAC_"))}
    from_source = {"VAL_FWD_PE", "FLOW_ETF", "FLOW_COT", "MAC_SERIES", "MAC_CURVE", "MAC_CURVE_SLOPE", "MAC_NETLIQ"}
    others = {"DISP_BREAKEVEN", "DISP_LEGS", "DISP_PNL", "DISP_PNL_TABLE", "VOL_MODELFREE", "VOL_VIX", "VOL_BAND"}
    others |= {"VOL_BS_PRICE", "VOL_BS_IV", "VOL_BS_GREEK", "EVT_STUDY", "REP_AUDIT", "REP_BIND"}
    assert names == (own - from_source) | others


def test_help_names_the_default_once():
    parameters = {p.name: p for p in functions()["PX_MA"].parameters}
    assert parameters["n"].help == "Number of closes. Default 20."
    assert parameters["n"].text.into("zh").endswith("默认20。")
    assert parameters["symbol"].help.endswith(' Default "^GSPC".')
    basis = next(p for p in functions()["PX_RET"].parameters if p.name == "basis")
    assert basis.help.count("efault") == 1  # the text says itself what is usual
    assert basis.text.into("zh").count("默认") == 1
    assert "efault" not in next(p for p in functions()["RS_RATIO"].parameters if p.name == "base").help
