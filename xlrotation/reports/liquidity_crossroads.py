"""Who buys, who breaks: the workbook after a market report of November 2025 on liquidity.

Its tables are fund flows, buying of dips, bankruptcies, delinquency, credit spreads, layoffs, the Sahm rule with the rate
that would trigger it, VIX and VVIX with the event study of the latter, the next meeting of the Fed, and stress.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import LIQUIDITY_CROSSROADS
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import Curve, Drawing, Line, Place, bars, curves, lines
from xlrotation.reports.kit import BLUE, COUNT, DATE, GREY, INPUT_FILL, ORANGE, PERCENT, POINTS, Book, Input, Text

REPORT = LIQUIDITY_CROSSROADS

_FLOWS = (("SPY", 12.0), ("QQQ", 2.8), ("VOO", 2.4), ("IVV", 2.0), ("SMH", 1.3), ("TQQQ", 1.2), ("IBIT", -0.6))
_BANKRUPTCIES = (
    (Text("Industrials", "工业"), 98),
    (Text("Consumer discretionary", "可选消费"), 80),
    (Text("Health care", "医疗保健"), 45),
    (Text("Technology", "科技"), 24),
    (Text("Energy and utilities", "能源与公用事业"), 4),
    (Text("All others", "其他"), 136),
)
_ISSUANCE = (
    (dt.date(2025, 9, 24), 44.515),
    (dt.date(2025, 10, 1), 39.908),
    (dt.date(2025, 10, 8), 39.703),
    (dt.date(2025, 10, 15), 30.006),
    (dt.date(2025, 10, 22), 43.533),
)
_LAYOFFS = (
    Text("Announced job cuts", "宣布裁员"),
    Text("Mass-layoff notices", "大规模裁员通知"),
    Text("Layoffs in earnings calls", "财报电话会提及裁员"),
    Text("Searches for layoffs", "裁员搜索热度"),
    Text("Continuing claims", "续请失业金"),
    Text("Involuntary part-time work", "非自愿兼职"),
)
_DELINQUENCY = (
    (dt.date(2011, 3, 31), 12.5),
    (dt.date(2024, 9, 30), 11.1),
    (dt.date(2025, 6, 30), 12.3),
    (dt.date(2025, 9, 30), 12.4),
)
_WEEKS, _DAYS = 26, 60
_FIRST = 4


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, Text(*REPORT.title), REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    figures = book.sheet("Figures", (34, 16, 14, 60))
    data = book.sheet("Data", (14, 14, 16, 12, 14, 16, 16))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = _stress(book, front, row)
    row = _volatility(book, front, row + 1)
    row = _events(book, front, row + 1)
    row = _credit(book, front, row + 1)
    front.set_h_pagebreaks([row])
    row = _labour(book, front, row)
    row = _fed(book, front, row + 1)
    row = _flows(book, front, row + 1)
    _companies(book, front, row + 1)
    _figures(book, figures)
    _data(book, data)
    book.inputs_sheet(_inputs(), groups={"fed_futures": ("fed_before", "fed_month", "fed_after")})
    audit_sheet(book, REPORT)
    book.notes_sheet(_notes(), ("^VIX", "^VVIX", "^GSPC", "SPY", "QQQ"))
    book.close()


def _volatility(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Fear", "恐慌指标"), 5)
    items = (
        Line(Text("VIX", "VIX"), 'PX_CLOSE("VIX",asof)', POINTS),
        Line(Text("Its band", "所处区间"), 'VOL_BAND(PX_CLOSE("VIX",asof),lang)', "@"),
        Line(Text("Highest close of the year before today", "年内此前最高收盘"), 'MAX(INDEX(PX_HISTORY({"VIX"},DATE(YEAR(XLR_ASOF(asof)),1,1),XLR_ASOF(asof)-1,"close",FALSE),,2))', POINTS),
        Line(Text("VVIX", "VVIX"), 'PX_CLOSE("VVIX",asof)', POINTS),
        Line(Text("Closes in a row above the threshold", "连续收于阈值上方"), 'VOL_STREAK("VVIX",vvix_threshold,asof)', COUNT),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _stress(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The stress table", "压力一览"), 5)
    heads = (Text("Gauge", "指标"), Text("Now", "现值"), Text("Alarm at", "警戒值"), Text("On", "触发"))
    book.heads(sheet, row + 1, heads)
    gauges = (
        (Text("VVIX, closes in a row above the threshold", "VVIX连续收于阈值上方"), 'VOL_STREAK("VVIX",vvix_threshold,asof)', "vvix_closes", COUNT),
        (Text("VIX", "VIX"), 'PX_CLOSE("VIX",asof)', "vix_alarm", POINTS),
        (Text("High-yield spread, widening since a date, bp", "高收益利差自起始日走阔,bp"), _widening("BAMLH0A0HYM2"), "spread_alarm", COUNT),
        (Text("CCC spread, widening since a date, bp", "CCC利差自起始日走阔,bp"), _widening("BAMLH0A3HYC"), "spread_alarm", COUNT),
        (Text("Sahm indicator, points", "萨姆指标,百分点"), _sahm("MAC_SAHM({})"), "0.5", POINTS),
        (Text("Layoff indicators that rise", "上升的裁员指标占比"), _layoffs(), "0.7", "0%"),
        (Text("Bankruptcies in the two hardest-hit sectors", "破产最多两行业占比"), _two_sectors(), "0.4", "0%"),
    )  # fmt: skip
    for place, (text, formula, alarm, form) in enumerate(gauges):
        line = row + 2 + place
        book.label(sheet, line, 0, text, place)
        book.value(sheet, line, 1, f"={formula}", form, place)
        book.native(sheet, line, 2, f"={alarm}", form, place)
        on = f'=IF(ISNUMBER(B{line + 1}),IF(B{line + 1}>=C{line + 1},IF(lang="zh","是","yes"),IF(lang="zh","否","no")),"")'
        book.native(sheet, line, 3, on, "@", place)
    last = row + 2 + len(gauges)
    book.label(sheet, last, 0, Text("Gauges that are on", "触发的指标数"))
    cells = f"D{row + 3}:D{last}"
    book.native(sheet, last, 1, f'=COUNTIF({cells},"yes")+COUNTIF({cells},"是")', COUNT)
    return last + 1


def _widening(name: str) -> str:
    column = {"BAMLH0A0HYM2": "B", "BAMLH0A3HYC": "C"}[name]
    first, last = _FIRST, _FIRST + _DAYS - 1
    return f"100*(Data!{column}{last}-LOOKUP(spread_from,Data!A{first}:A{last},Data!{column}{first}:{column}{last}))"


def _sahm(formula: str) -> str:
    return formula.format('INDEX(MAC_SERIES("UNRATE",EDATE(unrate_last,-20),unrate_last,FALSE),,2)')


def _layoffs() -> str:
    last = _place("layoffs") + len(_LAYOFFS)
    return f"MAC_DIFFUSION(TRANSPOSE(Figures!B{_place('layoffs') + 1}:C{last}),1)"


def _bankruptcies() -> str:
    return f"Figures!B{_place('bankruptcies') + 1}:B{_place('bankruptcies') + len(_BANKRUPTCIES)}"


def _two_sectors() -> str:
    """Share of the two sectors with the most bankruptcies in all; what is not named is no sector."""
    first = _place("bankruptcies") + 1
    named = f"Figures!B{first}:B{first + len(_BANKRUPTCIES) - 2}"
    return f"(LARGE({named},1)+LARGE({named},2))/SUM({_bankruptcies()})"


def _place(table: str) -> int:
    """The head row (counted from 1) of a table on the sheet of figures."""
    flows = 4
    bankruptcies = flows + len(_FLOWS) + 3
    delinquency = bankruptcies + len(_BANKRUPTCIES) + 3
    layoffs = delinquency + len(_DELINQUENCY) + 3
    issuance = layoffs + len(_LAYOFFS) + 4
    places = {"flows": flows, "bankruptcies": bankruptcies, "delinquency": delinquency, "layoffs": layoffs}
    return (places | {"issuance": issuance})[table]


def _events(book: Book, sheet: Worksheet, row: int) -> int:
    heading = Text(
        "After VVIX closed above the threshold for as many days: the S&P 500", "VVIX连续收于阈值上方之后的标普500"
    )
    book.heading(sheet, row, heading, 5)
    heads = (
        Text("Sessions ahead", "之后交易日"),
        Text("Events", "次数"),
        Text("Mean", "均值"),
        Text("Median", "中位数"),
        Text("Usual mean", "无条件均值"),
        Text("Share positive", "上涨占比"),
    )
    book.heads(sheet, row + 1, heads)
    study = "EVT_VVIX(vvix_threshold,vvix_closes,asof,FALSE)"
    for place, column in enumerate((1, 2, 4, 5, 11, 6)):
        form = "@" if place == 0 else COUNT if place == 1 else "0%" if place == 5 else PERCENT
        book.table(sheet, row + 2, place, 2, 1, f'=IFERROR(INDEX({study},,{column}),"")', form)
    note = Text(
        "A claim that such stretches are followed by gains of 20 to 35 % is tested here on the source's history.",
        "有观点称此后涨幅为20%至35%;此处以数据源历史检验。",
    )
    book.text(sheet, row + 4, 0, note, font_color=GREY, font_size=9)
    return row + 5


def _credit(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Credit spreads", "信用利差"), 5)
    first, last = _FIRST, _FIRST + _DAYS - 1
    items = (
        Line(Text("High yield, percent", "高收益,百分比"), f"Data!B{last}", POINTS),
        Line(Text("CCC and lower, percent", "CCC及以下,百分比"), f"Data!C{last}", POINTS),
        Line(Text("Since", "自"), "spread_from", DATE, Text("on the Inputs sheet", "见Inputs")),
        Line(Text("High yield, change in bp", "高收益变动,bp"), _widening("BAMLH0A0HYM2"), "+0;-0"),
        Line(Text("CCC, change in bp", "CCC变动,bp"), _widening("BAMLH0A3HYC"), "+0;-0"),
        Line(Text("High yield, from its low of these days, bp", "高收益,自区间低点,bp"), f"100*(Data!B{last}-MIN(Data!B{first}:B{last}))", "+0;-0"),
    )  # fmt: skip
    row = lines(book, sheet, row + 1, items)
    dates = Place("Data", 0, first - 1, last - 1)
    series = (
        Curve("=Data!$B$3", Place("Data", 1, first - 1, last - 1), BLUE),
        Curve("=Data!$C$3", Place("Data", 2, first - 1, last - 1), ORANGE, right=True),
    )
    title = Text("Option-adjusted spreads, percent (CCC on the right)", "期权调整利差,百分比(CCC右轴)")
    alt = "Two lines: high-yield and CCC spreads over the last 60 days with a value"
    return curves(book, Drawing(sheet, "Report", row, title, alt, height=220), dates, series, "0.0", interval=10)


def _labour(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Labour", "就业"), 5)
    items = (
        Line(Text("Unemployment rate, percent", "失业率,百分比"), 'INDEX(MAC_SERIES("UNRATE",,unrate_last,FALSE,,1),1,2)', POINTS),
        Line(Text("of the month", "所属月份"), "unrate_last", DATE, Text("the last month published at the report's date", "报告日已公布的最近月份")),
        Line(Text("Sahm indicator (signal at 0.50)", "萨姆指标(0.50触发)"), _sahm("MAC_SAHM({})"), POINTS),
        Line(Text("Rate that triggers it next month", "下月触发所需失业率"), _sahm("MAC_SAHM_TRIGGER({},1)"), POINTS),
        Line(Text("The same, held for three months", "持续三个月触发所需"), _sahm("MAC_SAHM_TRIGGER({},3)"), POINTS),
        Line(Text("Layoff indicators that rise", "上升的裁员指标占比"), _layoffs(), "0%", Text("on the sheet of figures", "见Figures")),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _fed(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The next meeting of the Fed", "美联储下次会议"), 5)
    cut = "MAC_FEDWATCH(fed_futures,fed_meeting,fed_low,fed_high)"
    items = (
        Line(Text("Meeting", "会议日"), "fed_meeting", DATE, Text("futures on the Inputs sheet", "期货价格见Inputs")),
        Line(Text("Probability of a cut (CME's method)", "降息概率(CME方法)"), cut, "0.0%"),
        Line(Text("Probability of no cut", "不降息概率"), f"1-{cut}", "0.0%"),
    )
    return lines(book, sheet, row + 1, items)


def _flows(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Fund flows of the week, USD bn", "当周ETF资金流,十亿美元"), 5)
    heads = (
        Text("Largest inflows", "流入最多"),
        Text("Fund", "基金"),
        Text("As published", "公布值"),
        Text("Share", "占比"),
    )
    book.heads(sheet, row + 1, heads, left=2)
    first = _place("flows") + 1
    names, values = (f"Figures!{c}{first}:{c}{first + len(_FLOWS) - 1}" for c in "AB")
    book.table(sheet, row + 2, 0, 5, 4, f"=FLOW_TOP({names},{values},5,FALSE)", COUNT, "@", "0.0", "0%")
    row += 7
    week = "Data!G4:G29"
    items = (
        Line(Text("SPY, 5 sessions, from its shares, USD bn", "SPY近5日,由份额推算,十亿美元"), 'FLOW_ETF("SPY","5D",asof)/1E9', "0.0"),
        Line(Text("QQQ, 5 sessions, from its shares, USD bn", "QQQ近5日,由份额推算,十亿美元"), 'FLOW_ETF("QQQ","5D",asof)/1E9', "0.0"),
        Line(Text("Largest week of SPY since", "SPY当周流入为此后最大"), f'IFERROR(FLOW_SINCE(Data!E4:E29,{week}),IF(lang="zh","26周内最大","largest of 26 weeks"))', DATE),
        Line(Text("Weeks in a row with issuance of 30 bn or more", "净增发连续不低于300亿美元的周数"), f"FLOW_STREAK({_issuance()},30)", COUNT),
        Line(Text("Weeks of 40 bn or more, of those given", "其中不低于400亿美元的周数"), f'COUNTIF({_issuance()},">=40")', COUNT),
        Line(Text("Weeks in a row with net buying of SPY", "SPY连续净流入周数"), f"FLOW_STREAK({week},0)", COUNT),
        Line(Text("Down weeks (worse than -1 %) with net buying", "跌逾1%的周中净买入占比"), f'IFERROR(FLOW_DIPBUY(Data!F4:F29,{week},-0.01),"-")', "0%"),
        Line(Text("Retail behind institutions this year", "散户今年落后机构"), "FLOW_GAP(retail_return,institution_return)", PERCENT),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _companies(book: Book, sheet: Worksheet, row: int) -> None:
    book.heading(sheet, row, Text("Bankruptcies and delinquency", "破产与逾期"), 5)
    items = (
        Line(Text("Bankruptcies of large companies, year to October", "大公司破产数,年初至10月"), f"SUM({_bankruptcies()})", COUNT),
        Line(Text("Share of the two hardest-hit sectors", "最多两行业占比"), _two_sectors(), "0.0%"),
        Line(Text("Card balances 90 days late, percent", "信用卡90天以上逾期率,百分比"), f"Figures!B{_place('delinquency') + len(_DELINQUENCY)}", "0.0"),
        Line(Text("Highest since", "为此后最高"), _since(), DATE),
    )  # fmt: skip
    row = lines(book, sheet, row + 1, items)
    first = _place("bankruptcies")
    names = Place("Figures", 0, first, first + len(_BANKRUPTCIES) - 1)
    values = Place("Figures", 1, first, first + len(_BANKRUPTCIES) - 1)
    title = Text("Bankruptcies by sector, 2025 to October", "2025年至10月各行业破产数")
    alt = "Bars: bankruptcies of large companies in 2025 to October by sector"
    bars(book, Drawing(sheet, "Report", row + 1, title, alt, height=200), names, values, "0")


def _issuance() -> str:
    return f"Figures!B{_place('issuance') + 1}:B{_place('issuance') + len(_ISSUANCE)}"


def _since() -> str:
    first = _place("delinquency") + 1
    last = first + len(_DELINQUENCY) - 1
    return f"MAC_SINCE(Figures!A{first}:A{last},Figures!B{first}:B{last})"


def _figures(book: Book, sheet: Worksheet) -> None:
    """Figures of others that are no prices, each table with its origin."""
    book.text(sheet, 0, 0, Text("Figures of others", "他人数据"), bold=True, font_size=16, font_color="#1F3044")
    book.text(sheet, 1, 0, Text("Yellow cells may be changed", "黄色单元格可修改"), font_color=GREY)
    yellow = {"bg_color": INPUT_FILL, "border": 1, "border_color": "#D0C890", "font_color": "#00008B"}
    row = _place("flows") - 1
    book.heads(
        sheet, row, (Text("Fund", "基金"), Text("Flow, USD bn", "资金流,十亿美元"), "", Text("Origin", "来源")), left=1
    )
    for place, (fund, value) in enumerate(_FLOWS, row + 1):
        sheet.write_string(place, 0, fund, book.body("@"))
        sheet.write_number(place, 1, value, book.style(num_format="0.0", **yellow))
    book.text(
        sheet, row + 1, 3, Text("FactSet, week, as quoted by the report", "FactSet周数据,报告引用"), font_color=GREY
    )
    row = _place("bankruptcies") - 1
    book.heads(sheet, row, (Text("Sector", "行业"), Text("Bankruptcies", "破产数"), "", Text("Origin", "来源")), left=1)
    for place, (name, count) in enumerate(_BANKRUPTCIES, row + 1):
        book.label(sheet, place, 0, name)
        sheet.write_number(place, 1, count, book.style(num_format=COUNT, **yellow))
    origin = Text("S&P Global, as quoted by the report; its own total is 655", "标普全球,报告引用;其自身合计为655")
    book.text(sheet, row + 1, 3, origin, font_color=GREY)
    row = _place("delinquency") - 1
    book.heads(
        sheet,
        row,
        (Text("Quarter", "季度"), Text("90 days late, %", "逾期90天以上,%"), "", Text("Origin", "来源")),
        left=1,
    )
    for place, (day, value) in enumerate(_DELINQUENCY, row + 1):
        sheet.write_datetime(place, 0, dt.datetime.combine(day, dt.time()), book.style(num_format=DATE, **yellow))
        sheet.write_number(place, 1, value, book.style(num_format="0.0", **yellow))
    origin = Text("New York Fed, card balances; selected quarters", "纽约联储,信用卡余额;选取季度")
    book.text(sheet, row + 1, 3, origin, font_color=GREY)
    row = _place("layoffs") - 1
    scores = (Text("Layoff indicator", "裁员指标"), Text("Three months before", "三个月前"), Text("Now", "现在"), "")
    book.heads(sheet, row, scores, left=1)
    for place, name in enumerate(_LAYOFFS, row + 1):
        book.label(sheet, place, 0, name)
        sheet.write_number(place, 1, -1.5, book.style(num_format="0.0", **yellow))
        sheet.write_number(place, 2, 0.0, book.style(num_format="0.0", **yellow))
    origin = Text(
        "Standard scores as the report describes them (-2 to -1 before, about 0 now); its seventh indicator is not named",
        "按报告描述的标准分(此前-2至-1,现约0);第七项未列明",
    )
    book.text(sheet, row + 1 + len(_LAYOFFS), 0, origin, font_color=GREY)
    row = _place("issuance") - 1
    heads = (Text("Week", "周"), Text("Net issuance, USD bn", "净增发,十亿美元"), "", Text("Origin", "来源"))
    book.heads(sheet, row, heads, left=1)
    for place, (day, value) in enumerate(_ISSUANCE, row + 1):
        sheet.write_datetime(place, 0, dt.datetime.combine(day, dt.time()), book.style(num_format=DATE, **yellow))
        sheet.write_number(place, 1, value, book.style(num_format="0.0", **yellow))
    origin = Text("Investment Company Institute, release of 2025-10-28", "ICI,2025-10-28公布")
    book.text(sheet, row + 1, 3, origin, font_color=GREY)


def _data(book: Book, sheet: Worksheet) -> None:
    """Spreads day by day, and weeks of the S&P 500 with SPY's flows."""
    book.heads(
        sheet,
        2,
        (
            Text("Date", "日期"),
            Text("High yield", "高收益"),
            Text("CCC and lower", "CCC及以下"),
            Text("Weeks back", "周前"),
            Text("Week to", "截至周"),
            Text("S&P 500", "标普500"),
            Text("Flow into SPY", "SPY资金流"),
        ),
    )
    day = "XLR_ASOF(asof)"
    series = 'MAC_SERIES("{}",,{},FALSE,,{})'
    book.table(sheet, 3, 0, _DAYS, 2, "=" + series.format("BAMLH0A0HYM2", day, _DAYS), DATE, POINTS)
    book.table(sheet, 3, 2, _DAYS, 1, "=INDEX(" + series.format("BAMLH0A3HYC", day, _DAYS) + ",,2)", POINTS)
    last = 3 + _WEEKS
    for row in range(3, last):
        sheet.write_number(row, 3, last - 1 - row, book.style(font_color=GREY, num_format=COUNT))
    book.table(sheet, 3, 4, _WEEKS, 1, f"=XLR_ASOF({day}-7*D4:D{last})", DATE)
    book.table(sheet, 3, 5, _WEEKS, 1, f'=PX_RET("SPX","1W",E4:E{last})', PERCENT)
    book.table(sheet, 3, 6, _WEEKS, 1, f'=FLOW_ETF("SPY","1W",E4:E{last})', "#,##0")
    sheet.freeze_panes(3, 0)


