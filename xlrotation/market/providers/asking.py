"""Asking a server with manners: one request after the other, patience, and a stop where it says stop.

Between two requests lies a pause. What may come right the next time is asked for again after a wait that grows
(exponential back-off with full jitter). An answer 429 is waited for as long as it demands, and after a few of them the
asking ends. The clock, the waiting and the random numbers can be replaced, so that tests do not wait.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

_TOO_MANY = (429, 999)
"""Statuses of a rate limit; 999 is Yahoo's own."""


class Passing(Exception):  # noqa: N818
    """A fault that may be gone the next time: no connection, a time-out, a server error, half an answer."""


class Refused(Exception):  # noqa: N818
    """A clear no: asking again gives the same answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"answer {status}")
        self.status = status
        self.text = text


class Limited(Exception):  # noqa: N818
    """The server limits requests; *seconds* is how long it wants us to wait, None where it does not say."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


@dataclass(slots=True)
class Manners:
    """How a server is asked; all times in seconds.

    Attributes:
        pause: From one request to the next.
        timeout: For a whole answer, however slowly it drips.
        tries: How often one thing is asked for in all.
        first_wait: Bound of the wait before the second try; it doubles with each further one.
        longest_wait: Where the doubling ends.
        limit_tries: Rate limits in a row after which the asking ends.
        limit_wait: Wait after a rate limit that states no time; doubles too.
        patience: The longest stated time that is waited for; beyond it the asking ends.
        failures: Symbols in a row that failed after which the network counts as down and the asking ends.
    """

    pause: float = 0.25
    timeout: float = 30.0
    tries: int = 4
    first_wait: float = 1.0
    longest_wait: float = 30.0
    limit_tries: int = 4
    limit_wait: float = 20.0
    patience: float = 180.0
    failures: int = 5
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: random.Random = field(default_factory=random.Random)


