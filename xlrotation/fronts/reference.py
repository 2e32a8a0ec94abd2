"""Generate the reference in two languages: every function with its arguments and an example on the sample data."""

from __future__ import annotations

import datetime as dt

from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.registry import FAMILIES, UNITS, Parameter, Spec, functions
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_formula

_ROWS_SHOWN = 4
_CHANGING = ("XLR_ERRORS", "XLR_VERSION")
_HEAD = """# Function reference

Generated from the registry by `python -m xlrotation.fronts.build`; do not edit. The results shown are those of the
**sample data**, which are synthetic paths through published figures and not market data.

An argument may be left out unless it says *required*. `asof` is the date that the answer is known at; a blank means the
newest session in the data. A range given where one value is expected fills a range of the same shape.
"""


_HEAD_ZH = """# 函数参考

由 `python -m xlrotation.fronts.build` 自函数注册表生成,请勿手工修改。
所示结果取自**示例数据**:经过已公布数字的合成路径,并非市场数据。

参数除注明*必填*者外均可省略。`asof` 为截至日期,留空为数据中最新交易日。
应填单值之处填入区域,则结果为同样形状的区域。
"""

_GIVES_ZH = {
    "return": "小数(0.0128即1.28%)",
    "share": "小数占比(0至1)",
    "price": "价格",
    "money": "货币金额",
    "index": "指数点(100为中性)",
    "ratio": "比值",
    "correlation": "-1至1",
    "number": "与所给数字同口径",
    "basis points": "基点",
    "percent": "百分比,与所给数字同口径",
    "count": "整数",
    "date": "日期",
    "text": "文字",
    "table": "表格",
}


def render() -> str:
    """The text of the English page."""
    session = Session("sample", lang="en")
    parts = [_HEAD]
    for family, (english, chinese) in FAMILIES.items():
        specs = [spec for spec in functions().values() if spec.family == family]
        if specs:
            parts.append(f"## {family}: {english} ({chinese})\n")
            parts += [_function(spec, session) for spec in specs]
    return "\n".join(parts)


def render_zh() -> str:
    """The text of the Chinese page; the definitions at length stand on the English one."""
    session = Session("sample", lang="zh")
    parts = [_HEAD_ZH]
    for family, (_, title) in FAMILIES.items():
        parts.append(f"## {family}:{title}\n")
        parts += [_function_zh(spec, session) for spec in functions().values() if spec.family == family]
    return "\n".join(parts)


def _function_zh(spec: Spec, session: Session) -> str:
    lines = [f"### {spec.name}", "", f"`{spec.signature}`", "", spec.zh, ""]
    if spec.parameters:
        lines += ["| 参数 | 可填 | 含义 |", "| --- | --- | --- |"]
        for parameter in spec.parameters:
            choices = ", ".join(f"`{choice}`" for choice in parameter.kind.choices)
            takes = " ".join(filter(None, (choices, "*必填*" if parameter.required else "")))
            lines.append(f"| `{parameter.name}` | {takes} | {_cell(parameter.zh)} |")
        lines.append("")
    lines += [f"结果:{_GIVES_ZH[spec.unit]}。", ""]
    return "\n".join([*lines, *_example(spec, session), ""])


def _function(spec: Spec, session: Session) -> str:
    lines = [f"### {spec.name}", "", f"`{spec.signature}`", "", f"{spec.summary} {spec.zh}", ""]
    if spec.description:
        lines += [spec.description, ""]
    if spec.parameters:
        lines += ["| argument | takes | meaning |", "| --- | --- | --- |"]
        lines += [f"| `{p.name}` | {_takes(p)} | {_cell(p.help)} |" for p in spec.parameters]
        lines.append("")
    lines += [f"Gives: {UNITS[spec.unit][0]}. Source: {spec.source}.", ""]
    return "\n".join([*lines, *_example(spec, session), ""])


def _takes(parameter: Parameter) -> str:
    takes = ", ".join(f"`{choice}`" for choice in parameter.kind.choices) or parameter.kind.takes
    return f"{takes}, *required*" if parameter.required else takes


def _example(spec: Spec, session: Session) -> list[str]:
    lines = ["```text", spec.example]
    if spec.name not in _CHANGING:
        result = evaluate_formula(spec.example, session)
        if isinstance(result, list):
            lines += ["  ".join(_shown(cell) for cell in row) for row in result[:_ROWS_SHOWN]]
            if len(result) > _ROWS_SHOWN:
                lines.append(f"... ({len(result)} rows)")
        else:
            lines.append(_shown(result))
    return [*lines, "```"]


def _shown(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.6g}"
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10]
    return "" if cell is None else str(cell)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
