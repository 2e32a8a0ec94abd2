"""What came of watch rules, as a table, in words and as plain data."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.words import word
from xlrotation.functions.explaining import told as explained
from xlrotation.functions.watching.looking import HORIZON, Looked
from xlrotation.languages import Text
from xlrotation.languages import remarks as joined

HEADS = (
    *("rule", "state", "date", "value", "condition", "since", "percentile", "held", "times_before"),
    *("mean_after", "positive", "usual", "note"),
)

_FIRED = Text("{value} on {day} meets {condition}, since {since}")
_TRUE = Text("TRUE on {day}, since {since}")
_LONGER = Text("or longer: the sessions that were asked begin there")
_OVER = Text("it does not hold any more on {day}")
_PERCENTILE = Text("{share} of {count} values are at or below it")
_NEVER = Text("it did not fire before in {count} sessions")
_BEFORE = Text("it fired {count} times before in {sessions} sessions, the last time from {day} on")
_FOLLOWED = Text(
    "after these {symbol} made {mean} in {horizon} sessions on average, {positive} of {events} times a gain; over any "
    "{horizon} sessions it made {usual}"
)
_FEW = Text("{count} of them are a horizon apart: too few to build on")
_OPEN = Text("the horizon of {horizon} sessions has passed after none of them")
_ENOUGH = 10
_SUMMARY = Text("{fired} fired, {quiet} quiet, {errors} could not be evaluated")


def in_words(looked: Looked, lang: str) -> str:
    """Why a rule fired, or could not be evaluated; empty for one that is quiet."""
    return joined(in_sentences(looked, lang)).into(lang)


def in_sentences(looked: Looked, lang: str) -> list[str]:
    """The same by its parts."""
    if looked.state == "error":
        place = f"{looked.rule.place}: " if looked.rule.place else ""
        return [f"{place}{told_in(looked.reason, lang)}"]
    remarks = [told_in(remark, lang) for remark in looked.remarks]
    if looked.state != "fired":
        return remarks
    given = {"day": str(looked.day), "since": str(looked.since)}
    if looked.rule.bounds:
        first = _FIRED.into(lang, value=_shown(looked.value), condition=looked.rule.condition, **given)
    else:
        first = _TRUE.into(lang, **given)
    said = [first]
    if looked.earlier:
        said.append(_LONGER.into(lang))
    if not looked.holds:
        said.append(_OVER.into(lang, day=str(looked.asof)))
    if looked.percentile == looked.percentile:
        said.append(_PERCENTILE.into(lang, share=f"{100 * looked.percentile:.0f} %", count=str(looked.sessions)))
    return [*said, *_history(looked, lang), *remarks]


def _history(looked: Looked, lang: str) -> list[str]:
    """How often it fired before, and what followed."""
    if not looked.before:
        return [_NEVER.into(lang, count=str(looked.sessions))]
    count = {"count": str(len(looked.before)), "sessions": str(looked.sessions), "day": str(looked.before[-1])}
    said, study = [_BEFORE.into(lang, **count)], looked.study
    if study is None:
        return said
    if study.events == 0:
        return [*said, _OPEN.into(lang, horizon=str(HORIZON))]
    said.append(
        _FOLLOWED.into(
            lang,
            symbol=looked.symbol,
            mean=f"{100 * study.mean:+.2f} %",
            horizon=str(HORIZON),
            positive=str(round(study.positive * study.events)),
            events=str(study.events),
            usual=f"{100 * study.usual:+.2f} %",
        )
    )
    if study.separate < _ENOUGH:
        said.append(_FEW.into(lang, count=str(study.separate)))
    return said


def _shown(value: Cell) -> str:
    return (
        f"{value:.10g}" if isinstance(value, float) else str(value).upper() if isinstance(value, bool) else str(value)
    )


def rows(found: Sequence[Looked], lang: str) -> list[list[object]]:
    """A row for each rule; columns as :data:`HEADS`."""
    made: list[list[object]] = []
    for looked in found:
        nan = float("nan")
        study = looked.study
        after = [study.mean, study.positive, study.usual] if study is not None else [nan, nan, nan]
        blank = looked.state == "error"
        made.append(
            [
                *(looked.rule.name, word(looked.state, lang), "" if looked.day is None else looked.day),
                *("" if looked.value is None else looked.value, looked.rule.condition),
                *(looked.since or "", "" if blank else looked.percentile, "" if blank else looked.held),
                *("" if blank else len(looked.before), *(["", "", ""] if blank else after)),
                in_words(looked, lang),
            ]
        )
    return made


def summary(found: Sequence[Looked], lang: str) -> str:
    """How many rules fired."""
    count = {state: sum(looked.state == state for looked in found) for state in ("fired", "quiet", "error")}
    return _SUMMARY.into(lang, fired=str(count["fired"]), quiet=str(count["quiet"]), errors=str(count["error"]))


def as_dict(looked: Looked, lang: str) -> dict[str, object]:
    """What came of a rule, as plain data."""
    study, day = looked.study, looked.day
    return {
        "rule": looked.rule.name,
        "place": looked.rule.place,
        "formula": looked.rule.formula,
        "condition": looked.rule.condition,
        "state": looked.state,
        "error": told_in(looked.reason, lang) if looked.state == "error" else None,
        "date": None if day is None else day.isoformat(),
        "value": explained.plain(looked.value),
        "holds": None if looked.state == "error" else looked.holds,
        "since": None if looked.since is None else looked.since.isoformat(),
        "since_is_first_asked": looked.earlier,
        "percentile": _number(looked.percentile),
        "share_of_sessions": _number(looked.held),
        "sessions": looked.sessions,
        "before": [one.isoformat() for one in looked.before],
        "after": None
        if study is None
        else {
            "symbol": looked.symbol,
            "horizon": HORIZON,
            **{name: _number(float(value)) for name, value in study._asdict().items()},
        },
        "told": in_words(looked, lang),
        "explanation": None if looked.why is None else explained.as_dict(looked.why, lang),
    }


def _number(value: float) -> float | None:
    return None if value != value else value
