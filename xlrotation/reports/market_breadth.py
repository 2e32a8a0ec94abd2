"""How wide the market is: the workbook after a market report of 2026-02-07.

Its tables are the day of the indices, January of small caps against the largest, the streak, the discount of small caps,
leading and lagging sectors, NVIDIA against its averages, participation, concentration, and the Dow's crossing of 50,000.
"""

from __future__ import annotations

from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import MARKET_BREADTH
from xlrotation.market.universes import SECTORS
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import Curve, Drawing, Line, Place, bars, curves, lines, returns, sectors
from xlrotation.reports.kit import BLUE, COUNT, DARK, DATE, ORANGE, PERCENT, POINTS, Book, Input, Text

REPORT = MARKET_BREADTH

_INDICES = (
    ("^RUT", Text("Russell 2000", "罗素2000")),
    ("^GSPC", Text("S&P 500", "标普500")),
    ("^IXIC", Text("Nasdaq Composite", "纳斯达克综合指数")),
    ("^DJI", Text("Dow Jones Industrial Average", "道琼斯工业平均指数")),
    ("RSP", Text("S&P 500, equal weight", "标普500等权")),
    ("XLG", Text("50 largest companies", "前50大公司")),
)
_DAYS = 120


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, Text(*REPORT.title), REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    data = book.sheet("Data", (14, 20, 20, 20))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = returns(book, front, row, Text("Index returns, close to close", "指数收益率(收盘对收盘)"), _INDICES)
    row = _january(book, front, row + 1)
    row = _participation(book, front, row + 1)
    row = _breadth_charts(book, front, row)
    front.set_h_pagebreaks([row])
    row = _sectors(book, front, row)
    row = _streak(book, front, row)
    row = _leader(book, front, row + 1)
    _milestone(book, front, row + 1)
    _data(book, data)
    book.inputs_sheet(_inputs())
    audit_sheet(book, REPORT)
    book.notes_sheet(_notes(), (*(ticker for ticker, _ in _INDICES), "NVDA", *SECTORS))
    book.close()


