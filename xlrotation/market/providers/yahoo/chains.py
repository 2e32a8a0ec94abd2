"""Option chains from Yahoo Finance through yfinance, and what its answer says of the underlying besides."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from xlrotation.market.calendar import XNYS
from xlrotation.market.chains import Chain, believed_interest, is_monthly, known_counts, session_volume
from xlrotation.market.providers import bounds
from xlrotation.market.providers.asking import Asker, Limited, Passing, Refused, Unusable, told
from xlrotation.market.providers.protocol import down, limited
from xlrotation.market.providers.tickers import advice, why_not
from xlrotation.market.providers.yahoo.bars import is_data, own_session, prepare
from xlrotation.market.providers.yahoo.stamps import local
from xlrotation.measures.arrays import FloatArray

T = TypeVar("T")

_COUNTS = {"volume": "volume", "open_interest": "openInterest"}
"""Counts of contracts by their names in an answer, which may lack them."""

_NAMES = {"^GSPC": "^SPX"}
"""Underlyings whose options Yahoo lists under another symbol than their prices."""

_MORNING_ROOTS = ("SPX2", "NDX2", "RUT2", "VIX2")
"""How contracts begin that settle in the morning: the root, and a year that begins with 2."""

WEEKLIES_TO, MONTHLIES_TO = 45, 200
"""Days up to which weekly, and monthly, expiries are fetched: they enclose one, three and mostly six months."""


MOST_SHARES, HIGHEST_PE, APART = 1e12, 1e4, 50.0
"""Beyond these a number of shares or a multiple is no such number; the last is how far the number of shares may lie
from market value over price, which counts all classes of shares."""


@dataclass(slots=True)
class FetchedChains:
    """An answer: chains that came, what was said of their underlyings, and why the rest did not come."""

    chains: list[Chain] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)
    forward_pe: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    stopped: str = ""
    interrupted: bool = False


def fetch(
    symbols: Sequence[str],
    now: dt.datetime | None = None,
    session: Any = None,
    progress: Callable[[int, int], None] | None = None,
    asker: Asker | None = None,
    day: dt.date | None = None,
) -> FetchedChains:
    """Fetch the chains of *symbols*.

    Args:
        symbols: Tickers of the underlyings.
        now: The time that decides which session has finished; None means now.
        session: An HTTP session for yfinance to use; None means one of our own.
        progress: Called with the number of symbols done and their total.
        asker: Who asks; None makes one with default manners.
        day: The session to date the chains on; None means the last finished one.

    Returns:
        What came, and a reason per symbol that did not. Never raises for a symbol's sake.
    """
    session_day = day or XNYS.last_finished(now or dt.datetime.now(dt.UTC))
    result = FetchedChains()
    asking = asker or Asker()
    client = session or own_session()
    prepare(client)
    with asking.watched(client, is_data):
        try:
            for done, symbol in enumerate(symbols, 1):
                try:
                    if wrong := why_not(symbol):
                        result.missing[symbol] = wrong
                    else:
                        _fetch_one(symbol, session_day, asking, client, result)
                except Limited as limit:
                    result.stopped = limited(limit)
                    break
                except Refused as refusal:
                    result.missing[symbol] = advice(symbol, refusal.text)
                except Passing as error:
                    asking.failures += 1
                    result.missing[symbol] = f"{error}; run xlrotation refresh {symbol} --options later"
                    if asking.failures >= asking.manners.failures:
                        result.stopped = down(asking.failures, error)
                        break
                if progress is not None:
                    progress(done, len(symbols))
        except KeyboardInterrupt:
            result.stopped, result.interrupted = "interrupted; run xlrotation refresh --options again to go on", True
    if result.stopped:
        came = {chain.symbol for chain in result.chains}
        left = (name for name in symbols if name not in came and name not in result.missing)
        result.missing |= {name: f"{name} was not asked for: {result.stopped}" for name in left}
    return result


def _fetch_one(symbol: str, day: dt.date, asking: Asker, client: Any, result: FetchedChains) -> None:
    import yfinance

    theirs = _NAMES.get(symbol, symbol)
    ticker = yfinance.Ticker(theirs, session=client)
    listed = asking.persist(lambda: _answered(lambda: ticker.options, asking))
    expiries = list(wanted(map(dt.date.fromisoformat, listed), day))
    answers = []
    for expiry in expiries:
        ask = functools.partial(_expiry, ticker, theirs, expiry, asking)
        answers.append((expiry, asking.persist(ask)))
    remarks: list[str] = []
    try:
        chain = _chain(symbol, day, answers, remarks)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise Unusable(f"the contracts in the answer cannot be read ({type(error).__name__})") from None
    if chain is not None and (traded := _traded(answers[0][1].underlying or {})) is not None and traded < day:
        raise Unusable(f"the quotes in the answer are of {traded}, not of the session {day}")
    if chain is None:
        result.missing[symbol] = (
            f"no quotes of options in the answer; if {symbol} has options, run xlrotation refresh {symbol} --options "
            "again after the next close"
        )
    else:
        result.chains.append(chain)
        _about(symbol, answers[0][1].underlying or {}, result, remarks)
    if remarks:
        result.remarks[symbol] = remarks


def _expiry(ticker: Any, theirs: str, expiry: dt.date, asking: Asker) -> Any:
    answer = _answered(lambda: ticker.option_chain(expiry.isoformat()), asking)
    if any(frame is not None and len(frame) > bounds.CONTRACTS for frame in (answer.calls, answer.puts)):
        raise Unusable(f"the answer holds more than {bounds.CONTRACTS:,} contracts of an expiry")
    if not isinstance(answer.underlying or {}, dict):
        raise Unusable("the answer cannot be read")
    said = (answer.underlying or {}).get("symbol")
    if answer.calls is not None and str(said).upper() != theirs.upper():
        raise Passing(f"the answer is of {str(said)[:20]}, not of {theirs}")
    return answer


def _answered(ask: Callable[[], T], asking: Asker) -> T:
    """What *ask* gives, with yfinance's many exceptions as the few of ours."""
    try:
        found = ask()
    except (Passing, Refused, Limited):
        raise
    except ValueError:  # of JSON; that of requests is an OSError too
        raise Passing("a web page or half an answer came instead of data") from None
    except OSError as error:
        raise Passing(told(error)) from None
    except Exception as error:  # a malformed answer makes yfinance raise many kinds
        raise Passing(f"the answer cannot be read ({type(error).__name__})") from None
    if asking.status != 200:
        raise Passing(f"the source refused us (answer {asking.status})")
    return found


