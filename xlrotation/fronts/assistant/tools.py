"""What the tools do, on a session and in plain data. Nothing here writes, fetches, or opens a file by an argument."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import xlrotation
from xlrotation.addresses import without_keys
from xlrotation.errors import BadArgument, NoData, RotationError
from xlrotation.fronts.assistant.bounded import Bound, value_of
from xlrotation.fronts.assistant.watched import Called, Calls, Watched
from xlrotation.functions.boundary import advice, registry
from xlrotation.functions.boundary.registry import UNITS, Spec
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.boundary.snapshot import Snapshot
from xlrotation.languages import spoken, translated
from xlrotation.market.dates import parse_date, read_date
from xlrotation.market.market import Market
from xlrotation.market.symbols import display_name, fold

Plain = dict[str, Any]

_REMARKS = 5
"""Remarks on the data that every answer tells: what the reading of the source left out, or that it cannot be read any
more."""

_CHECKS = 50
"""Checks of a text's arithmetic that are told."""

_REASONS = 20
"""Reasons of gaps that are told of a formula."""


class Tools:
    """The tools on a source.

    Args:
        session: The source, its language, and the last date that may be seen.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._state: Watched | None = None

    def call(self, name: str, given: Mapping[str, Any]) -> Plain:
        """The answer of a tool.

        Args:
            name: One of :data:`~xlrotation.fronts.assistant.declared.TOOLS`.
            given: Its arguments, checked.

        Raises:
            RotationError: They cannot be used, or the data cannot be read.
        """
        tools: Mapping[str, Callable[[Mapping[str, Any]], Plain]] = {
            "search_functions": self._search,
            "evaluate": self._evaluate,
            "explain": self._explain,
            "list_data": self._list,
            "audit_report": self._audit,
        }
        return tools[name](given)

    def warm(self) -> None:
        """Read the data, and load what evaluates formulas, so that the first call finds them, in whatever memory."""
        self._named(self._begun({})[0])
        self.call("evaluate", {"formulas": ["=SUM(1,1)"]})

    def _lang(self, given: Mapping[str, Any]) -> str:
        return spoken(given["lang"]) if given.get("lang") else self._session.lang

    def _begun(self, given: Mapping[str, Any]) -> tuple[Session, Watched]:
        """A session of its own on the data as they are now, up to the as-of date that is asked for.

        Raises:
            RotationError: The data cannot be read, or do not reach that date.
        """
        asof = self._session.asof
        if text := given.get("asof"):
            asof = parse_date(text)
            if asof is None:
                raise BadArgument(f"asof {text!r} is no date; write it as 2026-01-16")
            self._session.check_shown(asof)
        panel = self._session.panel
        if self._state is None or self._state.panel is not panel:
            self._state = Watched(Snapshot(panel))
        made = Session(self._session.source, self._lang(given), asof, remember=False).on(self._state)
        made.market()
        return made, self._state

    def _named(self, session: Session) -> str:
        """The name of the state of the data: the store's, or where a source keeps none, of what it holds."""
        panel = session.panel
        return panel.state or f"content:{panel.whole.identity[:16]}"

    def _told(self, session: Session) -> Plain:
        """What every answer on data says of them."""
        market = session.market()
        panel = session.panel
        found: Plain = {
            "source": without_keys(session.source.text),
            "state": self._named(session),
            "asof": market.asof.isoformat(),
            "exchange": market.exchange.code,
            "xlrotation": xlrotation.__version__,
        }
        if panel.known is not None:
            found["as_known_at"] = panel.known.isoformat(timespec="seconds")
        if panel.notice:
            found["notice"] = translated(session.lang, panel.notice) or panel.notice
        if panel.remarks:
            found["data_remarks"] = [without_keys(remark)[:300] for remark in panel.remarks[:_REMARKS]]
            if len(panel.remarks) > _REMARKS:
                found["data_remarks"].append(f"and {len(panel.remarks) - _REMARKS} more")
        return found

    def _search(self, given: Mapping[str, Any]) -> Plain:
        lang = self._lang(given)
        words = fold(given.get("query", "")).split()
        family = given.get("family", "").strip().upper()
        if family and family not in registry.FAMILIES:
            raise BadArgument(f"no family {family!r}; there are {', '.join(registry.FAMILIES)}")
        specs = [spec for spec in registry.functions().values() if family in ("", spec.family)]
        ranked = [(score, spec) for spec in specs if (score := _score(spec, words)) > 0 or not words]
        ranked.sort(key=lambda item: -item[0])  # stable: in the order of the families
        chosen = ranked[: given["limit"]]
        found: Plain = {
            "found": len(ranked),
            "functions": [
                {
                    "name": spec.name,
                    "signature": spec.signature,
                    "summary": spec.gives(lang),
                    "unit": UNITS[spec.unit][0].into(lang),
                    "example": spec.example,
                }
                for _, spec in chosen
            ],
        }
        if len(ranked) > len(chosen):
            found["left_out"] = len(ranked) - len(chosen)
        if not ranked:
            found["families"] = {key: title.into(lang) for key, title in registry.FAMILIES.items()}
        return found

    def _evaluate(self, given: Mapping[str, Any]) -> Plain:
        session, state = self._begun(given)
        bound = Bound()
        results = [self._result(text, session, state, bound)[0] for text in given["formulas"]]
        return self._told(session) | {"results": results}

    def _result(self, text: str, session: Session, state: Watched, bound: Bound) -> tuple[Plain, Calls]:
        """What a formula comes to; one that cannot be read keeps no other back."""
        from xlrotation.workbook.evaluation.oneformula import evaluate_formula

        here = session.on(state)
        calls = Calls(here, state)
        found: Plain = {"formula": text[:500]}
        try:
            value = evaluate_formula(text, calls)
        except RotationError as error:
            hint = advice.about_formula(text, here)
            told = f"{error.message}; {hint}" if hint else error.message
            return found | {"kind": "refused", "value": None, "gaps": [{"reason": without_keys(told)[:1000]}]}, calls
        found |= value_of(value, bound)
        found |= _unit(value, calls, session.lang)
        found["calls"] = [_call(made, value, bound) for made in calls.made]
        if calls.more:
            found["calls_left_out"] = calls.more
        found["gaps"] = _gaps(here)
        if found["kind"] == "error" and not found["gaps"]:
            found["gaps"] = [{"error": found["value"], "reason": "a native function of the formula gives this error"}]
        found["remarks"] = list(here.remarks)[:_REASONS]
        return found, calls

    def _explain(self, given: Mapping[str, Any]) -> Plain:
        function, formula = given.get("function"), given.get("formula")
        if (function is None) == (formula is None):
            raise BadArgument("explain takes either function or formula")
        lang = self._lang(given)
        if function is not None:
            name = function.strip().upper().removeprefix("=").partition("(")[0]
            spec = registry.functions().get(name)
            if spec is None:
                raise NoData(f"no function {name!r}; {advice.no_function(name)}")
            return _definition(spec, lang) | {
                "arguments": [_argument(spec, place, lang) for place in range(len(spec.parameters))]
            }
        assert formula is not None
        session, state = self._begun(given)
        bound = Bound()
        found, calls = self._result(formula, session, state, bound)
        specs = {made.spec.name: made.spec for made in calls.made}
        for told, made in zip(found.get("calls", ()), calls.made, strict=True):
            told["arguments"] = [
                _argument(made.spec, place, lang) | _given(made, place, bound)
                for place in range(len(made.spec.parameters))
            ]
        found["definitions"] = [_definition(spec, lang) for spec in specs.values()]
        return self._told(session) | found

    def _list(self, given: Mapping[str, Any]) -> Plain:
        session, _ = self._begun(given)
        panel, lang = session.panel, session.lang
        market = session.market()
        wanted = fold(given.get("query", ""))
        named = [(ticker, market.name(ticker, lang)) for ticker in panel.symbols]
        if wanted:
            meant = _meant(market, given["query"])
            named = [
                item
                for item in named
                if item[0] == meant or any(wanted in fold(text) for text in (*item, display_name(item[0], "zh")))
            ]
        start, limit = given["offset"], given["limit"]
        chosen = named[start : start + limit]
        bound = Bound()
        return self._told(session) | {
            "first": panel.first.isoformat(),
            "last": min(panel.last, session.last_known).isoformat(),
            "symbols_found": len(named),
            "symbols": [
                {"ticker": ticker, "name": name, "exchange": panel.listing.of(ticker).code} for ticker, name in chosen
            ],
            "symbols_left_out": max(0, len(named) - start - len(chosen)),
            "universes": {name: len(members) for name, members in list(panel.universes.items())[:limit]},
            "status": value_of(session.call("XLR_STATUS"), bound),
        }

    def _audit(self, given: Mapping[str, Any]) -> Plain:
        from xlrotation.functions.published import audited
        from xlrotation.functions.published.reports import REPORTS, find_report

        if given.get("report") and given.get("text"):
            raise BadArgument("audit_report takes a report that is followed or a text, not both")
        if given.get("text"):
            return self._audit_text(given)
        if given.get("readings") or given.get("date"):
            raise BadArgument("date and readings belong to a text")
        if not given.get("report"):
            lang = self._lang(given)
            known = [{"report": r.key, "title": r.title.into(lang), "published": str(r.published)} for r in REPORTS]
            return {"reports": known}
        report = find_report(given["report"])
        session, _ = self._begun(given)
        return self._told(session) | audited.audited(session, report)

    def _audit_text(self, given: Mapping[str, Any]) -> Plain:
        """The audit of any text, with the readings that are proposed; its figures from the first that is asked for."""
        from xlrotation.functions.auditing import told
        from xlrotation.functions.auditing.audit import audit
        from xlrotation.functions.auditing.proposals import by_number

        propose = by_number(given["readings"]) if given.get("readings") else None
        session, _ = self._begun(given)
        found = audit(given["text"], session, read_date(given["date"]) if given.get("date") else None, propose)
        whole = told.as_dict(found, session.lang)
        told_figures: list[Plain] = []
        bound, first, measured = Bound(), given["first"], found.measured
        for number, figure in enumerate(told.figures(found, session.lang), 1):
            if number < first:
                continue
            if not bound.take(len(str(figure))):
                break
            told_figures.append({"number": number} | figure)
        answer = self._told(session) | whole | {"figures": told_figures, "measured": len(measured)}
        answer["arithmetic"] = answer["arithmetic"][:_CHECKS]
        if told_figures and told_figures[-1]["number"] < len(measured):
            answer["cut"] = f"ask for the others with first: {told_figures[-1]['number'] + 1}"
        return answer


