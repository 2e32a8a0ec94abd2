"""Yahoo Finance through yfinance: daily bars, dividends, splits.

yfinance does what only it can do: cookies, crumbs, consent pages, a connection that looks like a browser's (curl_cffi).
The answers are read and checked here (:mod:`xlrotation.market.providers.yahoo.chart`), because what yfinance makes of
them no longer shows a wrong symbol, a day told twice, or how long a rate limit wants us to wait. Prices are asked for
unadjusted and kept as traded; the adjusted close is not used, total return is computed from the dividends.
A cell never fetches: only a refresh does.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from xlrotation.market.calendar import XNYS, Exchange, Trading, exchange_of
from xlrotation.market.places import data_folder
from xlrotation.market.providers.asking import Asker, Limited, Passing, Refused, Unusable, told
from xlrotation.market.providers.bars import Bars, Pending
from xlrotation.market.providers.protocol import Fetched, ask_each
from xlrotation.market.providers.tickers import advice
from xlrotation.market.providers.yahoo import chart as yahoo_chart


def fetch(
    symbols: Sequence[str],
    start: dt.date | Mapping[str, dt.date],
    now: dt.datetime | None = None,
    session: Any = None,
    progress: Callable[[int, int], None] | None = None,
    asker: Asker | None = None,
    provisional: bool = False,
    trading: Trading = exchange_of,
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
        trading: On whose sessions a symbol lives.

    Returns:
        A block per symbol that came, and a reason per symbol that did not. Never raises for a symbol's sake.
    """
    present = now or dt.datetime.now(dt.UTC)
    asking = asker or Asker()
    client = session or own_session()
    ask = functools.partial(_bars, prepare(client))
    with asking.watched(client, is_data):
        return ask_each(ask, symbols, start, present, progress, asking, provisional, advice, trading)


class Yahoo:
    """Yahoo Finance as a provider of daily bars."""

    key = "yahoo"
    name = "Yahoo Finance"
    adjusted = "as traded; splits and dividends from Yahoo"
    as_traded = True
    symbols: tuple[str, ...] = ()
    fetch = staticmethod(fetch)
    advice = staticmethod(advice)

    def has(self, symbol: str) -> bool:  # noqa: ARG002
        """Whatever is a ticker may be one of Yahoo's."""
        return True


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


def _bars(data: Any, symbol: str, first: dt.date, last: dt.date, today: dt.date, exchange: Exchange) -> Bars:
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
        return yahoo_chart.read(symbol, answer.text, first, last, today, exchange)
    except (Passing, Refused, Limited, Pending):
        raise
    except Exception as error:  # one symbol's answer must not cost those that came
        raise Unusable(f"the answer cannot be read ({type(error).__name__})") from None


def _seconds(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
