"""Words in both languages: table heads and the terms that results use."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "date": ("Date", "日期"),
    "symbol": ("Symbol", "代码"),
    "sector": ("Sector", "板块"),
    "name": ("Name", "名称"),
    "return": ("Return", "收益率"),
    "rank": ("Rank", "排名"),
    "length": ("Sessions", "交易日数"),
    "start": ("First session", "起始日"),
    "end": ("Last session", "结束日"),
    "excess": ("Excess return", "超额收益"),
    "rs_ratio": ("RS-Ratio", "RS比率"),
    "rs_momentum": ("RS-Momentum", "RS动量"),
    "quadrant": ("Quadrant", "象限"),
    "leading": ("Leading", "领先"),
    "weakening": ("Weakening", "转弱"),
    "lagging": ("Lagging", "落后"),
    "improving": ("Improving", "改善"),
    "item": ("Item", "项目"),
    "value": ("Value", "数值"),
    "when": ("When", "时间"),
    "function": ("Function", "函数"),
    "arguments": ("Arguments", "参数"),
    "error": ("Error", "错误"),
    "reason": ("Reason and advice", "原因与建议"),
    "category": ("Category", "类别"),
    "summary": ("Summary", "说明"),
    "source": ("Source", "数据源"),
    "newest": ("Newest session", "最新交易日"),
    "first": ("First session", "最早交易日"),
    "symbols": ("Symbols", "代码数"),
    "refreshed": ("Last refresh", "最近更新"),
    "stale": ("Stale symbols", "过期代码"),
    "missing": ("Missing symbols", "缺失代码"),
    "notice": ("Notice", "提示"),
    "remarks": ("Remarks", "备注"),
    "none": ("none", "无"),
    "provider": ("Provider", "提供方"),
    "fetched": ("Fetched", "获取时间"),
    "adjusted": ("Adjustment", "复权方式"),
    "default": ("Default", "默认值"),
    "definition": ("Definition", "定义"),
    "returns": ("Gives", "结果"),
    "example": ("Example", "示例"),
    "share": ("Share", "占比"),
    "advancing": ("Advancing", "上涨"),
    "declining": ("Declining", "下跌"),
    "unchanged": ("Unchanged", "持平"),
    "ratio": ("Ratio", "比率"),
    "range": ("Best minus worst", "最好减最差"),
    "member_vol": ("Single-stock volatility (root of mean variance)", "个股波动率(平均方差的平方根)"),
    "index_vol": ("Index volatility", "指数波动率"),
    "correlation": ("Correlation", "相关性"),
    "cancelled": ("Share of single-stock variance that cancels", "被抵消的个股方差占比"),
    "index": ("Index", "指数"),
    "leg": ("Leg", "交易腿"),
    "volatility": ("Volatility", "波动率"),
    "vega": ("Vega", "Vega"),
    "variance_notional": ("Variance notional", "方差名义额"),
    "units": ("Unit", "单位"),
}


def word(key: str, lang: str) -> str:
    """*key* in English (``en``) or Chinese (``zh``); the key itself where the table has none."""
    pair = WORDS.get(key)
    if pair is None:
        return key
    return pair[1] if lang == "zh" else pair[0]
