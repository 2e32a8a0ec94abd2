"""Answers are remembered until the data change, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import FixedSource, panel_of
from xlrotation.errors import CellError
from xlrotation.functions.boundary import answers
from xlrotation.functions.boundary.answers import UNKNOWN, Answers, identity
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.store.store import Store


@pytest.fixture
def counted(monkeypatch):
    """A session, and the calls that were computed."""
    computed: list[str] = []
    real = Session._evaluated

    def counting(self, call, spec, arguments):
        computed.append(spec.name)
        return real(self, call, spec, arguments)

    monkeypatch.setattr(Session, "_evaluated", counting)
    return Session("sample"), computed


def test_the_same_call_is_computed_once(counted):
    session, computed = counted
    first = session.call("ROT_SECTOR_TABLE")
    assert [session.call("ROT_SECTOR_TABLE") for _ in range(3)] == [first] * 3
    assert session.call("rot_sector_table") == first
    assert computed == ["ROT_SECTOR_TABLE"]
    by_date = [session.call("PX_RET", "XLK", "20D", day) for day in ("2026-01-16", "2026-02-13") * 2]
    assert by_date[:2] == by_date[2:]
    assert by_date[0] != by_date[1]
    assert computed.count("PX_RET") == 2


def test_what_is_handed_out_is_a_copy(counted):
    session, _ = counted
    first = session.call("ROT_SECTOR_TABLE")
    expected = [list(row) for row in first]
    first[1][0] = "changed"
    second = session.call("ROT_SECTOR_TABLE")
    second[2].clear()
    assert session.call("ROT_SECTOR_TABLE") == expected


@pytest.mark.parametrize("name", list(functions()))
def test_every_function_answers_the_second_time_as_the_first(name):
    session, anew = Session("sample"), Session("sample", remember=False)
    results = [session.call(name), session.call(name), anew.call(name)]
    if name != "XLR_ERRORS":
        assert results[0] == results[1] == results[2]


def test_failures_are_recorded_each_time(counted):
    session, computed = counted
    assert [session.call("PX_RET", "NOSUCH") for _ in range(3)] == [CellError.NA] * 3
    assert session.call("PX_RET", [["XLK"], ["NOSUCH"]]) == session.call("PX_RET", [["XLK"], ["NOSUCH"]])
    assert len(session.failures) == 5
    assert computed.count("PX_RET") == 5
    assert len(session.call("XLR_ERRORS")) == 6


def test_new_data_are_new_answers(session_of):
    session = session_of({"XLK": [100.0, 110.0]})
    assert session.call("PX_RET", "XLK", 1) == pytest.approx(0.1)
    assert session.call("PX_RET", [["XLK"]], 1) == pytest.approx(0.1)
    session.source = FixedSource(panel_of({"XLK": [100.0, 120.0]}))
    assert session.call("PX_RET", "XLK", 1) == pytest.approx(0.2)
    assert session.call("PX_RET", [["XLK"]], 1) == pytest.approx(0.2)


def test_a_store_that_somebody_writes_to_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    Store("s").write(panel_of({"XLK": [100.0, 110.0]}))
    session = Session("store:s")
    assert session.call("PX_RET", "XLK", 1) == session.call("PX_RET", "XLK", 1) == pytest.approx(0.1)
    Store("s").write(panel_of({"XLK": [100.0, 130.0]}))
    assert session.call("PX_RET", "XLK", 1) == pytest.approx(0.3)


def test_languages_tell_calls_apart(sample):
    english = sample.call("ROT_SECTOR_TABLE")[0][0]
    sample.lang = "zh"
    assert sample.call("ROT_SECTOR_TABLE")[0][0] != english


def test_storms_load_the_data_once(monkeypatch):
    from xlrotation.market.providers import sample

    loaded = []
    real = sample.load
    monkeypatch.setattr(sample, "load", lambda: loaded.append(1) or real())
    session = Session("sample")
    days = [str(day) for day in session.panel.days[-500:].tolist()]
    for i in range(5000):
        assert isinstance(session.call("PX_RET", "XLK", f"{1 + i % 5}D", days[i % 500]), float)
    assert loaded == [1]


cells = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([0.0, 1.0, 2.5]), st.text(max_size=1))
ranges = st.integers(1, 2).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=2)
)
some = st.lists(st.one_of(cells, ranges), max_size=3)


def typed(value: object) -> object:
    return [typed(each) for each in value] if isinstance(value, list) else (type(value), value)


@given(some, some)
def test_calls_are_the_same_only_if_all_their_cells_are(one, other):
    assert (identity(one) == identity(other)) == (typed(one) == typed(other))


def test_long_ranges_are_not_compared():
    column = [[float(i)] for i in range(answers.MAX_ASKED)]
    assert identity([column]) is not None
    assert identity([column, [[1.0]]]) is None
    assert identity([[[1.0], [1.0, 2.0]]]) is None


def test_long_texts_are_not_kept():
    long = "x" * (answers.MAX_TEXT + 1)
    for arguments in ((long,), (1.0, long), ([["a"], [long]],), ([long, "a"],)):
        assert identity(arguments) is None
    assert identity((long[1:], [[long[1:]]])) is not None


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(answers, "MAX_CALLS", 3)
    monkeypatch.setattr(answers, "MAX_CELLS", 100)
    known = Answers()
    for i in range(5):
        known.put(i, float(i))
    assert [known.get(i) for i in range(5)] == [UNKNOWN, UNKNOWN, 2.0, 3.0, 4.0]
    known.put("table", [[1.0] * 10])
    assert known.get("table") == [[1.0] * 10]
    known.put("large", [[1.0] * 11])
    assert known.get("large") is UNKNOWN
    for i in range(100):
        known.put(("t", i), [[1.0] * 10])
    assert len(known) == 3
    known.put(("t", 99), [[2.0]])
    assert known.get(("t", 99)) == [[1.0] * 10]
    known.put("none", None)
    assert known.get("none") is None


def test_how_much_is_remembered():
    kept = answers.Answers()
    table = [[1.0] * 250] * 100  # 25 000 cells, a tenth of the room
    kept.put("large", table)
    assert kept.get("large") == table
    kept.put("larger", [*table, [1.0] * 250])
    assert kept.get("larger") is answers.UNKNOWN
    kept.put("large", 1.0)
    assert kept.get("large") == table  # the first answer stays
    kept.get("large")[0][0] = 9.0
    assert kept.get("large") == table  # what was handed out is a copy
    for place in range(9):
        kept.put(place, table)
    assert len(kept) == 10
    kept.put("one more", 1.0)  # the room is full to the cell: the oldest goes
    assert kept.get("large") is answers.UNKNOWN
    assert kept.get(0) == table
    kept.put("none", None)
    assert kept.get("none") is None


def test_ten_thousand_calls_are_remembered():
    kept = answers.Answers()
    for place in range(10_001):
        kept.put(place, 1.0)
    assert len(kept) == 10_000
    assert kept.get(0) is answers.UNKNOWN
    assert kept.get(1) == 1.0


def test_long_arguments_are_not_compared():
    assert answers.identity([[[1.0]] * 2_000]) is not None
    assert answers.identity([[[1.0]] * 2_001]) is None
    assert answers.identity([[[1.0] * 2] * 1_000, [[1.0]]]) is None
    assert answers.identity([[1.0] * 2_000]) is not None
    assert answers.identity([[[1.0], [1.0, 2.0]]]) is None  # no rectangle
    assert answers.identity([[[1.0, 2.0]]]) != answers.identity([[[1.0], [2.0]]])


def test_a_pinned_session_knows_what_was_computed_on_its_state(counted):
    session, computed = counted
    first = session.call("ROT_SECTOR_TABLE")
    assert session.pinned().call("ROT_SECTOR_TABLE") == first
    assert computed == ["ROT_SECTOR_TABLE"]