def _inputs() -> tuple[Input, ...]:
    report = Text("As the report of November 2025 has it", "2025年11月报告所述")
    futures = Text("Chosen so that the probability is the printed 48.9 %", "取值使概率等于所载48.9%")
    target = Text("Target range of the Fed after the meeting of October 2025", "美联储2025年10月会议后的目标区间")
    return (
        Input("vvix_threshold", Text("VVIX threshold", "VVIX阈值"), 110, COUNT, report),
        Input("vvix_closes", Text("Closes in a row", "连续收盘数"), 5, COUNT, report),
        Input("vix_alarm", Text("VIX alarm", "VIX警戒值"), 26, COUNT, report),
        Input("spread_alarm", Text("Widening of spreads, bp", "利差走阔,bp"), 50, COUNT, report),
        Input("spread_from", Text("Spreads since", "利差起始日"), dt.date(2025, 10, 31), DATE, report),
        Input("unrate_last", Text("Last month of the unemployment rate", "失业率最近月份"), dt.date(2025, 9, 1), DATE, Text("September was published on 2025-11-20", "9月数据于2025-11-20公布")),
        Input("fed_before", Text("Futures, month before the meeting", "会议前一月期货"), 96.12, "0.0000", futures),
        Input("fed_month", Text("Futures, month of the meeting", "会议当月期货"), 96.2028, "0.0000", futures),
        Input("fed_after", Text("Futures, month after (blank: it has a meeting of its own)", "会议后一月期货(留空:该月另有会议)"), "", "0.0000", futures),
        Input("fed_meeting", Text("Meeting", "会议日"), dt.date(2025, 12, 10), DATE, target),
        Input("fed_low", Text("Target range from", "目标区间下限"), 3.75, POINTS, target),
        Input("fed_high", Text("Target range to", "目标区间上限"), 4.0, POINTS, target),
        Input("retail_return", Text("Retail portfolios, year to date", "散户组合年初至今"), -0.11, PERCENT, Text("Relative to institutions, middle of the printed -10 to -12 %", "相对机构,取所载-10%至-12%的中值")),
        Input("institution_return", Text("Institutions, year to date", "机构年初至今"), 0.0, PERCENT, Text("The base of that comparison", "上述比较的基准")),
    )  # fmt: skip