def _traded(said: Mapping[str, Any]) -> dt.date | None:
    """The day in New York of the underlying's last trade; None where the answer does not say."""
    try:
        return local(said.get("regularMarketTime"), XNYS.zone).date()
    except (TypeError, ValueError, OverflowError):
        return None


def wanted(expiries: Iterable[dt.date], day: dt.date) -> Iterable[dt.date]:
    """The expiries to fetch: all of the next weeks, then the monthly ones."""
    for expiry in expiries:
        left = (expiry - day).days
        if 0 < left <= WEEKLIES_TO or (left <= MONTHLIES_TO and left > 0 and is_monthly(expiry)):
            yield expiry


def _chain(symbol: str, day: dt.date, answers: Sequence[tuple[dt.date, Any]], remarks: list[str]) -> Chain | None:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("expiry", "strike", "call", "bid", "ask", "morning", "traded", "code", *_COUNTS)
    }
    for expiry, answer in answers:
        for call, frame in ((True, answer.calls), (False, answer.puts)):
            if frame is None or len(frame) == 0:
                continue
            count = len(frame)
            columns["expiry"].append(np.full(count, np.datetime64(expiry)))
            columns["call"].append(np.full(count, call))
            for name in ("strike", "bid", "ask"):
                columns[name].append(frame[name].to_numpy(float, na_value=np.nan))
            for name, theirs in _COUNTS.items():
                columns[name].append(_counted(frame, theirs))
            codes = frame["contractSymbol"].astype(str)
            columns["code"].append(codes.to_numpy(object))
            columns["morning"].append(np.array([code.startswith(_MORNING_ROOTS) for code in codes], bool))
            columns["traded"].append(frame["lastTradeDate"].dt.tz_localize(None).to_numpy().astype("datetime64[D]"))
    if not columns["strike"]:
        return None
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    joined = _plausible(joined, remarks)
    quoted = np.nan_to_num(joined["ask"]) > 0
    if not quoted.any():
        return None  # outside trading hours Yahoo answers zeros for every quote: no chain, and none to keep
    spot = (answers[0][1].underlying or {}).get("regularMarketPrice")
    return Chain(
        *(symbol, day),
        *(joined["expiry"], joined["strike"], joined["call"], joined["bid"], joined["ask"]),
        *(joined["morning"], joined["traded"]),
        spot=_positive(spot),
        source="Yahoo Finance",
        volume=known_counts(session_volume(joined["volume"], joined["traded"], day)),
        open_interest=_interest(joined, day, remarks),
    )


