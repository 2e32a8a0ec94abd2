"""The command ``eval``: the value of a formula, and what it says of one that has none."""

from __future__ import annotations

import argparse
import json
import sys

from xlrotation.addresses import without_keys
from xlrotation.errors import CellError, RotationError
from xlrotation.functions.boundary import advice
from xlrotation.storecommands import open_session
from xlrotation.terminal import as_table, plain, shown

FINE, PROBLEMS = 0, 1


def run(options: argparse.Namespace) -> int:
    """Print the value of the formula; what is wrong, and what it may mean, goes to the error stream."""
    from xlrotation.workbook.evaluation.evaluate import evaluate_formula

    session = open_session(options)
    try:
        result = evaluate_formula(options.formula, session)
    except RotationError as error:
        if hint := advice.about_formula(options.formula, session):
            raise RotationError(f"{error.message}; {hint}") from None
        raise
    if options.json:
        print(json.dumps(plain(result), ensure_ascii=False))
    elif isinstance(result, list):
        print(as_table(result))
    else:
        print(shown(result))
    failures = list(session.failures)
    for failure in failures[-5:]:
        said = f"{failure.function}({failure.arguments}) gave {failure.error}: {failure.reason}"
        print(without_keys(said), file=sys.stderr)
    for remark in session.remarks:
        print(remark, file=sys.stderr)
    return PROBLEMS if isinstance(result, CellError) or failures else FINE