def _notes() -> tuple[Text, ...]:
    return (
        Text("A flow is the change in a fund's shares outstanding times its value the day before, as issuers publish it; who the final buyer is it does not tell.", "资金流为份额变动乘前一日净值(发行人口径),并不说明最终买方。"),
        Text("The Sahm rule compares the three-month mean of the unemployment rate with its lowest of the twelve months before; half a point more signals a recession. It needs three months without a gap: October 2025 was never surveyed, so from then until January 2026 it has no value.", "萨姆规则比较失业率三个月均值与此前十二个月最低三个月均值,高出0.5个百分点为衰退信号;2025年10月未调查,故至2026年1月无值。"),
        Text("Spreads are option-adjusted spreads of ICE BofA indices at FRED, in percent; the high-yield index and its CCC part widen by very different amounts.", "利差为FRED所载ICE BofA期权调整利差(百分比);高收益整体与CCC部分走阔幅度差异很大。"),
        Text("The event study counts only events whose following sessions lie in the data, and shows the mean of all sessions beside it; with a handful of events no difference is proof.", "事件研究仅计后续交易日已在数据内的事件,并列示无条件均值;事件数很少时差异不构成证据。"),
        Text("Probabilities of the Fed follow CME's method: the month's average rate is that before and after the meeting, weighted by days, in steps of a quarter point.", "美联储概率按CME方法:当月平均利率为会议前后利率按天数加权,步长0.25个百分点。"),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason.", "显示#N/A的单元格缺少数据;=XLR_ERRORS()给出原因。"),
        Text("For information only; not investment advice.", "仅供参考,不构成投资建议。"),
    )  # fmt: skip
