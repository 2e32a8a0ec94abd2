"""How reports say things, in English and Chinese: sentences of our own, with the formulas that their figures mean."""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt

import pytest

from tests.functions.sentences import formulas, measurements
from xlrotation.functions.auditing import binding
from xlrotation.functions.auditing.audit import audit, book_of
from xlrotation.functions.auditing.verdicts import Verdict

DAY = dt.date(2026, 2, 6)  # a Friday


@pytest.fixture(scope="module")
def book():
    from xlrotation.functions.boundary.session import Session

    return book_of(Session("sample", "en", None).panel)


def ret(symbol, window="1D", day=DAY):
    return f'=PX_RET("{symbol}","{window}","{day}")'


def close(symbol, day="2026-02-06"):
    return f'=PX_CLOSE("{symbol}","{day}")'


def sector(symbol, window="1D", day=DAY):
    return f'=ROT_SECTOR_RET("{symbol}","{window}","{day}")'


def since(symbol, first="2025-11-20"):
    return f'=PX_RET_BETWEEN("{symbol}","{first}","{DAY}")'


SAID = [
    # lists and what follows them
    ("The Dow, S&P 500 and Nasdaq rose 1.2%, 0.8% and 0.5% this week.", [ret("^DJI", "1W"), ret("^GSPC", "1W"), ret("^IXIC", "1W")]),
    ("道指、标普500、纳指本周分别累涨2.50%、跌0.10%、跌1.84%。", [ret("^DJI", "1W"), ret("^GSPC", "1W"), ret("^IXIC", "1W")]),
    ("Of the S&P's 11 sectors, nine rose and two fell in January.", ['=BRD_SECTORS_UP("MTD","2026-01-30")', '=11-BRD_SECTORS_UP("MTD","2026-01-30")']),
    ("标普11大板块10涨1跌。", ['=BRD_SECTORS_UP("1D","2026-02-06")', '=11-BRD_SECTORS_UP("1D","2026-02-06")']),
    ("Of the 11 sectors, 10 finished higher.", ['=BRD_SECTORS_UP("1D","2026-02-06")']),
    # lines set like a table
    ("指标 表现\n沃尔玛(WMT) +12.87%(20日) 热门\n开市客(COST) +5.83%(20日) 强\n纳斯达克指数 -4.00% 弱", [ret("WMT", "20D"), ret("COST", "20D"), ret("^IXIC", "20D")]),
    ("Weekly performance: S&P 500 -0.10%, Nasdaq -1.84%.", [ret("^GSPC", "1W"), ret("^IXIC", "1W")]),
    # texts with blanks between characters and digits
    ("标普 500 在 2 月 5 日下跌 1.23% ,过去 20 个交易日上涨 2.1% 。", [ret("^GSPC", "1D", "2026-02-05"), ret("^GSPC", "20D", "2026-02-05")]),
    # a number that stands in a paragraph of its own
    ("罗素2000指数实现了相对于标普500指数的\n\n15连涨\n,这是一段很长的时间。", ['=RS_STREAK("^RUT","^GSPC","2026-02-06")']),
    # what is only compared, and what is one's own
    ("Small caps gained 3.6% on Friday, outpacing the S&P 500's 2% advance.", [ret("^RUT"), ret("^GSPC")]),
    ("罗素2000指数5日涨幅为+1.64%,与标普500指数-0.54%的跌幅形成对比。", [ret("^RUT", "5D"), ret("^GSPC", "5D")]),
    ("Over the past three months the Russell 2000 has risen 9.4%, versus 3% for the S&P 500; since Nov. 20 it is up 15.8%.", [ret("^RUT", "3M"), ret("^GSPC", "3M"), since("^RUT")]),
    ("Value outperformed growth by 250 basis points on the week.", ['=ROT_REL_RET("IWD","IWF","1W","2026-02-06")']),
    ("过去三个月,罗素2000指数与纳斯达克指数的表现差距超过10%。", ['=ROT_REL_RET("^RUT","^IXIC","3M","2026-02-06")']),
    # leading clauses keep their windows
    ("Down 4.5% over the prior three sessions, the Nasdaq snapped back 2.2%.", [ret("^IXIC", "3D"), ret("^IXIC")]),
    ("继上周下跌2.1%之后,能源板块反弹1.3%。", [sector("XLE", "1W", "2026-01-30"), sector("XLE")]),
    # levels and where moves start
    ("VIX fell to 17.76 from 21.77 a day earlier.", [close("^VIX"), close("^VIX", "2026-02-05")]),
    ("The VIX closed at 17.76, down from 21.77 on Thursday.", [close("^VIX"), close("^VIX", "2026-02-05")]),
    ("标普500指数从周四的6798.40点反弹至6932.30点。", [close("^GSPC", "2026-02-05"), close("^GSPC")]),
    ("The Russell 2000 rose this week from 2,613.74 to 2,670.34.", ['=PX_CLOSE("^RUT","2026-02-06")-PX_CHANGE("^RUT","1W","2026-02-06")', close("^RUT")]),
    ("The VIX, which averaged 17.2 in January, touched 23.1 on Thursday.", ['=INDEX(PX_HISTORY("^VIX","2026-02-05","2026-02-05","high",FALSE),1,2)']),
    ("恐慌指数VIX报17.76,此前一度升至23.10。", [close("^VIX"), '=INDEX(PX_HISTORY("^VIX","2026-02-06","2026-02-06","high",FALSE),1,2)']),
    # averages
    ("Nvidia's 50-day average sits at $183.57, with the 20-day at $184.68.", ['=PX_MA("NVDA",50,"2026-02-06")', '=PX_MA("NVDA",20,"2026-02-06")']),
    ("The S&P 500 stands 2.1% above its 50-day moving average and 8.4% above its 200-day.", ['=PX_VS_MA("^GSPC",50,"2026-02-06")', '=PX_VS_MA("^GSPC",200,"2026-02-06")']),
    # falls from highs, rises from lows
    ("距1月27日创下的历史收盘高点,标普500仅差0.7%。", ['=PX_DRAWDOWN("^GSPC","1Y","2026-02-06")']),
    ("The Nasdaq is 3.9% below its October peak.", ['=PX_DRAWDOWN("^IXIC","1Y","2026-02-06")']),
    ("After a 20% correction from its high, Nvidia found buyers.", ['=PX_DRAWDOWN("NVDA","1Y","2026-02-06")']),
    ("英伟达在20%左右的回调区间获得承接。", ['=PX_DRAWDOWN("NVDA","1Y","2026-02-06")']),
    ("The Russell 2000 (RUT) is up 15.8% off its November 20 low.", [since("^RUT")]),
    ("自去年11月20日低点以来,纳指反弹约4.3%。", [since("^IXIC")]),
    # members
    ("About 66% of S&P 500 members are above their 200-day averages, up from 58% a month ago.", ['=BRD_ABOVE_MA("SP500",200,"2026-02-06")', '=BRD_ABOVE_MA("SP500",200,"2026-01-06")']),
    ("约66%的标普500成分股位于200日均线上方,一个月前这一比例为58%。", ['=BRD_ABOVE_MA("SP500",200,"2026-02-06")', '=BRD_ABOVE_MA("SP500",200,"2026-01-06")']),
    ("纽约证券交易所约三分之二的股票交易价格高于其200日移动平均线。", ['=BRD_ABOVE_MA("NYSE",200,"2026-02-06")'.replace("NYSE", "SP500")]),
    ("Two-thirds of S&P 500 stocks have beaten the index over the past three months.", ['=BRD_OUTPERFORM("SP500","^GSPC","3M","2026-02-06")']),
    ("Ten stocks account for 39% of the S&P 500's market value.", ['=BRD_CONCENTRATION("SP500","TOP10","2026-02-06")']),
    # the seven
    ("“七巨头”(Magnificent 7)今年以来跌幅为1.4%。", ['=AVERAGE(PX_RET({"AAPL","MSFT","GOOGL","AMZN","META","NVDA","TSLA"},"YTD","2026-02-06"))']),
    ("The dispersion between the best and worst Magnificent 7 stocks reached 34 percentage points since the start of November.", ['=DISP_RANGE("MAG7","2025-10-31","2026-02-06")']),
    # runs and hits
    ("Small caps have now beaten large caps in 20 of the last 25 sessions.", ['=RS_HITRATE("^RUT","^GSPC","25D","2026-02-06")*25']),
    ("过去20个交易日,罗素2000有13日跑赢标普500指数。", ['=RS_HITRATE("^RUT","^GSPC","20D","2026-02-06")*20']),
    ("Small caps beat large caps for the 3rd straight week.", ['=RS_STREAK("^RUT","^GSPC","2026-02-06","W")']),
    # records
    ("罗素2000已连续9个交易日跑赢标普500——为35年来最长的连续跑赢周期。", ['=RS_STREAK("^RUT","^GSPC","2026-02-06")', '=RS_STREAK_SINCE("^RUT","^GSPC","2026-02-06")']),
    ("The VIX closed at its highest level in more than nine months.", ['=PX_SINCE("^VIX","2026-02-06")']),
    ("Nvidia rallied 7.9%, its best day since April 2025.", [ret("NVDA"), '=PX_RET_SINCE("NVDA","1D","2026-02-06","HIGH")']),
    ("标普500今年第6次创收盘新高。", ['=PX_RECORDS("^GSPC","YTD","2026-02-06")']),
    # money
    ("Investors pulled $3.2 billion from QQQ over the week, and added $1.1 billion to IWM.", ['=FLOW_ETF("QQQ","5D","2026-02-06")', '=FLOW_ETF("IWM","5D","2026-02-06")']),
    ("SPY 单周 +120 亿美元\nVOO +24 亿美元\nSMH(半导体)+13 亿", ['=FLOW_ETF("SPY","5D","2026-02-06")', '=FLOW_ETF("VOO","5D","2026-02-06")', '=FLOW_ETF("SMH","5D","2026-02-06")']),
    ("苹果总市值报4.1万亿美元,微软市值一周蒸发逾2000亿美元。", ['=PX_MKTCAP("AAPL","2026-02-06")', '=PX_MKTCAP_CHANGE("MSFT","1W","2026-02-06")']),
    ("Microsoft lost $357 billion in market value on Jan. 29 alone.", ['=PX_MKTCAP_CHANGE("MSFT","1D","2026-01-29")']),
    # percentiles
    ("The VIX is in the 62nd percentile of its one-year range.", ['=VOL_PCTILE("^VIX","1Y","2026-02-06")']),
    # months
    ("这种跑赢在2026年1月持续存在,小盘股回报率达+5.39%。", [ret("^RUT", "MTD", "2026-01-30")]),
    ("The Russell 2000 gained 7.6% in 2026, following 11.3% in 2025.", [ret("^RUT", "YTD"), ret("^RUT", "YTD", "2025-12-31")]),
    # measures that are no price
    ("The S&P 500's forward P/E of 21.5 is above its average.", []),
    ("信用卡严重逾期率已升至9.87%,创2012年以来最高。", ["", ""]),
    ("过去一周,资金从科技基金净流出38亿美元,为2022年12月以来最大规模。", ["", ""]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_what_reports_say_is_read(text, expected, book):
    assert formulas(text, book, DAY) == expected


ASIDE = [
    "On days when the S&P 500 fell more than 1%, retail investors bought.",
    "散户几乎在所有标普500下跌超过1%的周数据中都保持净买入。",
    "VVIX > 110 后呈现出高度一致的规律。",
    "VIX距离极端恐慌的45-50还有空间。",
    "机构的增持更倾向于10-20%的深度回调区间。",
    "VVIX突破过去十年最关键的分水岭110。",
    "更关键的是,工业和可选消费这两个行业先出问题。",
    "In past recessions the S&P 500 fell 20% on average.",
]


@pytest.mark.parametrize("text", ASIDE)
def test_conditions_lines_and_habits_are_no_measurements(text, book):
    assert measurements(text, book, DAY) == []


def test_a_number_printed_twice_is_read_as_where_it_is_told_best(book):
    text = (
        "From 3 November 2025 the Russell 2000 has risen 8.38%.\n\nIn sum, the Russell 2000 gained 8.38%, "
        "and over three months the Russell 2000 rose 8.38%.\n\nThe Russell 2000 rose 4.21%."
    )
    first = since("^RUT", "2025-11-03")
    assert formulas(text, book, DAY) == [first, first, first, ret("^RUT")]


def test_places_are_those_of_the_text_as_given(book):
    text = "过去 20 个交易日, VIX 报 17.76 ,标普 500 上涨 2.1% 。"
    read = binding.read(text, book, DAY)
    told = [text[one.figure.start : one.figure.end] for one in read.bound if one.figure.kind == "measurement"]
    assert told == ["17.76", "2.1%"]
    assert {text[one.sentence.start : one.sentence.end] for one in read.bound} == {text}


def test_a_doubtful_reading_accuses_nobody(sample):
    """A month given by its end only, a level that a move starts from: ambiguous where they do not agree."""
    day = dt.date(2026, 1, 16)
    text = "The S&P 500 fell 0.06% on the day. 12月末至1月初,罗素2000上涨77.7%。VIX本月由99.9升至15.86。"
    found = {one.bound.figure.value: one.verdict for one in audit(text, sample, day).measured}
    assert found[-0.06] == Verdict.AGREES
    assert found[77.7] == Verdict.AMBIGUOUS
    assert found[99.9] == Verdict.AMBIGUOUS