def _counted(frame: Any, name: str) -> FloatArray:
    """A column of counts of contracts, NaN where the answer has none; a count that is no number is a gap."""
    import pandas as pd

    if name not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan))


def _interest(columns: Mapping[str, Any], day: dt.date, remarks: list[str]) -> FloatArray | None:
    stated = known_counts(columns["open_interest"])
    if stated is None:
        return None
    believed = known_counts(believed_interest(stated, columns["traded"], day))
    if believed is None:
        remarks.append("an open interest of nought of options that trade; it is taken for not known")
    return believed


def _plausible(columns: dict[str, Any], remarks: list[str]) -> dict[str, Any]:
    """Contracts that are what they say they are, each once; quotes that cannot be are gaps."""
    strike, bid, ask = columns["strike"], columns["bid"], columns["ask"]
    known = np.isfinite(strike) & (strike > 0)
    for row in np.flatnonzero(known):
        tail = str(columns["code"][row])[-15:]  # YYMMDD, C or P, strike in thousandths
        side = "C" if columns["call"][row] else "P"
        if tail != f"{columns['expiry'][row].item():%y%m%d}{side}{round(strike[row] * 1000):08d}":
            known[row] = False
    seen: dict[str, int] = {}
    for row in np.flatnonzero(known):
        first = seen.setdefault(str(columns["code"][row]), int(row))
        if first != row:
            known[row] = False
            if not np.array_equal([bid[first], ask[first]], [bid[row], ask[row]], equal_nan=True):
                known[first] = False
    if dropped := int((~known).sum()):
        remarks.append(f"{dropped} contracts that contradict themselves or one another; left out")
    wrong = ~((bid >= 0) | np.isnan(bid)) | ~((ask >= 0) | np.isnan(ask)) | ((ask > 0) & (bid > ask))
    wrong |= np.isinf(bid) | np.isinf(ask)
    if (wrong & known).any():
        remarks.append(f"{int((wrong & known).sum())} quotes below zero or with a bid above the ask; left out")
    bid[wrong] = ask[wrong] = np.nan
    return {name: values[known] for name, values in columns.items()}


def _positive(value: object) -> float:
    """*value* where it is a number above zero, else NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return math.nan
    return float(value)


def _about(symbol: str, said: Mapping[str, Any], result: FetchedChains, remarks: list[str]) -> None:
    """The number of shares (from the market value where it is not said) and the forward multiple."""
    shares, multiple = _positive(said.get("sharesOutstanding")), _positive(said.get("forwardPE"))
    implied = _positive(said.get("marketCap")) / _positive(said.get("regularMarketPrice"))
    if math.isnan(shares):
        shares = implied
    if shares > MOST_SHARES or max(shares / implied, implied / shares) > APART:
        remarks.append(f"{shares:g} shares do not go with the market value; left out")
    elif not math.isnan(shares):
        result.shares[symbol] = shares
    if multiple > HIGHEST_PE:
        remarks.append(f"a forward P/E of {multiple:g}; left out")
    elif not math.isnan(multiple):
        result.forward_pe[symbol] = multiple
