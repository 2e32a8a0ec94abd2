"""Asking a server with manners: one request after the other, patience, and a stop where it says stop.

Between two requests lies a pause. What may come right the next time is asked for again after a wait that grows
(exponential back-off with full jitter). An answer 429 is waited for as long as it demands, and after a few of them the
asking ends. The clock, the waiting and the random numbers can be replaced, so that tests do not wait.

An answer is taken in pieces, unpacked as it comes, and never beyond a bound of bytes and of time, with those that only
lead elsewhere and those of cookies included.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import queue
import random
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from xlrotation.market.providers import bounds

T = TypeVar("T")

_PIECE = 1 << 16

_TOO_MANY = (429, 999)
"""Statuses of a rate limit; 999 is Yahoo's own."""


class Passing(Exception):  # noqa: N818
    """A fault that may be gone the next time: no connection, a time-out, a server error, half an answer."""


class Unusable(Passing):
    """A whole answer that cannot be what was asked for; asking again at once would bring the same."""


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
            except Passing as error:
                failed += 1
                if failed >= manners.tries or isinstance(error, Unusable):
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
        if not _is_requests(send):
            return _by_curl(send, method, url, {**options, "timeout": limit})  # its time is one for the whole answer
        end = time.monotonic() + limit

        def read(answer: Any, **_: Any) -> None:
            _read_within(answer, end)

        asked = {
            **options,
            "timeout": limit,
            "stream": True,
            "hooks": {"response": read},  # for every answer, also one that leads elsewhere, before requests reads it
            "headers": {**(options.get("headers") or {}), "Accept-Encoding": "gzip, deflate"},  # what we can unpack
        }
        return _in_time(limit, lambda: send(method, url, **asked))


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
        return min(float(text), bounds.LONGEST_WAIT)
    try:
        until = email.utils.parsedate_to_datetime(text)
        now = email.utils.parsedate_to_datetime(said["date"]) if "date" in said else dt.datetime.now(dt.UTC)
        return min(max(0.0, (until - now).total_seconds()), bounds.LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
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


def _in_time(limit: float, ask: Callable[[], T]) -> T:
    """What *ask* gives; the time-outs of requests are for each piece, and headers that drip never meet one.

    Raises:
        TimeoutError: It has not come within *limit* seconds; the thread that waits for it ends with its connection.
    """
    came: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            came.put((ask(), None))
        except BaseException as error:
            came.put((None, error))

    threading.Thread(target=run, name="xlrotation-asking", daemon=True).start()
    try:
        found, error = came.get(timeout=limit)
    except queue.Empty:
        raise TimeoutError("timed out") from None
    if error is not None:
        raise error
    return found  # type: ignore[return-value]


def _read_within(answer: Any, end: float) -> None:
    """Read the body of an answer of requests until *end*, and no more of it than the bound."""
    import urllib3

    def pieces() -> Iterator[bytes]:
        while piece := answer.raw.read1(_PIECE, decode_content=False):
            yield piece
            if time.monotonic() > end:
                raise TimeoutError("timed out")

    stated = answer.headers.get("Content-Length", "")
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
    try:
        if stated.isdecimal() and int(stated[:20]) > bounds.ANSWER_BYTES:
            raise _too_large()
        body = _unpacked(pieces(), encoding)
    except urllib3.exceptions.HTTPError as error:
        raise ConnectionError(told(error)) from None
    finally:
        answer.close()
    if stated.isdecimal() and not encoding and len(body) < int(stated[:20]):
        raise ConnectionError("the answer was cut off")
    answer._content, answer._content_consumed = body, True
    answer.encoding = "utf-8"  # all that is asked for is; guessing from a long body takes minutes


def _unpacked(pieces: Iterable[bytes], encoding: str) -> bytes:
    """The pieces of a body, unpacked, as far as the bound.

    Raises:
        Unusable: It is larger, or packed in a way that was not asked for.
        ConnectionError: It is cut off or damaged.
    """
    if encoding in ("", "identity"):
        return _joined(pieces)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Unusable(f"the answer is packed as {encoding[:20]!r}, which was not asked for")
    try:
        return _joined(_inflated(pieces, encoding))
    except zlib.error:
        raise ConnectionError("the packed answer is damaged") from None


def _inflated(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Pieces unpacked, none of them larger than the bound of a piece, however much a packed one holds."""
    unpack, begun = None, b""
    for piece in pieces:
        left = begun + piece
        if unpack is None and len(left) < 2:  # the first two bytes tell of what kind it is
            begun = left
            continue
        begun = b""
        while left:
            if unpack is None or unpack.eof:
                if unpack is not None and (encoding == "deflate" or not left.strip(b"\0")):
                    break  # what follows the end, such as zeros that fill up a block
                raw = encoding == "deflate" and (left[0] & 0x0F != 8 or int.from_bytes(left[:2], "big") % 31)
                unpack = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
            yield unpack.decompress(left, _PIECE)
            left = unpack.unconsumed_tail or unpack.unused_data
        while unpack is not None and not unpack.eof and (more := unpack.decompress(b"", _PIECE)):
            yield more
    if begun or (unpack is not None and not unpack.eof):
        raise ConnectionError("the answer was cut off")


def _joined(pieces: Iterable[bytes]) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > bounds.ANSWER_BYTES:
            raise _too_large()
    return bytes(body)


def _too_large() -> Unusable:
    return Unusable(f"the answer is larger than {bounds.ANSWER_BYTES // bounds.MEGABYTE} MB, which no sound one is")


def _by_curl(send: Callable[..., Any], method: str, url: str, options: Mapping[str, Any]) -> Any:
    """A request of curl_cffi, whose body, which curl unpacks piece by piece, is taken only as far as the bound."""
    from curl_cffi.curl import CURL_WRITEFUNC_ERROR

    body = bytearray()

    def take(piece: bytes) -> int:
        if len(body) + len(piece) > bounds.ANSWER_BYTES:
            body[:] = b""
            beyond.append(True)
        if beyond:
            return int(CURL_WRITEFUNC_ERROR)
        body.extend(piece)
        return len(piece)

    beyond: list[bool] = []
    try:
        answer = send(method, url, **{**options, "content_callback": take})
    except OSError:
        if beyond:
            raise _too_large() from None
        raise
    answer.content = bytes(body)
    return answer
