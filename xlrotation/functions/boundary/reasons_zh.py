"""Reasons in Chinese, as pairs of what is said in English and how it is put.

A reason is put together from parts with semicolons between them. Each part that a pair fits is put in Chinese; one that
none fits stays as it is, so that nothing is lost.
"""

from __future__ import annotations

import functools
import re

_PAIRS: tuple[tuple[str, str], ...] = (
    # arguments
    (r"(.+) is no window", r"\1不是窗口"),
    (
        r"a window is a number of sessions \(20 or 20D\), (.+) or a date such as (\S+)",
        r"窗口为交易日数(20或20D)、\1或日期(如\2);也可写作近20日、一个月、今年以来、本周",
    ),
    (r"a window of (.+) sessions", r"窗口为\1个交易日"),
    (r"a window of (.+)", r"窗口为\1"),
    (r"(.+) is no tenor", r"\1不是期限"),
    (r"a tenor is (.+), or a number of calendar days such as 30", r"期限为\1,或日历天数(如30)"),
    (r"(.+) is no number of sessions", r"\1不是交易日数"),
    (r"(.+) is no number of weeks", r"\1不是周数"),
    (r"give one such as (.+)", r"请给出如\1"),
    (r"(.+) is no date", r"\1不是日期"),
    (
        r"give a date cell or a text with the year first, such as (\S+)",
        r"请给出日期单元格或年份在前的文字,如\1",
    ),
    (r"(.+) is no day of the calendar", r"\1不是日历上的日子"),
    (r"give a date such as (\S+)", r"请给出如\1的日期"),
    (r"(.+) is none of the choices", r"\1不在可选项之中"),
    (r"(.+) is out of bounds", r"\1超出范围"),
    (r"give a number from (\S+) to (\S+)", r"请给出\1至\2之间的数"),
    (r"give a number of at least (\S+)", r"请给出不小于\1的数"),
    (r"give a number of at most (\S+)", r"请给出不大于\1的数"),
    (r"give one from (\S+) to (\S+)", r"请给出\1至\2之间的整数"),
    (r"give one of at least (\S+)", r"请给出不小于\1的整数"),
    (r"(.+) is no whole number", r"\1不是整数"),
    (r"(.+) is no number", r"\1不是数字"),
    (r"give one", r"请给出一个"),
    (r"(.+) is neither TRUE nor FALSE", r"\1既非TRUE也非FALSE"),
    (r"(.+) is no text", r"\1不是文字"),
    (r"a range without a number", r"区域中没有数字"),
    (r"give a column of numbers", r"请给出一列数字"),
    (r"a range of (\d+) by (\d+) cells where one column is expected", r"此处应为一列,而区域为\1×\2个单元格"),
    (r"a blank cell in the range of (\w+)", r"参数\1的区域中有空单元格"),
    (r"fill it or shorten the range", r"请填写或缩短区域"),
    (r"among numbers a text is a gap: (.+)", r"数字中的文字按缺失处理:\1"),
    (r"(\w+) takes at most (\d+) arguments: (.+)", r"\1最多有\2个参数:\3"),
    (r"are (\w+) and (\w+) swapped\? ?(.*)", r"参数\1与\2是否颠倒?\3"),
    (r"it would fit (\w+), argument (\d+) of (.+)", r"它适合参数\1,即\3的第\2个参数"),
    (r"no function (.+)", r"没有函数\1"),
    (r"XLR_FUNCTIONS\(\) lists our functions", r"XLR_FUNCTIONS()列出全部函数"),
    (r"a text needs quotes: (.+)", r"文字须加引号:\1"),
    (r"the quotes are not straight", r"引号不是直引号"),
    (r"type a ticker", r"请输入代码"),
    (r"type (.+)", r"请输入\1"),
    (r"give (\S+(?: or \S+)+)", r"请给出\1"),
    # symbols and universes
    (r"no symbol (.+) in the data", r"数据中没有代码\1"),
    (r"the data hold no (\S+)", r"数据中没有\1"),
    (r"XLR_STATUS\(\) lists what they hold", r"XLR_STATUS()列出数据所含内容"),
    (r"(.+) is no symbol", r"\1不是代码"),
    (r"give a ticker such as XLK, or a column of numbers", r"请给出如XLK的代码,或一列数字"),
    (r"(.+) is no sector", r"\1不是板块"),
    (r"give one such as XLK or 科技, or use PX_RET for any symbol", r"请给出如XLK或科技的板块,其他代码请用PX_RET"),
    (r"no universe (.+)", r"没有成分列表\1"),
    (r"there are (.+)", r"现有\1"),
    (r"or give a range of symbols", r"或给出代码区域"),
    (
        r"(.+) is (\S+), an index or a fund, and the data do not bring its members",
        r"\1即\2,为指数或基金,而数据中没有其成分",
    ),
    (r"give a universe such as SECTORS, or a range of symbols", r"请给出如SECTORS的成分列表,或代码区域"),
    (r"a range without a symbol", r"区域中没有代码"),
    (r"did you mean (.+)\?", r"是否指\1?"),
    # data
    (r"(.+) has no (\w+) on (\S+)", r"\1在\3没有\2"),
    (r"its closes run from (\S+) to (\S+)", r"其收盘价自\1至\2"),
    (r"it has none up to (\S+)", r"截至\1没有任何数值"),
    (r"it has none at all", r"没有任何数值"),
    (r"(.+) has no close that early", r"\1在那么早没有收盘价"),
    (r"(\S+) needs (\d+) sessions", r"\1需要\2个交易日"),
    (r"there are (\d+)", r"现有\1个"),
    (r"the data have (\d+), from (\S+)", r"数据有\1个,自\2起"),
    (r"the data have (\d+)", r"数据有\1个"),
    (r"(\S+) needs (\d+) closes", r"\1需要\2个收盘价"),
    (r"(\S+) needs (\d+) numbers", r"\1需要\2个数"),
    (r"the column has (\d+)", r"该列有\1个"),
    (r"shorten the window", r"请缩短窗口"),
    (r"widen the window", r"请放宽窗口"),
    (r"change the window", r"请更换窗口"),
    (r"(\S+) begins on (\S+), before the first session of the data, (\S+)", r"\1自\2起,早于数据的首个交易日\3"),
    (r"the window begins on (\S+), after the as-of session (\S+)", r"窗口自\1起,晚于截至交易日\2"),
    (r"give an earlier date", r"请给出更早的日期"),
    (r"(\S+) is after the as-of date (\S+), and nothing after that is shown", r"\1晚于截至日期\2,其后的数据不予显示"),
    (r"(\S+) is before the first session of the data, (\S+)", r"\1早于数据的首个交易日\2"),
    (r"give a later date", r"请给出更晚的日期"),
    (r"a column of numbers has no dates for the window (\S+)", r"数列没有日期,不能用窗口\1"),
    (r"give a number of rows", r"请给出行数"),
    (r"a column of numbers has no dates", r"数列没有日期"),
    (r"give a symbol", r"请给出代码"),
    (r"(.+) has (\d+) sessions up to then", r"\1截至当日有\2个交易日"),
    (r"an average of (\d+) needs more", r"\1日均线需要更多"),
    (r"lower n", r"请减小n"),
    (r"no member of (.+) has a return over (\S+): (.+)", r"\1中没有成分有\2的收益率:\3"),
    (r"no option chain of (\S+) at (\S+)", r"\2没有\1的期权链"),
    (r"the last one before is of (\S+)", r"此前最近的为\1"),
    (r"the data hold no option chain of (\S+) up to (\S+)", r"截至\2,数据中没有\1的期权链"),
    (r"refresh with --options", r"请用--options刷新"),
    (r"(.+) would give (\S+): set fallback to TRUE to let it stand in", r"\1为\2:将fallback设为TRUE即可代替"),
    (
        r"(.+), a model-free volatility index, stands in for the (?:at the money|model-free) volatility of (\S+) at "
        r"(\S+): (.+)",
        r"\1(无模型波动率指数)代替\2在\3的隐含波动率:\4",
    ),
    (
        r"the closes of (.+) did not move (.+): a volatility over them says nothing of the market",
        r"\1的收盘价不变(\2),其波动率不反映市场",
    ),
    # units
    (r"(.+) (\S+) is a volatility of (\S+)", r"\1 \2即波动率\3"),
    (r"(\w+): a volatility of (\S+) is negative", r"\1:波动率\2为负"),
    (r"(\w+) (\S+) is a rate of (\S+)", r"\1 \2即利率\3"),
    (r"(.+) (\S+) is a rate, not the price of a future", r"\1 \2是利率而非期货价格"),
    (r"(\w+) (\S+) is a level in index points", r"\1 \2应为指数点"),
    (r"(\w+) (\S+) is growth of (\S+)", r"\1 \2即增长\3"),
    (r"(\w+) (\S+) in row (\d+) is a return of (\S+)", r"\1第\3行\2即收益率\4"),
    (r"(\w+) are rates in percent, and (\S+) stands last", r"\1为百分数,末值为\2"),
    (r"from (\S+) to (\S+): a return on a negative number means nothing", r"由\1至\2:负数的收益率没有意义"),
    (r"the weights add up to (\S+), not to 1, and are divided by their sum", r"权重之和为\1而非1,已除以其和"),
    (r"the base of the return is zero", r"收益率的基数为零"),
)

_NEEDS = re.compile(r"(\w+) needs (\w+): .+", re.DOTALL)
_COMPILED = [(re.compile(english, re.DOTALL), chinese) for english, chinese in _PAIRS]


@functools.lru_cache(maxsize=2000)
def in_chinese(reason: str) -> str:
    """*reason* in Chinese, as far as there are words for it."""
    if needs := _NEEDS.fullmatch(reason):
        return f"{needs[1]}需要参数{needs[2]}"
    return ";".join(_part(part) for part in reason.split("; "))


def _part(part: str) -> str:
    for pattern, chinese in _COMPILED:
        if found := pattern.fullmatch(part):
            return found.expand(chinese)
    return part