def _meant(market: Market, text: str) -> str:
    """The ticker that a text resolves to in a cell; empty where there is none."""
    try:
        return market.ticker(text)
    except RotationError:
        return ""


def _score(spec: Spec, words: Sequence[str]) -> int:
    """How well a function fits: every word must be in it, and its name counts most."""
    name, summary = fold(spec.name.replace("_", " ")), fold(f"{spec.summary} {spec.gives('zh')}")
    rest = fold(f"{spec.description} {registry.FAMILIES[spec.family]} {registry.FAMILIES[spec.family].into('zh')}")
    total = 0
    for word in words:
        word = word.replace("_", " ")
        found = 9 * (word in name) + 3 * (word in summary) + (word in rest)
        if not found:
            return 0
        total += found
    return total


def _unit(value: object, calls: Calls, lang: str) -> Plain:
    """The unit of a value, where it is that of the one call which gave it; else the calls have theirs."""
    if calls.made and not calls.more and calls.made[-1].result is value:
        spec = calls.made[-1].spec
        return {"unit": UNITS[spec.unit][0].into(lang), "number_format": UNITS[spec.unit][1]}
    return {"unit": None, "unit_note": "computed by the formula from the calls below, each with its unit"}


def _call(made: Called, value: object, bound: Bound) -> Plain:
    """A call; a table that is the value itself is not told twice."""
    spec = made.spec
    same = isinstance(value, list) and made.result is value
    sessions = [day.isoformat() for day, _ in made.seen]
    return {
        "function": spec.name,
        "given": [value_of(argument, bound)["value"] for argument in made.arguments],
        "asof": sessions[0] if len(sessions) == 1 else sessions or None,
        "exchange": made.seen[0][1] if made.seen else None,
        "unit": str(UNITS[spec.unit][0]),
        "definition": spec.source,
        "result": {"kind": "table", "value": None, "is_the_value": True} if same else value_of(made.result, bound),
    }


