"""The command ``watch``: which rules fire on new data, and why."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import add_data

if TYPE_CHECKING:
    from xlrotation.functions.watching.looking import Looked
    from xlrotation.functions.watching.rules import Rule

FINE, PROBLEMS, FIRED = 0, 1, 3
"""Exit status: nothing fired; a rule could not be evaluated; one fired. Where both apply, the higher."""

_SHOWN = 8


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    text = "a TOML file of [[rule]], or a workbook with a sheet of rules (name, formula, operator, threshold)"
    parser.add_argument("rules", metavar="RULES", help=text)
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook: the sheet (default: the first that has rules)")
    text = "new are the sessions after that day; default: the as-of session alone"
    parser.add_argument("--since", metavar="DATE", help=text)
    text = "whose returns are looked at where a rule names no symbol (default: SPX)"
    parser.add_argument("--symbol", metavar="S", default="", help=text)


def run(options: argparse.Namespace) -> int:
    """Print what came of the rules; the exit status says whether any fired, or could not be evaluated."""
    from xlrotation.commands.opening import open_session
    from xlrotation.functions.boundary.reasons import told_in
    from xlrotation.functions.watching import told
    from xlrotation.functions.watching.looking import look
    from xlrotation.market.dates import read_date

    rules = _rules(options)
    session = open_session(options)
    market = session.market()
    since = read_date(options.since) if options.since else None
    symbol = market.ticker(options.symbol) if options.symbol else ""
    found = look(session, rules, since, symbol, why=_SHOWN)
    notice = told_in(session.panel.notice, session.lang)
    if options.json:
        content = {
            "asof": market.asof.isoformat(),
            "since": None if since is None else since.isoformat(),
            "source": session.panel.source,
            "notice": notice,
            "summary": told.summary(found, session.lang),
            "rules": [told.as_dict(looked, session.lang) for looked in found],
        }
        print(json.dumps(content, ensure_ascii=False, default=str))
    else:
        _print(found, session.lang, f"{market.asof}", notice)
    states = {looked.state for looked in found}
    return FIRED if "fired" in states else PROBLEMS if "error" in states else FINE


def _rules(options: argparse.Namespace) -> list[Rule]:
    from xlrotation.errors import BadArgument

    path = Path(options.rules)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from xlrotation.watchbook import read_rules

        return read_rules(path, options.sheet)
    if path.suffix.lower() != ".toml":
        raise BadArgument(f"{options.rules}: rules are a .toml file, or a workbook (.xlsx, .xlsm)")
    if options.sheet is not None:
        raise BadArgument(f"--sheet {options.sheet}: {options.rules} is no workbook")
    from xlrotation.functions.watching.written import read_toml

    return read_toml(path)


def _print(found: list[Looked], lang: str, asof: str, notice: str) -> None:
    from xlrotation.functions.boundary.words import word
    from xlrotation.functions.watching import told
    from xlrotation.terminal import shown

    if notice:
        print(notice, end="\n\n")
    print(f"{asof}: {told.summary(found, lang)}")
    for state in ("fired", "error", "quiet"):
        for looked in found:
            if looked.state != state:
                continue
            value = "" if looked.value is None or state == "error" else f" = {shown(looked.value)}"
            condition = f" [{looked.rule.condition}]" if looked.rule.condition else ""
            print(f"\n{word(state, lang)}: {looked.rule.name}\n  {looked.rule.formula}{value}{condition}")
            for sentence in told.in_sentences(looked, lang):
                for part in sentence.split("; "):
                    print(f"  {part}")
            if looked.why is not None:
                _print_why(looked, lang)


def _print_why(looked: Looked, lang: str) -> None:
    """The data of a rule that fired, and whether they explain it."""
    from xlrotation.functions.explaining import told
    from xlrotation.terminal import shown

    assert looked.why is not None
    for datum in looked.why.data:
        value = "" if datum.value is None else shown(datum.value)
        note = told.note_of(datum, lang)
        print("    " + "  ".join(filter(None, (datum.symbol, datum.field, str(datum.day or ""), value, note))))
    if looked.why.native.text and len(looked.why.native.text) < 800:
        print(f"    {looked.why.native.text}  ({told.native_in_words(looked.why.native, lang)})")
    print(f"    {told.in_words(looked.why, lang)}")
