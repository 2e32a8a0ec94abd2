"""Small caps and value lead: the workbook after a market report of 2026-01-18.

Its tables are index returns, size and style leadership, the sectors' day and their spread, the streak of the Russell
2000 against the S&P 500, and earnings and multiples, which are inputs and not prices.
"""

from __future__ import annotations

from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import SMALL_VALUE_ROTATION
from xlrotation.market.universes import MAG7, SECTORS
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import WINDOWS, Drawing, Place, bars, returns, sectors, window_heads
from xlrotation.reports.kit import BLUE, COUNT, DATE, ORANGE, PERCENT, POINTS, Book, Input, Text

REPORT = SMALL_VALUE_ROTATION

_INDICES = (
    ("^RUT", Text("Russell 2000", "罗素2000")),
    ("^GSPC", Text("S&P 500", "标普500")),
    ("^IXIC", Text("Nasdaq Composite", "纳斯达克综合指数")),
    ("^DJI", Text("Dow Jones Industrial Average", "道琼斯工业平均指数")),
)
_LEADERSHIP = (
    (Text("Small minus large (Russell 2000 - S&P 500)", "小盘减大盘(罗素2000-标普500)"), "ROT_SIZE"),
    (Text("Value minus growth (Russell 1000 funds)", "价值减成长(罗素1000基金)"), "ROT_VALUE"),
    (Text("Equal weight minus cap weight (S&P 500)", "等权减市值加权(标普500)"), "ROT_EQUALWEIGHT"),
    (Text("Defensive minus offensive sectors", "防御减进攻板块"), "ROT_DEFENSIVE"),
)
_STREAK_DAYS = 40


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, Text(*REPORT.title), REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    data = book.sheet("Data", (14, 12, 26))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = returns(book, front, row, Text("Index returns", "指数收益率"), _INDICES)
    row = _leadership(book, front, row + 1)
    row = _sectors(book, front, row + 1)
    front.set_h_pagebreaks([row + 1])
    row = _streak(book, front, row + 1)
    _earnings(book, front, row + 1)
    _streak_data(book, data)
    book.inputs_sheet(_inputs(), MAG7)
    audit_sheet(book, REPORT)
    book.notes_sheet(_notes(), (*(ticker for ticker, _ in _INDICES), "IWD", "IWF", "RSP", "SPY", *SECTORS, *MAG7))
    book.close()