def _gaps(session: Session) -> list[Plain]:
    told: dict[tuple[str, str, str, str], None] = {}
    for failure in session.failures:
        reason = without_keys(failure.reason)
        told[failure.function[:60], without_keys(failure.arguments)[:300], str(failure.error), reason] = None
    found = [dict(zip(("function", "arguments", "error", "reason"), item, strict=True)) for item in told]
    if len(found) > _REASONS:
        return [*found[:_REASONS], {"reason": f"and {len(found) - _REASONS} more"}]
    return found


def _definition(spec: Spec, lang: str) -> Plain:
    return {
        "function": spec.name,
        "signature": spec.signature,
        "summary": spec.gives(lang),
        "description": spec.description,
        "unit": UNITS[spec.unit][0].into(lang),
        "number_format": UNITS[spec.unit][1],
        "definition": spec.source,
        "example": spec.example,
        "takes_asof": spec.asof is not None,
    }


def _argument(spec: Spec, place: int, lang: str) -> Plain:
    parameter = spec.parameters[place]
    default = parameter.default
    return {
        "name": parameter.name,
        "takes": parameter.kind.takes,
        "default": default.isoformat() if isinstance(default, dt.date) else default,
        "required": parameter.required,
        "choices": list(parameter.kind.choices),
        "help": parameter.text.into(lang),
    }


def _given(made: Called, place: int, bound: Bound) -> Plain:
    cell = made.arguments[place] if place < len(made.arguments) else None
    blank = cell is None or cell == ""
    return {"given": None if blank else value_of(cell, bound)["value"], "defaulted": blank}
