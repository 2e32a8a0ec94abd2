"""Yahoo Finance through yfinance: daily bars, dividends, splits.

yfinance does what only it can do: cookies, crumbs, consent pages, a connection that looks like a browser's (curl_cffi).
The answers are read and checked here (:mod:`xlrotation.market.providers.yahoo_chart`), because what yfinance makes of
them no longer shows a wrong symbol, a day told twice, or how long a rate limit wants us to wait. Prices are asked for
unadjusted and kept as traded; the adjusted close is not used, total return is computed from the dividends.
A cell never fetches: only a refresh does.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from xlrotation.market.agreement import Block
from xlrotation.market.calendar import XNYS, Exchange, exchange_of
from xlrotation.market.providers import yahoo_chart
from xlrotation.market.providers.asking import Asker, Limited, Passing, Refused, Unusable, told
from xlrotation.market.providers.tickers import advice, why_not
from xlrotation.market.store import data_folder


@dataclass(slots=True)
class Fetched:
    """An answer: what came, and why the rest did not.

    Attributes:
        blocks: Symbol, days and fields of each that came.
        missing: Why a symbol did not come, and what to do.
        remarks: What of a symbol that came was left out or mended.
        zones: The exchange's time zone of each symbol that came.
        currencies: That of each symbol that came; None where the answer does not say.
        begins: The first session that the answer for a symbol told of, its bar good or not.
        stopped: Why the asking ended before the last symbol; empty where it did not.
        interrupted: Whether Ctrl-C ended it.
    """

    blocks: list[Block] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    currencies: dict[str, str | None] = field(default_factory=dict)
    begins: dict[str, dt.date] = field(default_factory=dict)
    stopped: str = ""
    interrupted: bool = False


def fetch(
    symbols: Sequence[str],
    start: dt.date | Mapping[str, dt.date],
    now: dt.datetime | None = None,
    session: Any = None,
    progress: Callable[[int, int], None] | None = None,
    asker: Asker | None = None,
    provisional: bool = False,
) -> Fetched:
    """Fetch daily bars from *start* to the last finished session.

    Args:
        symbols: Tickers as Yahoo writes them.
        start: First day, or that of each symbol.
        now: The time that decides which session has finished; None means now.
        session: An HTTP session for yfinance to use; None means :func:`own_session`.
        progress: Called with the number of symbols done and their total.
        asker: Who asks; None makes one with default manners.
        provisional: Whether the bar of a running session is kept.

    Returns:
        A block per symbol that came, and a reason per symbol that did not. Never raises for a symbol's sake.
    """
    present = now or dt.datetime.now(dt.UTC)
    result = Fetched()
    asking = asker or Asker()
    client = session or own_session()
    data = prepare(client)
    with asking.watched(client, is_data):
        try:
            for done, symbol in enumerate(symbols, 1):
                first = start if isinstance(start, dt.date) else start[symbol]
                exchange = exchange_of(symbol)
                running = exchange.running(present) if provisional else None
                last = running or exchange.last_finished(present)
                ask = functools.partial(_bars, data, symbol, first, last, exchange.today(present))
                if wrong := why_not(symbol):
                    result.missing[symbol] = wrong
                else:
                    _ask_for(symbol, ask, first, asking, result)
                if result.stopped:
                    break
                if progress is not None:
                    progress(done, len(symbols))
        except KeyboardInterrupt:
            result.stopped, result.interrupted = "interrupted; run xlrotation refresh again to go on", True
    if result.stopped:
        left = (name for name in symbols if not (name in result.zones or name in result.missing))
        result.missing |= {name: f"{name} was not asked for: {result.stopped}" for name in left}
    return result


def _ask_for(symbol: str, ask: Callable[[], yahoo_chart.Bars], first: dt.date, asking: Asker, result: Fetched) -> None:
    try:
        bars = asking.persist(ask)
    except Limited as limit:
        result.stopped = limited(limit)
    except Passing as error:
        asking.failures += 1
        often = "" if isinstance(error, Unusable) else f", {asking.manners.tries} times"
        result.missing[symbol] = f"{error}{often}; run xlrotation refresh {symbol} later"
        if asking.failures >= asking.manners.failures:
            result.stopped = down(asking.failures, error)
    except Refused as refusal:
        result.missing[symbol] = advice(symbol, refusal.text)
    except yahoo_chart.Pending as split:
        result.missing[symbol] = f"{split}; run xlrotation refresh {symbol} after the close of that session"
    else:
        if len(bars.days) == 0:
            result.missing[symbol] = advice(symbol, f"no bars since {first}")
        else:
            result.blocks.append((symbol, bars.days, bars.fields))
            result.zones[symbol] = bars.zone
            result.currencies[symbol] = bars.currency
            if bars.begin is not None:
                result.begins[symbol] = bars.begin
        if bars.remarks:
            result.remarks[symbol] = bars.remarks


def down(failures: int, error: Passing) -> str:
    """What to do where symbol after symbol fails."""
    return f"{failures} symbols in a row failed ({error}); check the network, then run xlrotation refresh again"


def limited(limit: Limited) -> str:
    """What to do about a rate limit."""
    minutes = max(1, math.ceil((limit.seconds or 0.0) / 60.0))
    return (
        f"the source limits requests; run xlrotation refresh again in {minutes} minute{'s' if minutes > 1 else ''}, "
        "it goes on where this one stopped"
    )


def own_session() -> Any:
    """An HTTP session: of curl_cffi, which answers as a browser does, where it is installed, else of requests."""
    return _own_session()


@functools.cache
def _own_session() -> Any:
    try:
        from curl_cffi import requests as client
    except ImportError:
        import requests

        session = requests.Session()
        session.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
        return session
    return client.Session(impersonate="chrome")


def prepare(session: Any) -> Any:
    """The client of yfinance on *session*, with a cache of our own; retries and errors are ours."""
    import yfinance
    from yfinance.config import YfConfig
    from yfinance.data import YfData

    cache = data_folder() / "cache"
    with contextlib.suppress(OSError):  # yfinance, too, does without what it cannot write
        cache.mkdir(parents=True, exist_ok=True)
    yfinance.set_tz_cache_location(str(cache))
    for name in ("yfinance", "bs4"):  # a crumb that did not come, a consent page: no news to an analyst
        logging.getLogger(name).setLevel(logging.ERROR)
    YfConfig.network.retries = 0  # we ask again ourselves
    YfConfig.debug.hide_exceptions = False
    return YfData(session=session)


def is_data(url: str) -> bool:
    """Whether an address is one of data, not of cookies and crumbs."""
    return "/v8/finance/chart/" in url or "/v7/finance/options/" in url


def running_session(now: dt.datetime, exchange: Exchange = XNYS) -> dt.date | None:
    """The session of *exchange* that has begun at *now* and whose bar is not final yet."""
    return exchange.running(now)


def _bars(data: Any, symbol: str, first: dt.date, last: dt.date, today: dt.date) -> yahoo_chart.Bars:
    from yfinance.const import _BASE_URL_
    from yfinance.exceptions import YFException

    until = today + dt.timedelta(days=2)  # beyond today in every time zone: see yahoo_chart for the splits
    asked = {
        "period1": _seconds(first - dt.timedelta(days=1)),
        "period2": _seconds(until),
        "interval": "1d",
        "includePrePost": False,
        "events": "div,splits",
    }
    try:
        answer = data.get(f"{_BASE_URL_}/v8/finance/chart/{quote(symbol, safe='^=.-')}", params=asked)
    except Refused as refusal:
        yahoo_chart.result_of(symbol, refusal.text)  # raises, mostly with Yahoo's own words
        raise Passing(f"the server answered {refusal.status}") from None
    except (Passing, Limited):
        raise
    except OSError as error:
        raise Passing(told(error)) from None
    except YFException as error:
        raise Passing(f"yfinance gave up ({error})") from None
    except Exception as error:  # a consent page that it cannot read makes yfinance raise many kinds
        raise Passing(f"yfinance stumbled ({type(error).__name__})") from None
    if answer.status_code != 200:
        raise Passing(f"the source refused us (answer {answer.status_code})")
    try:
        return yahoo_chart.read(symbol, answer.text, first, last, today)
    except (Passing, Refused, Limited, yahoo_chart.Pending):
        raise
    except Exception as error:  # one symbol's answer must not cost those that came
        raise Unusable(f"the answer cannot be read ({type(error).__name__})") from None


def _seconds(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