def _january(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The last full month, small against large", "上一完整月份:小盘对大盘"), 5)
    end = "EOMONTH(XLR_ASOF(asof),-1)"
    month = f'"{{}}",EOMONTH({end},-1),{end}'
    items = (
        Line(Text("Month", "月份"), f'TEXT({end},"yyyy-mm")', "@"),
        Line(Text("Russell 2000", "罗素2000"), f"PX_RET_BETWEEN({month.format('RUT')})", PERCENT),
        Line(Text("50 largest companies (XLG)", "前50大公司(XLG)"), f"PX_RET_BETWEEN({month.format('XLG')})", PERCENT),
        Line(
            Text("Small minus largest", "小盘减超大盘"),
            f"PX_RET_BETWEEN({month.format('RUT')})-PX_RET_BETWEEN({month.format('XLG')})",
            PERCENT,
        ),
        Line(
            Text("Small caps cheaper than large by", "小盘相对大盘的估值折价"),
            "VAL_DISCOUNT(pe_small,pe_large)",
            "0.0%",
            Text("multiples of others, on the Inputs sheet", "他人估值,见Inputs"),
        ),
    )
    return lines(book, sheet, row + 1, items)


def _participation(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(
        sheet, row, Text("Participation of the 50 largest, and concentration", "前50大公司的参与度与集中度"), 5
    )
    items = (
        Line(Text("Above the 20-day average", "站上20日均线"), 'BRD_ABOVE_MA("SP50",20,asof)', "0%"),
        Line(Text("Above the 50-day average", "站上50日均线"), 'BRD_ABOVE_MA("SP50",50,asof)', "0%"),
        Line(Text("Above the 200-day average", "站上200日均线"), 'BRD_ABOVE_MA("SP50",200,asof)', "0%"),
        Line(Text("Ahead of the S&P 500 over 3 months", "3个月跑赢标普500"), 'BRD_OUTPERFORM("SP50","SPX","3M",asof)', "0%"),
        Line(Text("Median member minus index, 3 months", "中位数成分减指数,3个月"), 'BRD_MEDIAN_GAP("SP50","SPX","3M",asof)', PERCENT),
        Line(Text("Sectors that rose", "上涨板块数"), 'BRD_SECTORS_UP("1D",asof)', COUNT),
        Line(Text("New 52-week highs", "52周新高"), 'BRD_NEW_HIGHS("SP50","1Y",asof)', COUNT),
        Line(Text("New 52-week lows", "52周新低"), 'BRD_NEW_LOWS("SP50","1Y",asof)', COUNT),
        Line(Text("McClellan oscillator", "麦克莱伦震荡指标"), 'BRD_MCCLELLAN("SP50",asof)', POINTS),
        Line(Text("McClellan summation index", "麦克莱伦求和指数"), 'BRD_SUMMATION("SP50",asof)', "#,##0"),
        Line(Text("Weight of the five largest", "前五大权重"), 'BRD_CONCENTRATION("SP50","TOP5",asof)', "0.0%"),
        Line(Text("Effective number of names", "有效公司数"), 'BRD_CONCENTRATION("SP50","EFFN",asof)', "0.0"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _breadth_charts(book: Book, sheet: Worksheet, row: int) -> int:
    dates = Place("Data", 0, 1, _DAYS)
    series = (
        Curve("=Data!$B$1", Place("Data", 1, 1, _DAYS), BLUE),
        Curve("=Data!$C$1", Place("Data", 2, 1, _DAYS), ORANGE),
    )
    title = Text("Share of the 50 largest above their averages", "前50大公司站上均线的比例")
    alt = "Two lines: share of the 50 largest above their 50-day and their 200-day average on the last 120 sessions"
    row = curves(book, Drawing(sheet, "Report", row, title, alt, height=240), dates, series, "0%", highest=1.0)
    line = (Curve("=Data!$D$1", Place("Data", 3, 1, _DAYS), DARK),)
    title = Text("Advancing minus declining, summed up over a year", "涨跌线(一年累计)")
    alt = "Line: the advance-decline line of the 50 largest on the last 120 sessions"
    return curves(book, Drawing(sheet, "Report", row, title, alt, height=200), dates, line, "0")


def _sectors(book: Book, sheet: Worksheet, row: int) -> int:
    rows = sectors(book, sheet, row, Text("Leading and lagging sectors", "领涨与落后板块"), "1D")
    names, values = Place("Report", 0, rows.start, rows.stop - 1), Place("Report", 5, rows.start, rows.stop - 1)
    title = Text("Sector returns, year to date (in the order of the day)", "板块年初至今收益率(按当日排序)")
    alt = "Bars: return of each sector since the end of last year, in the order of the day's returns"
    return bars(book, Drawing(sheet, "Report", rows.stop + 1, title, alt), names, values)


def _streak(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Small caps against the S&P 500", "小盘股对标普500"), 5)
    none = 'IF(lang="zh","数据内无","none in the data")'
    items = (
        Line(Text("Sessions in a row ahead (negative: behind)", "连续跑赢交易日数(负数为跑输)"), 'RS_STREAK("RUT","SPX",asof)', COUNT),
        Line(Text("Longest such run of the data: sessions", "数据内最长连续:交易日数"), 'INDEX(RS_STREAK_TABLE("RUT","SPX",1,asof,FALSE),1,1)', COUNT),
        Line(Text("It ended on", "结束于"), 'INDEX(RS_STREAK_TABLE("RUT","SPX",1,asof,FALSE),1,3)', DATE),
        Line(Text("The present run is the longest since", "当前区间为此后最长"), f'IFERROR(RS_STREAK_SINCE("RUT","SPX",asof),{none})', DATE),
        Line(Text("Share of sessions won, year to date", "年初至今胜率"), 'RS_HITRATE("RUT","SPX","YTD",asof)', "0%"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _leader(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The leader of the last years against its averages", "过往龙头与均线"), 5)
    items = (
        Line(Text("Symbol", "代码"), "leader", "@", Text("on the Inputs sheet", "见Inputs")),
        Line(Text("Close", "收盘价"), "PX_CLOSE(leader,asof)", POINTS),
        Line(Text("Average of 20 closes", "20日均线"), "PX_MA(leader,20,asof)", POINTS),
        Line(Text("Average of 50 closes", "50日均线"), "PX_MA(leader,50,asof)", POINTS),
        Line(Text("Close against the 20-day average", "相对20日均线"), "PX_VS_MA(leader,20,asof)", PERCENT),
        Line(Text("Close against the 50-day average", "相对50日均线"), "PX_VS_MA(leader,50,asof)", PERCENT),
        Line(Text("Below its highest close of a year by", "距一年最高收盘"), "PX_DRAWDOWN(leader,\"1Y\",asof)", PERCENT),
        Line(Text("Return, 1 session", "1日收益率"), 'PX_RET(leader,"1D",asof)', PERCENT),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _milestone(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Crossing of a level", "突破点位"), 5)
    none = 'IF(lang="zh","数据内未触及","not in the data")'
    items = (
        Line(Text("Dow Jones, level watched", "道指,关注点位"), "dow_level", "#,##0"),
        Line(Text("Dow Jones, close", "道指收盘"), 'PX_CLOSE("DJI",asof)', POINTS),
        Line(Text("Last crossed by a close on", "最近一次收盘穿越"), f'IFERROR(PX_CROSS("DJI",dow_level,"MAX",asof),{none})', DATE),
        Line(Text("Points beyond it", "超出点数"), 'PX_CLOSE("DJI",asof)-dow_level', "#,##0.00;-#,##0.00"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _data(book: Book, sheet: Worksheet) -> None:
    """Dates and breadth behind the charts."""
    heads = (
        Text("Date", "日期"),
        Text("Above 50-day average", "站上50日均线"),
        Text("Above 200-day average", "站上200日均线"),
        Text("Advance-decline line", "涨跌线"),
    )
    book.heads(sheet, 0, heads)
    dates = f'=INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,{_DAYS}),,1)'
    book.table(sheet, 1, 0, _DAYS, 1, dates, DATE)
    column = f"A2:A{_DAYS + 1}"
    book.table(sheet, 1, 1, _DAYS, 1, f'=BRD_ABOVE_MA("SP50",50,{column})', "0%")
    book.table(sheet, 1, 2, _DAYS, 1, f'=BRD_ABOVE_MA("SP50",200,{column})', "0%")
    book.table(sheet, 1, 3, _DAYS, 1, f'=BRD_AD_LINE("SP50","1Y",{column})', COUNT)
    sheet.freeze_panes(1, 0)


def _inputs() -> tuple[Input, ...]:
    report = Text("As quoted by the reports of 2026-01-18 and 2026-02-07", "2026-01-18与2026-02-07报告引用")
    chosen = Text("Chosen by the report of 2026-02-07", "2026-02-07报告所选")
    return (
        Input("pe_large", Text("Forward multiple, S&P 500", "远期市盈率,标普500"), 22, '0.0"x"', report),
        Input("pe_small", Text("Forward multiple, small caps", "远期市盈率,小盘"), 15.18, '0.0"x"', report),
        Input("leader", Text("Leader watched", "关注的龙头"), "NVDA", "@", chosen),
        Input("dow_level", Text("Level of the Dow Jones", "道指点位"), 50000, "#,##0", chosen),
    )


def _notes() -> tuple[Text, ...]:
    return (
        Text("Returns are close to close on the exchange's sessions, without dividends.", "收益率为交易所交易日的收盘对收盘,不含股息。"),
        Text("Participation is that of the 50 largest companies of the sample's list (SP50); give SP500 where the source brings its members.", "参与度以前50大公司(SP50)计;若数据源含标普500成分可改用SP500。"),
        Text("A company counts as above its average when its close is strictly higher; one with a gap in the window is left out.", "收盘价严格高于均线才计入;窗口内有缺口的公司不计。"),
        Text("The last full month runs from the last close of the month before to its own last close. Report writers who quote total returns print a little more.", "上一完整月份自前月末收盘至当月末收盘;若引用总回报则略高。"),
        Text("The McClellan oscillator is the 10 % trend of advances minus declines less the 5 % trend, begun at the first day of the data.", "麦克莱伦震荡指标为涨跌差的10%趋势减5%趋势,自数据首日起算。"),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason.", "显示#N/A的单元格缺少数据;=XLR_ERRORS()给出原因。"),
        Text("For information only; not investment advice.", "仅供参考,不构成投资建议。"),
    )  # fmt: skip
