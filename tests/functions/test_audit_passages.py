"""The audit binds the figures of passages in the manner of many publishers: all four parts and the sign."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import audit_passages


@pytest.fixture(scope="module")
def counted():
    return audit_passages.count()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nearly_every_figure_is_found_and_bound_strictly(counted, lang):
    counts, missed = counted
    found = counts[lang, ""]
    assert found["figures"] > 500
    assert found["found"] >= 0.99 * found["figures"]
    assert found["bound"] >= 0.94 * found["figures"], missed


def test_a_passage_is_read_with_the_places_of_its_figures():
    one = next(audit_passages.passages())
    start, end, formula, sign = one.figures[0]
    assert (one.text[start:end], formula, sign) == ("133.90", 'PX_CHANGE("^GSPC","1D","2026-02-06")', "+")
    assert "«" not in one.text


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("On Feb. 6, 2026 the Dow rose 2.5%. Applied Materials jumped 12% before the bell.", ""),
        ("2026年2月6日,道指涨2.47%。英伟达盘初涨超5%,收涨7.87%。", 'PX_RET("NVDA","1D","2026-02-06")'),
        (
            "Feb. 6, 2026: the S&P 500 rose 2.0%, wiping out its loss for 2026, and the Dow gained 2.5%.",
            'PX_RET("^DJI","1D","2026-02-06")',
        ),
        (
            "Week of 2026-02-06. VIX closed at 21.77 versus 18.64 on Wednesday, a jump of 3.13 points.",
            'PX_CHANGE("^VIX","1D","2026-02-06")',
        ),
        ("13-Feb-2026: equal weight fell 1.7%.", 'PX_RET("RSP","1D","2026-02-13")'),
        ("2025年9月30日,VIX收16.28,较6月末的16.73小幅回落。", 'PX_CLOSE("^VIX","2025-06-30")'),
    ],
    ids=[
        "before the bell",
        "early and close",
        "a window of another clause",
        "a day held against",
        "eight",
        "end of June",
    ],
)
def test_the_last_figure_means(text, formula):
    read = audit_passages.binding.read(text, audit_passages.book())
    last = [one for one in read.bound if one.figure.kind == "measurement"][-1]
    assert audit_passages.plain(last.readings[0].formula if last.readings else "") == formula


@pytest.mark.parametrize(
    "text",
    [
        "Feb. 6, 2026. The VIX rose. A reading above 30 would signal panic; below 15 is complacency.",
        "Feb. 6, 2026: Apple fell 3.45%. The threatened duty is 100%.",
        "2026年2月6日,苹果跌3.45%。美国威胁加征100%关税。",
        "Feb. 6, 2026: the TLT fund lost 1.3%. One in four clients asked about tariffs.",
        "2026年2月6日,VIX报17.44。我们维持全年7500点的目标。",
    ],
    ids=["a reading that would signal", "a duty", "a duty in Chinese", "those asked", "a target"],
)
def test_the_last_number_is_no_measurement(text):
    read = audit_passages.binding.read(text, audit_passages.book())
    assert [one.figure.kind for one in read.bound][-1] in ("threshold", "other", "target")


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("2026年1月15日,应用材料涨5.69%,某某矿业涨4.16%。", True),
        ("2026年1月15日,应用材料涨5.69%,科磊涨4.16%。", False),
        ("Jan. 20, 2026. Small caps rose 1.2%. Year to date they lead by 6.8 points.", True),
        ("Jan. 20, 2026. Year to date small caps lead the S&P 500 by 6.8 points.", False),
    ],
    ids=["an unknown name", "a known name", "no second", "both named"],
)
def test_what_a_clause_does_not_name_is_doubtful(text, doubtful):
    read = audit_passages.binding.read(text, audit_passages.book())
    last = [one for one in read.bound if one.figure.kind == "measurement"][-1]
    named = {"a name that is not known stands before it", "the text does not say what it is compared with"}
    assert bool(set(last.readings[0].doubts) & named) == doubtful
