"""The summary of a run as a mail: a subject line, what is new, what failed, what is stale, links."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from xlrotation.addresses import is_address, without_keys
from xlrotation.batch.expected import Shown
from xlrotation.batch.outcome import Outcome
from xlrotation.batch.settings import Settings
from xlrotation.market.condition import few
from xlrotation.outside import printable, writable

_LINES = 25
"""Lines of a part at most; the reports have all."""

_WIDEST = 400
"""Characters of a line at most: a cell of somebody else's workbook may hold 32,767."""

_SUBJECT = 150
_LINKED = ("http", "https")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the summary.

    Attributes:
        title: Its title.
        lines: Its lines.
        linked: Whether they are files or addresses.
    """

    title: str
    lines: Sequence[str]
    linked: bool = False


def subject(outcome: Outcome) -> str:
    """The subject line: the worst first."""
    fired = [watched.rule.name for watched in outcome.fired]
    said = [f"watch: {', '.join(few(fired, 3))}"] if fired else []
    if outcome.failed:
        said.append(f"{len(outcome.failed)} failed")
    if outcome.many_new:
        said.append(f"{outcome.many_new:,} new error{'s' if outcome.many_new > 1 else ''}")
    if outcome.lost:
        said.append("data lost")
    if outcome.lacking:
        said.append("something is lacking on this machine")
    if outcome.unlooked:
        said.append(f"{len(outcome.unlooked)} watch rule{'s' if len(outcome.unlooked) > 1 else ''} not looked at")
    if stale := sum(bool(condition.get("stale")) for condition in outcome.data.values()):
        said.append(f"{stale} source{'s' if stale > 1 else ''} stale")
    return _line(f"xlrotation {outcome.plan}: {'; '.join(said) or 'nothing new'}", _SUBJECT)


def render(outcome: Outcome, form: str, settings: Settings) -> str:
    """The summary as text (its first line is the subject), as an HTML page, as JSON, or as a whole mail."""
    return message(outcome, settings) if form == "mail" else _FORMS[form](outcome)


def message(outcome: Outcome, settings: Settings) -> str:
    """The summary as a mail that ``sendmail -t`` takes, in text and HTML.

    Args:
        outcome: What the run came to.
        settings: Whom it is for, and who sends it.
    """
    mail = EmailMessage()
    mail["Subject"] = subject(outcome)
    if settings.sender:
        mail["From"] = settings.sender
    if settings.to:
        mail["To"] = ", ".join(settings.to)
    mail["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_body(outcome))
    mail.add_alternative(_html(outcome), subtype="html")
    return mail.as_string()


def _parts(outcome: Outcome) -> Iterator[_Part]:
    yield _Part("Watch rules that fired", [watched.told for watched in outcome.fired])
    yield _Part("Failed", _together(outcome.failed))
    yield _Part("New errors", [line for job, items in outcome.new.items() for line in _grouped(job, items)])
    lost = [f"{source}: {line}" for source, lines in outcome.lost.items() for line in lines]
    yield _Part("Lost since the last run", lost)
    yield _Part("Watch rules that could not be looked at", [watched.told for watched in outcome.unlooked])
    for key, title in (("failed", "Sources that cannot be read"), ("stale", "Stale"), ("unread", "Files not read")):
        yield _Part(title, _of_data(outcome, key))
    yield _Part("Left out", _of_data(outcome, "left_out"))
    yield _Part("Held back", _of_data(outcome, "held_back"))
    yield _Part("Remarks on the data", _of_data(outcome, "remarks"))
    yield _Part("Refresh", outcome.refreshed)
    yield _Part("Expected, and not there any more", outcome.gone)
    quiet = [watched.told for watched in outcome.watched if not watched.fired and not watched.failed]
    yield _Part("Watch rules that did not fire", quiet)
    yield _Part("Lacking on this machine", outcome.lacking)
    yield _Part("Notes", outcome.notices)
    links = [files[0] for files in outcome.files.values() if files]
    yield _Part("Reports", links, True)


def _together(failed: Mapping[str, str]) -> list[str]:
    """A line for each reason, with those that failed for it."""
    alike: dict[str, list[str]] = {}
    for name, why in failed.items():
        alike.setdefault(why, []).append(name)
    return [f"{', '.join(few(names, 5))}: {why}" for why, names in alike.items()]


def _of_data(outcome: Outcome, key: str) -> list[str]:
    found = []
    for source, condition in outcome.data.items():
        items = condition.get(key) or []
        found += [f"{source}: {item}" for item in ([items] if isinstance(items, str) else items)]
    return found


def _grouped(job: str, items: Sequence[Shown]) -> list[str]:
    """A line for each kind of error: the first cell, how many more, and why."""
    alike: dict[tuple[str, str, str], list[Shown]] = {}
    for item in items:
        alike.setdefault((item.sheet, item.error, item.key[3]), []).append(item)
    return [
        f"{job}: {group[0].place}{f' and {len(group) - 1:,} more' if len(group) > 1 else ''} {group[0].error}: "
        f"{group[0].reason}"
        for group in alike.values()
    ]


def _head(outcome: Outcome) -> str:
    return (
        f"{outcome.output}: {len(outcome.done)} jobs done, {len(outcome.present)} there already, "
        f"{len(outcome.failed)} failed; {outcome.many_new:,} errors new, {outcome.known:,} known"
    )


def _line(text: str, widest: int = _WIDEST) -> str:
    """One line without keys, and without what would steer a terminal or end a header."""
    plain = printable(without_keys(writable(text)))
    return plain if len(plain) <= widest else f"{plain[: widest - 3]}..."


def _body(outcome: Outcome) -> str:
    lines = [_line(_head(outcome))]
    for part in _parts(outcome):
        if part.lines:
            lines += ["", part.title, *(f"  {_line(line)}" for line in few(part.lines, _LINES))]
    return "\n".join(lines) + "\n"


def _text(outcome: Outcome) -> str:
    return f"Subject: {subject(outcome)}\n\n{_body(outcome)}"


def _html(outcome: Outcome) -> str:
    title = html.escape(subject(outcome))
    lines = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<title>{title}</title></head>\n<body style="font-family: sans-serif">',
        f"<h1>{title}</h1>\n<p>{html.escape(_line(_head(outcome)))}</p>",
    ]
    for part in _parts(outcome):
        if not part.lines:
            continue
        shown = few(part.lines, _LINES)
        items = [_link(line) if part.linked and line in part.lines else html.escape(_line(line)) for line in shown]
        lines.append(f"<h2>{html.escape(part.title)}</h2>\n<ul>")
        lines += [f"<li>{item}</li>" for item in items]
        lines.append("</ul>")
    return "\n".join((*lines, "</body></html>\n"))


def _link(place: str) -> str:
    """A file or a page as a link; an address that no reader of mails opens as it is."""
    shown = html.escape(_line(place))
    if is_address(place):
        known = place.partition("://")[0].lower() in _LINKED
        return f'<a href="{shown}">{shown}</a>' if known else shown
    path = Path(place)
    return f'<a href="{html.escape(path.as_uri())}">{shown}</a>' if path.is_absolute() else shown


def _json(outcome: Outcome) -> str:
    plain = {"subject": subject(outcome), **outcome.as_dict()}
    return without_keys(json.dumps(plain, ensure_ascii=False, indent=1)) + "\n"


_FORMS: dict[str, Callable[[Outcome], str]] = {"text": _text, "html": _html, "json": _json}