def _leadership(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Who leads", "领涨格局"), 5)
    book.heads(sheet, row + 1, (Text("Difference in return", "收益差"), "", *window_heads(WINDOWS)))
    windows = '{"1D","5D","20D","YTD"}'
    for place, (text, function) in enumerate(_LEADERSHIP):
        book.label(sheet, row + 2 + place, 0, text, place)
        book.label(sheet, row + 2 + place, 1, "", place)
        book.table(sheet, row + 2 + place, 2, 1, 4, f"={function}({windows},asof)", PERCENT)
    place = row + 2 + len(_LEADERSHIP)
    text = Text("Russell 2000 minus Magnificent 7 (equal weight)", "罗素2000减七巨头(等权)")
    book.label(sheet, place, 0, text, len(_LEADERSHIP))
    book.label(sheet, place, 1, "", len(_LEADERSHIP))
    for column, window in enumerate(WINDOWS, 2):
        formula = f'=PX_RET("^RUT","{window}",asof)-AVERAGE(PX_RET(mag7_members,"{window}",asof))'
        book.value(sheet, place, column, formula, PERCENT, len(_LEADERSHIP))
    return place + 1


def _sectors(book: Book, sheet: Worksheet, row: int) -> int:
    rows = sectors(book, sheet, row, Text("Sectors", "板块"), "1D")
    words = (
        '=IF(lang="zh","当日最好:","Best of the day: ")&ROT_SECTOR_BEST("1D",asof,lang)'
        '&IF(lang="zh",";最差:","; worst: ")&ROT_SECTOR_WORST("1D",asof,lang)'
    )
    book.value(sheet, rows.stop + 1, 0, words, "@")
    names, values = Place("Report", 0, rows.start, rows.stop - 1), Place("Report", 2, rows.start, rows.stop - 1)
    title = Text("Sector returns, 1 session", "板块收益率,1日")
    alt = "Bar chart of the day's return of each sector, best first"
    return bars(book, Drawing(sheet, "Report", rows.stop + 2, title, alt, height=300), names, values)


def _streak(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Small caps against the S&P 500, day by day", "小盘股对标普500的逐日表现"), 5)
    lines = (
        (Text("Sessions in a row that the Russell 2000 won (negative: lost)", "罗素2000连续跑赢交易日数(负数为跑输)"), 'RS_STREAK("RUT","SPX",asof)', COUNT),
        (Text("Longest since (last session of the earlier streak)", "上一次同样长的区间结束于"), 'IFERROR(RS_STREAK_SINCE("RUT","SPX",asof),IF(lang="zh","数据内无","none in the data"))', DATE),
        (Text("Chance of a run as long within a year", "一年内随机出现的概率"), 'IFERROR(RS_STREAK_PROB("RUT","SPX",asof,"1Y"),"")', "0.0%"),
        (Text("Share of sessions won, 3 months", "3个月胜率"), 'RS_HITRATE("RUT","SPX","3M",asof)', "0.0%"),
        (Text("Relative strength against its 52-week average (Mansfield)", "相对52周均值的强弱(Mansfield)"), 'RS_MANSFIELD("RUT","SPX",52,asof)', POINTS),
    )  # fmt: skip
    for place, (text, formula, number_format) in enumerate(lines):
        book.label(sheet, row + 1 + place, 0, text, place)
        book.value(sheet, row + 1 + place, 1, f"={formula}", number_format, place)
    place = row + 2 + len(lines)
    heads = (
        Text("Longest streaks in the data", "数据内最长的连续区间"),
        Text("Sessions", "交易日数"),
        Text("From", "自"),
        Text("To", "至"),
        Text("Excess return", "超额收益"),
    )
    book.heads(sheet, place, heads)
    for rank in range(1, 6):
        book.label(sheet, place + rank, 0, f"{rank}", rank)
    formula = '=RS_STREAK_TABLE("RUT","SPX",5,asof,FALSE)'
    book.table(sheet, place + 1, 1, 5, 4, formula, COUNT, DATE, DATE, PERCENT)
    title = place + 7
    text = Text("Streak of the Russell 2000 against the S&P 500, sessions", "罗素2000对标普500的连胜(负为连败),交易日")
    book.text(sheet, title, 0, text, font_color="#FFFFFF", font_size=2)
    chart = book.chart("column")
    chart.add_series(
        {
            "name": f"=Report!$A${title + 1}",
            "categories": ["Data", 1, 0, _STREAK_DAYS, 0],
            "values": ["Data", 1, 1, _STREAK_DAYS, 1],
            "fill": {"color": BLUE},
            "invert_if_negative": True,
            "invert_if_negative_color": ORANGE,
            "gap": 30,
        }
    )
    ratio = book.chart("line")
    ratio.add_series(
        {
            "name": "=Data!$C$1",
            "categories": ["Data", 1, 0, _STREAK_DAYS, 0],
            "values": ["Data", 1, 2, _STREAK_DAYS, 2],
            "line": {"color": "#1F3044", "width": 1.75},
            "y2_axis": True,
        }
    )
    chart.combine(ratio)
    chart.set_title({"name": f"=Report!$A${title + 1}", "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis(
        {"label_position": "low", "num_format": "mm-dd", "text_axis": True, "interval_unit": 4, "num_font": {"size": 8}}
    )
    chart.set_y_axis({"num_format": "0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})
    ratio.set_y2_axis({"num_format": "0.0"})
    chart.set_size({"width": 770, "height": 290})
    alt = "Columns: length of the streak on each of the last 40 sessions; line: price ratio"
    sheet.insert_chart(title, 0, chart, {"description": alt, "x_offset": 5, "y_offset": 4})
    return title + 15


def _earnings(book: Book, sheet: Worksheet, row: int) -> None:
    heading = Text("Earnings and multiples (figures of others, on the Inputs sheet)", "盈利与估值(他人数据,见Inputs)")
    book.heading(sheet, row, heading, 5)
    lines = (
        (Text("Share of negative guidance", "负面指引占比"), "guidance_negative/guidance_total", "0.0%"),
        (Text("Earnings growth, small minus large", "盈利增速差,小盘减大盘"), "growth_small-growth_large", PERCENT),
        (Text("Index level that the earnings and the multiple imply", "盈利与市盈率隐含的指数点位"), "eps*forward_pe", "#,##0"),
        (Text("S&P 500 close", "标普500收盘"), 'PX_CLOSE("SPX",asof)', "#,##0.00"),
        (Text("Multiple of that close on these earnings", "按该盈利计算的市盈率"), 'PX_CLOSE("SPX",asof)/eps', '0.0"x"'),
        (Text("Earnings that the multiple needs at that close", "该市盈率所需的每股收益"), 'PX_CLOSE("SPX",asof)/forward_pe', "0.0"),
    )  # fmt: skip
    for place, (text, formula, number_format) in enumerate(lines):
        book.label(sheet, row + 1 + place, 0, text, place)
        book.value(sheet, row + 1 + place, 1, f"={formula}", number_format, place)


def _streak_data(book: Book, sheet: Worksheet) -> None:
    """Dates, streaks and the price ratio behind the streak chart."""
    last = _STREAK_DAYS + 1
    book.heads(
        sheet,
        0,
        (Text("Date", "日期"), Text("Streak", "连续期数"), Text("Price ratio x 100 (right)", "价格比x100(右轴)")),
    )
    dates = f'=INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,{_STREAK_DAYS}),,1)'
    book.table(sheet, 1, 0, _STREAK_DAYS, 1, dates, DATE)
    book.table(sheet, 1, 1, _STREAK_DAYS, 1, f'=RS_STREAK("RUT","SPX",A2:A{last})', COUNT)
    book.table(sheet, 1, 2, _STREAK_DAYS, 1, f'=RS_RATIO("RUT","SPX",A2:A{last},100)', "0.00")
    sheet.freeze_panes(1, 0)


def _inputs() -> tuple[Input, ...]:
    factset = Text("FactSet, 2026-01-09", "FactSet,2026-01-09")
    report = Text("As quoted by the report of 2026-01-18", "2026-01-18报告引用")
    bank = Text("Goldman Sachs, as quoted by the report of 2026-01-18", "高盛,2026-01-18报告引用")
    return (
        Input("guidance_negative", Text("Companies with negative guidance", "发布负面指引的公司"), 57, COUNT, factset),
        Input("guidance_total", Text("Companies with guidance", "发布指引的公司"), 107, COUNT, factset),
        Input("growth_small", Text("Earnings growth 2026, small caps", "2026年盈利增速,小盘"), 0.19, "0.0%", report),
        Input("growth_large", Text("Earnings growth 2026, S&P 500", "2026年盈利增速,标普500"), 0.12, "0.0%", report),
        Input("eps", Text("Earnings per share 2026, S&P 500", "2026年每股收益,标普500"), 288, "0.0", bank),
        Input("forward_pe", Text("Forward multiple, S&P 500", "远期市盈率,标普500"), 22, '0.0"x"', bank),
    )


def _notes() -> tuple[Text, ...]:
    return (
        Text("Returns are close to close on the exchange's sessions, without dividends: 5 sessions means five returns.", "收益率为交易所交易日的收盘对收盘,不含股息:5日即五个日收益。"),
        Text("A streak counts sessions in which the Russell 2000 rose more, or fell less, than the S&P 500; a tie ends it.", "连续区间统计罗素2000涨幅大于(或跌幅小于)标普500的交易日;持平则中断。"),
        Text("Longest since looks back to the first session of the data only.", "“上一次同样长”仅回溯至数据起点。"),
        Text("The chance of a run takes sessions as independent, each won with the year's share of sessions won.", "概率按各交易日独立、胜率取一年内胜率计算。"),
        Text("Sectors are the eleven Select Sector SPDR funds; a market report may use another provider's sectors.", "板块为十一只Select Sector SPDR基金;市场报告可能使用其他板块口径。"),
        Text("Earnings, growth and multiples are other people's estimates; change them on the Inputs sheet.", "盈利、增速与市盈率为他人估计,可在Inputs修改。"),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason.", "显示#N/A的单元格缺少数据;=XLR_ERRORS()给出原因。"),
        Text("For information only; not investment advice.", "仅供参考,不构成投资建议。"),
    )  # fmt: skip
