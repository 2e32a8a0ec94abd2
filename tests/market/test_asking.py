"""Throttle, back-off, rate limits, time-outs: with a clock that does not wait, and a server on this machine."""

import datetime as dt
import random

import pytest

from tests.market.answers import Clock, quick
from xlrotation.market.providers.asking import Asker, Limited, Manners, Passing, Refused, retry_after

URL = "https://fred.stlouisfed.org/graph/fredgraph.csv"


def failing(times, error):
    left = [error] * times

    def send():
        if left:
            raise left.pop()
        return "came"

    return send


def test_waits_grow_and_are_spread_by_chance():
    spread = []
    for seed in range(40):
        clock = Clock()
        manners = Manners(clock=clock, sleep=clock.sleep, random=random.Random(seed), tries=6, longest_wait=4.0)
        assert Asker(manners).persist(failing(5, Passing("x"))) == "came"
        assert all(wait <= bound for wait, bound in zip(clock.waits, (1, 2, 4, 4, 4), strict=True))
        spread.append(clock.waits[2])
    assert min(spread) < 0.5
    assert max(spread) > 3.5


def test_the_last_failure_is_told():
    asker = Asker(quick(tries=3))
    with pytest.raises(Passing, match="no answer"):
        asker.persist(failing(3, Passing("no answer")))
    assert len(asker.manners.clock.waits) == 2


def test_a_clear_no_is_not_asked_again():
    asker = Asker(quick())
    with pytest.raises(Refused):
        asker.persist(failing(1, Refused(404, "gone")))
    assert asker.manners.clock.waits == []


def test_requests_keep_their_distance():
    clock = Clock()
    asker = Asker(quick(clock, pause=0.5))
    asker.turn()
    asker.turn()
    clock.time += 0.4
    asker.turn()
    clock.time += 9.0
    asker.turn()
    assert clock.waits == [0.5, pytest.approx(0.1)]


def test_a_stated_wait_is_kept_and_one_beyond_patience_ends_the_asking():
    asker = Asker(quick(limit_tries=3, patience=100.0))
    assert asker.persist(failing(2, Limited(40.0))) == "came"
    assert all(40.0 <= wait <= 45.0 for wait in asker.manners.clock.waits)
    with pytest.raises(Limited) as ended:
        asker.persist(failing(1, Limited(3600.0)))
    assert ended.value.seconds == 3600.0
    assert len(asker.manners.clock.waits) == 2


def test_rate_limits_in_a_row_end_the_asking_over_several_questions():
    asker = Asker(quick(limit_tries=3))
    with pytest.raises(Limited) as ended:
        asker.persist(failing(9, Limited(None)))
    assert ended.value.seconds >= asker.manners.limit_wait
    first, second = asker.manners.clock.waits
    assert asker.manners.limit_wait / 2 <= first <= asker.manners.limit_wait
    assert second >= asker.manners.limit_wait
    assert asker.persist(failing(0, Limited(None))) == "came"
    assert asker.limits == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"Retry-After": "Fri, 13 Feb 2026 22:01:30 GMT", "Date": "Fri, 13 Feb 2026 22:00:00 GMT"}, 90.0),
        ({"Retry-After": "Fri, 13 Feb 2015 22:01:30 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("fault", ["timeout", "drip", "cut", "reset", "500"])
def test_faults_of_the_line_pass(server, client, fault):
    server.series["DFF"] = "observation_date,DFF\n2026-02-12,3.6\n"
    server.always["DFF"] = fault
    began = dt.datetime.now()
    with pytest.raises(Passing):
        Asker(quick(timeout=0.2)).get(client, URL, params={"id": "DFF"})
    assert dt.datetime.now() - began < dt.timedelta(seconds=5)
    server.always.clear()
    assert Asker(quick()).get(client, URL, params={"id": "DFF"}).text == server.series["DFF"]


def test_other_statuses(server, client):
    for fault, kind in (("429", Limited), ("404", Refused), ("401", Passing)):
        server.always["DFF"] = fault
        with pytest.raises(kind):
            Asker(quick()).get(client, URL, params={"id": "DFF"})


def test_a_session_is_left_as_it_was(client):
    with Asker(quick()).watched(client, lambda _: True):
        assert "request" in vars(client)
    assert "request" not in vars(client)
