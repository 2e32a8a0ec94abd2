"""The audit of a report as plain data, for programs: what ``xlrotation audit --json`` prints."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.published import claims
from xlrotation.functions.published.claims import Finding
from xlrotation.functions.published.reports import Report
from xlrotation.hosts import JSON


def audited(session: Evaluator, report: Report) -> dict[str, object]:
    """The figures of a report against the data of a session."""
    return as_dict(report, claims.audit(session, report), session.lang)


def as_dict(report: Report, rows: Sequence[Finding], lang: str) -> dict[str, object]:
    """Findings that were made, in the words of a language."""
    return {
        "report": report.key,
        "title": report.title.into(lang),
        "published": str(report.published),
        "counts": claims.counts(rows),
        "figures": [
            {
                "id": row.claim.id,
                "figure": row.claim.figure.into(lang),
                "date": row.claim.date,
                "published": JSON.write(row.claim.published),
                "computed": JSON.write(row.computed),
                "difference": row.difference,
                "verdict": row.outcome.verdict,
                "explained": row.outcome is claims.Outcome.OTHER,
                "other": row.other,
                "note": row.note(lang),
                "formula": row.claim.formula,
            }
            for row in rows
        ],
    }
