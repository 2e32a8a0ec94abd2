"""Reasons in the session's language."""

import ast
import re
from pathlib import Path

import pytest

from xlrotation.functions import families
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session

ROOT = Path(families.__file__).parent

SAID = [
    (("PX_RET", "XLK", "近20块"), "'近20块'不是窗口；窗口为交易日数"),
    (("PX_RET", "20D", "XLK"), '数据中没有代码\'20D\'；请输入代码；参数symbol与window是否颠倒？PX_RET("XLK","20D")'),
    (("PX_RET", "XLKK"), "数据中没有代码'XLKK'；是否指"),
    (("PX_RET", "XLK", "99Y"), "早于数据的首个交易日2023-01-03"),
    (("PX_RET", "XLK", 5000), "5000D需要5001个交易日；数据有782个，自2023-01-03起"),
    (("PX_RET", "XLK", None, "某日"), "'某日'不是日期；请给出日期单元格"),
    (("PX_RET", "XLK", None, "2010-01-01"), "2010-01-01早于数据的首个交易日2023-01-03；请给出更晚的日期"),
    (("PX_RET", "XLK", None, None, "zh"), "'zh'不在可选项之中；请给出price或total"),
    (("PX_MA", "XLK", 1.5), "1.5不是整数；请给出1至100000之间的整数"),
    (("PX_MA", "XLK", "3M"), "'3M'不是交易日数；请给出如50或50D"),
    (("PX_CLOSE", [["XLK"], [None]]), "参数symbol的区域中有空单元格；请填写或缩短区域"),
    (("PX_CLOSE", 5.0), "5不是代码"),
    (("BRD_ABOVE_MA", "SPX"), "'SPX'即^GSPC，为指数或基金，而数据中没有其成分；现有"),
    (("UNI_MEMBERS", "MAG7:Energy"), "MAG7中没有成分已知属于板块Energy；其板块为Technology"),
    (("UNI_MEMBERS", "MAG7-MAG7"), "MAG7-MAG7在2026-02-13没有成分：已无剩余"),
    (("UNI_MEMBERS", "MAG7+"), "'MAG7+'的符号旁缺少名单；请写SP500:Technology"),
    (("BRD_ZBT", "SP50", "1D"), "截至2026-02-13，SP50在1D内没有广度推力信号"),
    (("BRD_ABOVE_MA", "MAG6"), "没有成分列表'MAG6'；是否指MAG7？；现有"),
    (("DISP_INDEX_CALC", 15.86, [[36.7]], [[1]]), "vols 36.7即波动率3670%；是否指0.367？"),
    (("VOL_BS_PRICE",), "VOL_BS_PRICE需要参数vol："),
    (("ROT_SECTOR_RETURN",), "没有函数'ROT_SECTOR_RETURN'；是否指ROT_SECTOR_RET"),
    (("VOL_IMPLIED", "SPX", "1 mouth"), "'1 mouth'不是期限；期限为"),
    (("VOL_IMPLIED", "SPX", "1M", "2026-02-10"), "2026-02-10没有^GSPC的期权链；此前最近的为2026-02-09；VIX为0.1779"),
    (("PX_RET", [[-37.0], [10.0], [12.0]], 2), "负数的收益率没有意义"),
    (("DISP_PCTILE", "XLKK"), "也不能用作代码：数据中没有代码'XLKK'"),
    (("VOL_REALIZED", "XLK", "1M", None, "zh"), "请给出CC、EWMA、PARKINSON、GK、RS或YZ"),
    (("VAL_PE", 100), "VAL_PE需要参数eps："),
    (("VAL_DISCOUNT", -15, 20), "a -15：负的倍数在此没有意义"),
    (("DISP_IMPLCORR_CALC", 0.2, [[-0.3], [0.2]], [[0.5], [0.5]]), "row 1 of vols: -0.3是负的波动率"),
]


@pytest.mark.parametrize(("call", "told"), SAID)
def test_reasons_come_in_the_language_of_the_session(sample, call, told):
    chinese = Session(sample.source, lang="zh")
    english = Session(sample.source, lang="en")
    assert chinese.call(*call) == english.call(*call)
    assert told in chinese.failures[-1].reason
    reason = english.failures[-1].reason
    plain = re.sub(r"'[^']*'", "", reason)  # what the user typed stays in its own script
    assert not re.search("[\u4e00-\u9fff]", plain.replace("科技", ""))


def test_remarks_come_in_it_too(sample):
    chinese = Session(sample.source, lang="zh")
    chinese.call("PX_RET", [[100.0], ["n/a"], [101.0], [103.0]], 1)
    assert list(chinese.remarks) == ["数字中的文字按缺失处理：'n/a'"]
    assert chinese.call("XLR_ERRORS", 5, False)[0][1:] == ["备注", "", "", "数字中的文字按缺失处理：'n/a'"]