class Asker:
    """Asks one server; remembers when it asked last and how often it was turned away.

    Args:
        manners: How; None means the defaults.

    Attributes:
        limits: Rate limits in a row.
        failures: Things in a row that failed for good; whoever asks counts them.
        status: Status of the last answer that counts.
    """

    def __init__(self, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self.limits = 0
        self.failures = 0
        self.status = 0
        self._next = float("-inf")

    def turn(self) -> None:
        """Wait until the next request is due."""
        manners = self.manners
        left = self._next - manners.clock()
        if left > 0:
            manners.sleep(left)
        self._next = manners.clock() + manners.pause

    def persist(self, send: Callable[[], T]) -> T:
        """What *send* gives, tried again with growing waits where it raises :class:`Passing` or :class:`Limited`.

        Raises:
            Passing: It failed every time; says why the last time.
            Refused: *send* raised it.
            Limited: The server keeps on limiting requests, or wants a longer wait than there is patience for.
        """
        manners = self.manners
        failed = 0
        while True:
            try:
                answer = send()
            except Limited as limit:
                self.limits += 1
                if self.limits >= manners.limit_tries or (limit.seconds or 0.0) > manners.patience:
                    raise Limited(limit.seconds or self._limit_wait()) from None
                manners.sleep(self._after(limit.seconds))
            except Passing:
                failed += 1
                if failed >= manners.tries:
                    raise
                bound = min(manners.longest_wait, manners.first_wait * 2.0 ** (failed - 1))
                manners.sleep(manners.random.uniform(0.0, bound))
            else:
                self.limits = self.failures = 0
                return answer

    def _limit_wait(self) -> float:
        return min(self.manners.patience, self.manners.limit_wait * 2.0 ** max(0, self.limits - 1))

    def _after(self, stated: float | None) -> float:
        """Never before the stated time; a little later by chance, so that many clients do not come back at once."""
        bound = self._limit_wait()
        if stated is None:
            return self.manners.random.uniform(bound / 2.0, bound)
        return stated + self.manners.random.uniform(0.0, 1.0 + 0.1 * stated)

    def get(self, session: Any, url: str, **options: Any) -> Any:
        """One request by *session*, as :meth:`watched` makes them; the answer has the status 200.

        Raises:
            Passing, Refused, Limited: As their names say.
        """
        try:
            answer = self._send(session.request, "GET", url, options)
        except OSError as error:  # what both requests and curl_cffi raise
            raise Passing(told(error)) from None
        judge(answer)
        if answer.status_code != 200:
            raise Passing(f"the server answered {answer.status_code}")
        return answer

    @contextlib.contextmanager
    def watched(self, session: Any, data: Callable[[str], bool]) -> Iterator[None]:
        """Let every request of *session* wait for its turn, end in time, and have its status judged.

        The request method of this one object is replaced meanwhile: a client such as yfinance then keeps all its own
        ways and still sees neither a rate limit nor a server error, which it would answer with further requests.

        Args:
            session: A session of requests or curl_cffi.
            data: Whether an address is one whose answer counts; cookies and crumbs are the client's own affair.
        """
        send = session.request

        def request(method: str, url: str, **options: Any) -> Any:
            answer = self._send(send, method, url, options)
            if data(url):
                self.status = int(answer.status_code)
                judge(answer)
            return answer

        session.request = request
        try:
            yield
        finally:
            del session.request

    def _send(self, send: Callable[..., Any], method: str, url: str, options: Mapping[str, Any]) -> Any:
        self.turn()
        limit = self.manners.timeout
        if not _is_requests(send):  # the time of curl_cffi is one for the whole answer
            return send(method, url, **{**options, "timeout": limit})
        answer = send(method, url, **{**options, "timeout": limit, "stream": True})
        _read_within(answer, limit)
        return answer


def judge(answer: Any) -> None:
    """Raise what the status of *answer* means; 401 and 403 pass, because a new cookie may help.

    Raises:
        Passing, Refused, Limited: As their names say.
    """
    status = int(answer.status_code)
    if status in _TOO_MANY:
        raise Limited(retry_after(answer.headers))
    if status >= 500 or status == 408:
        raise Passing(f"the server answered {status}")
    if status >= 400 and status not in (401, 403):
        raise Refused(status, answer.text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the header Retry-After demands, as a number or a date; None where it says nothing readable."""
    said = {name.lower(): value for name, value in headers.items()}
    text = (said.get("retry-after") or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
        now = email.utils.parsedate_to_datetime(said["date"]) if "date" in said else dt.datetime.now(dt.UTC)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def told(error: BaseException) -> str:
    """What went wrong with a connection, in a few words."""
    name = type(error).__name__
    if "timeout" in name.lower() or "timed out" in str(error).lower():
        return "no answer in time"
    if "dns" in name.lower() or "resolve" in str(error).lower():
        return "the server's name was not found"
    if "ssl" in name.lower() or "certificate" in str(error).lower():
        return "the connection is not secure"
    return "the connection broke"


def _is_requests(send: Callable[..., Any]) -> bool:
    import requests

    return isinstance(getattr(send, "__self__", None), requests.Session)


def _read_within(answer: Any, limit: float) -> None:
    """Read the body of an answer of requests, whose own time-out is for each piece and never ends a slow drip."""
    import urllib3

    end = time.monotonic() + limit
    pieces = []
    try:
        while piece := answer.raw.read1(1 << 16, decode_content=True):
            pieces.append(piece)
            if time.monotonic() > end:
                raise TimeoutError("timed out")
    except urllib3.exceptions.HTTPError as error:
        raise ConnectionError(told(error)) from None
    finally:
        answer.close()
    body = b"".join(pieces)
    stated = answer.headers.get("Content-Length", "")
    if stated.isdecimal() and "Content-Encoding" not in answer.headers and len(body) < int(stated):
        raise ConnectionError("the answer was cut off")
    answer._content, answer._content_consumed = body, True
