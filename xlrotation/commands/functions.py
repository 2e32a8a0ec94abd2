"""The command ``functions``: what worksheet functions there are."""

from __future__ import annotations

import argparse
import json
import sys

from xlrotation.addresses import without_keys
from xlrotation.commands.arguments import add_json

FINE, CANNOT_START = 0, 2


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments; the list of commands says what it does."""
    parser.description = None
    add_json(parser)
    parser.add_argument("family", nargs="?", help="only those of a family, such as ROT")


def run(options: argparse.Namespace) -> int:
    """List them; returns the exit status."""
    from xlrotation.functions.boundary import registry

    chosen = [s for s in registry.functions().values() if options.family in (None, s.family, s.family.lower())]
    if not chosen:
        said = f"no family {options.family}; there are {', '.join(registry.FAMILIES)}"
        print(without_keys(said), file=sys.stderr)
        return CANNOT_START
    if options.json:
        print(json.dumps([registry.as_dict(spec) for spec in chosen], ensure_ascii=False, indent=1))
        return FINE
    width = max(len(spec.name) for spec in chosen)
    for spec in chosen:
        print(f"{spec.name:<{width}}  {spec.summary}")
    return FINE
