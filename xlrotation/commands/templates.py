"""The command ``templates``: the template workbooks, built; and a first definition of a book of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlrotation.commands.arguments import folder

FINE = 0


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("build", "new"), help="build workbooks, or write a definition of your own")
    parser.add_argument("names", nargs="*", help="which (default: all); a file of your own as NAME.py; new: its name")
    parser.add_argument("--theme", type=Path, metavar="FILE", help="a house's colours, fonts and logo (TOML)")
    parser.add_argument("-o", "--output", type=folder, default=Path("workbooks"), help="folder (default: workbooks)")
    variant = parser.add_mutually_exclusive_group()
    variant.add_argument("--officejs", action="store_true", help="for functions of xlwings Server or Lite")
    variant.add_argument("--macros", action="store_true", help="as .xlsm with our macros, and the add-in for Excel")


def run(options: argparse.Namespace) -> int:
    """Build them; returns the exit status."""
    import functools

    from xlrotation import guard
    from xlrotation.errors import BadArgument
    from xlrotation.fronts.excel import macros
    from xlrotation.functions.boundary import registry
    from xlrotation.reports.templates import build_templates, write_first
    from xlrotation.reports.theme import read_theme
    from xlrotation.workbook.output.officejs import convert

    if options.action == "new":
        if len(options.names) != 1:
            raise BadArgument("give the new book one name: xlrotation templates new my_desk")
        print(write_first(options.names[0], options.output))
        return FINE
    theme = None if options.theme is None else read_theme(options.theme)
    build = functools.partial(build_templates, names=options.names, theme=theme)
    if options.officejs:
        with guard.scratch("xlrotation-templates-") as drafts:
            for path in build(drafts):
                print(convert(path, options.output / f"{path.stem}-officejs.xlsx", registry.functions()))
        return FINE
    for path in macros.build_books(build, options.output) if options.macros else build(options.output):
        print(path)
    return FINE
