"""What the heads of tables of option quotes mean."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.market.providers.folder.rows import Value
from xlrotation.market.symbols import fold

_HEADS = {
    "contract": ("contractsymbol", "contract", "option symbol", "optionsymbol", "occ symbol", "合约代码"),
    "expiry": ("expiration", "expiry", "expiration date", "expiration_date", "expire_date", "maturity", "到期日"),
    "strike": ("strike", "strike price", "strike_price", "行权价"),
    "kind": ("type", "right", "call/put", "cp_flag", "cp", "option type", "option_type", "call_put", "认购认沽"),
    "bid": ("bid", "best_bid", "bid price", "bid_price", "买价", "买一价"),
    "ask": ("ask", "best_offer", "best_ask", "offer", "ask price", "ask_price", "卖价", "卖一价"),
    "day": ("snap_date", "quote_date", "quote date", "quotedate", "date", "trade date", "asof", "日期"),
    "traded": ("lasttradedate", "last trade date"),
    "symbol": ("symbol", "ticker", "underlying", "underlying symbol", "underlying_symbol", "act_symbol", "代码"),
    "spot": ("spot_price", "spot", "underlying price", "underlying_price", "underlying_last", "标的价格"),
    "rate": ("rate", "risk_free_rate", "利率"),
    "volume": ("volume", "option_volume", "contract volume", "trade_volume", "成交量"),
    "open_interest": ("openinterest", "open interest", "open_interest", "open int", "oi", "持仓量"),
}
_MEANING = {text: meaning for meaning, texts in _HEADS.items() for text in texts}


def meaning(head: Value) -> str | None:
    """What a head says of option quotes: ``contract``, ``expiry``, ``strike`` and so on; None for another one."""
    return _MEANING.get(fold(str(head)))


def are_of_quotes(heads: Sequence[Value]) -> bool:
    """Whether a row of heads is that of a table of option quotes: it names a strike, a bid and an ask."""
    meanings = set(map(meaning, heads))
    return {"strike", "bid", "ask", "expiry"} <= meanings or {"strike", "bid", "ask", "contract"} <= meanings