def test_todays_members_are_told_in_it(sample):
    chinese = Session(sample.source, lang="zh")
    chinese.call("BRD_AD", "SP50", "2024-06-28")
    assert list(chinese.remarks) == [
        "SP50在2024-06-28用的是当前成分：数据未说明当时的成分；请提供含universe、symbol、from、to各列的universes.csv"
    ]


def test_what_has_no_words_stays_as_it_is():
    assert told_in("something that nobody translated; type a ticker", "zh") == (
        "something that nobody translated；请输入代码"
    )


_WRONG = ("nonsense!!", -5.0, 0.0, 1e9, True, "1900-01-05", "20D", [["a"], ["b"]], [[-1.0], [2.0], [-3.0]])
_ENGLISH = re.compile(r"[a-z]{3,}(?:[ ,]+[a-z]+){2,}", re.IGNORECASE)
"""Three English words in a row."""


@pytest.mark.parametrize("name", sorted(set(functions()) - {"XLR_ERRORS"}))
def test_wrong_arguments_of_every_function_are_told_in_chinese(sample, name):
    chinese = Session(sample.source, lang="zh")
    parameters = functions()[name].parameters
    for place in range(len(parameters)):
        for wrong in _WRONG:
            for filled in (None, 0.2):
                cells = [filled if parameter.required else None for parameter in parameters]
                cells[place] = wrong
                chinese.call(name, *cells)
    for told in {failure.reason for failure in chinese.failures} | set(chinese.remarks):
        for part in re.split("[;；]", told):
            plain = re.sub(
                r"'[^']*'|[A-Z0-9_]+(?:, [A-Z0-9_]+)+|xlrotation refresh [^;]*|[a-z_]+(?:, [a-z_]+)+", "", part
            )
            assert not _ENGLISH.search(plain), part


FAMILIES = ("brd", "disp", "flow", "mac", "px", "rot", "rs", "uni", "vol", "windowed.py", "periods.py", "columns.py")
ERRORS = ("NoData", "BadArgument", "OutOfDomain", "DividedByZero", "tell")
WORDS_PUT_IN = {  # places in which words of the language stand, as they are put in
    "no member of 7 7 on 7, so that there is no ratio": "no member of X rose on 7, so that there is no ratio",
    "the 7 members of 7 traded nothing on 7": "the rising members of X traded nothing on 7",
    "the values of 7 begin on 7, within the window 7: 7 count": (
        "the values of X begin on 7, within the window 1Y: 3 of its 5 sessions count"
    ),
    "the data hold 7": "the data hold none up to the as-of date",
    "no earlier close of 7 as 7 since the data begin on 7 for 7": (
        "no earlier close of X as high since the data begin on 7 for X"
    ),
    "a rotation graph of length 7 needs 7 7": "a rotation graph of length 7 needs 7 sessions",
    "the return of 7 over 7 is that of 7: no return or no weight of 7": (
        "the return of X over 7 is that of 2 of its 3 members: no return or no weight of Y"
    ),
    "no call on 7 7 at 7: puts cannot be divided by calls": (
        "no call on X is open at 7: puts cannot be divided by calls"
    ),
    "the chain of 7 at 7 states the 7 of 7": "the chain of X at 7 states the volume of no option",
    "7 of 7 options on 7 at 7 lack their 7": "7 of 9 options on X at 7 lack their volume",
    "the closes of 7 begin 7, within the window 7: 7 count": (
        "the closes of X begin on 7, within the window 1Y: 3 of its 5 sessions count"
    ),
}


def said(node: ast.expr) -> str:
    """A text of the code, 7 in the places of what is put in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_what_functions_tell_has_words_in_chinese():
    """No reason or remark of a function on markets is English under Chinese."""
    files = [file for name in FAMILIES for file in sorted((ROOT / name).rglob("*.py") or [])] + [
        ROOT / name for name in FAMILIES if name.endswith(".py")
    ]
    seen, lacking = 0, []
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for part in said(node.args[0]).split("; ") if name in ERRORS else ():
                part = WORDS_PUT_IN.get(part, part)
                seen += 1
                if re.search("[a-z]{2,} [a-z]{2,} [a-z]", part) and told_in(part, "zh") == part:
                    lacking.append((file.name, node.lineno, part))
    assert seen > 200
    assert not lacking


def test_the_record_of_remarks_is_in_the_language_asked_for(sample):
    """Whatever the language of the session; the record is of what was told, not of its words."""
    for lang in ("en", "zh"):
        session = Session(sample.source, lang=lang)
        session.call("PX_RECORDS", "SPX")
        told = {each: session.call("XLR_ERRORS", 5, False, each)[0][4] for each in ("en", "zh")}
        assert told["en"] == "record closes of ^GSPC are those since its closes begin, 2023-01-03"
        assert told["zh"] == "^GSPC的收盘纪录自其收盘价的起点2023-01-03算起"
        assert told[lang] in session.remarks
        session.call("PX_TABLE", [["SPX"], ["VIX"]], "CLOSE VOLUME")
        assert not re.search("[\u4e00-\u9fff]", session.call("XLR_ERRORS", 1, False, "en")[0][4])
