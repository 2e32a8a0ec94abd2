"""The command line: ``xlrotation COMMAND``.

Exit status 0: fine; 1: finished with problems, which are listed; 2: could not start or go on; 3: a watch rule fired;
128 and more: a signal asked it to end.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence

import xlrotation
from xlrotation.commands.arguments import Command, Parser
from xlrotation.ending import to_the_end

_DESCRIPTION = (
    "Excel worksheet functions for market rotation, dispersion, volatility regimes, breadth, flows and macro stress."
)

COMMANDS = {
    "begin": "write a folder to begin with: the workbooks, the files for Excel, examples",
    "demo": "export every report from the sample data",
    "eval": "print the values of formulas",
    "explain": "explain the value of a formula, or of a cell of a workbook: the data that went in, and their sources",
    "watch": "look at watch rules: which fire on new data, why, how often before, and what followed",
    "functions": "list the worksheet functions",
    "status": "show the age and the gaps of the data, and what is held back of them",
    "accept": "store the values that are held back of symbols",
    "reject": "drop the values that are held back of symbols",
    "audit": "show the figures that market reports published against the data",
    "folder": "show how each file of a folder is read, or begin its folder.toml",
    "refresh": "fetch new data into the store",
    "export": "fill workbooks and write copies; with --json also the values of the named ranges, as JSON",
    "refresh-book": "store new values in workbooks, in place",
    "batch": "run many exports: books by dates by parameters",
    "nightly": "refresh the data, run a plan, look at its watch rules, and sum it all up as a mail",
    "addin": "set up a spreadsheet program, undo that, or find out what stands in the way",
    "server": "serve the functions to Excel on Mac, on the web and on Windows, through xlwings Server",
    "mcp": "serve the functions to assistants, as tools of the Model Context Protocol, for reading only",
    "templates": "build the template workbooks",
}
"""The commands, each a module of :mod:`xlrotation.commands`."""

_LAST_STREAM = 2

_NOT_BUSY = ("OPENBLAS_THREAD_TIMEOUT", "20")
"""2 to so many ticks of the processor, half a millisecond: how long a thread of numpy's linear algebra that has nothing
to do asks for work before it sleeps. Each does so when numpy is loaded; the default is 64 times as long."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    Args:
        arguments: What follows the program's name; None: those of this process, which has nothing else to do.
    """
    os.environ.setdefault(*_NOT_BUSY)
    open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may not speak Chinese
    given = sys.argv[1:] if arguments is None else arguments
    status = to_the_end(lambda: _run(_parser(given).parse_args(given)))
    if arguments is None:
        gc.freeze()  # the interpreter would look for rings in all that is left before it lets go of it
    return status


def open_streams() -> None:
    """Make standard streams of what whoever started this has closed; what is printed to them goes nowhere.

    Otherwise the next file that is opened takes the number of one, and ``print`` takes no error stream for the output.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST_STREAM:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))


def _run(options: argparse.Namespace) -> int:
    if day := getattr(options, "as_known_on", None):
        from xlrotation.market.dates import read_date
        from xlrotation.market.sources import as_known_on

        options.source = as_known_on(options.source, read_date(day))
    command: Callable[[argparse.Namespace], int] = options.command
    exchange: str | None = getattr(options, "exchange", None)
    if exchange is None:
        return command(options)
    from xlrotation.market.listing import home_of_process

    with home_of_process(exchange):
        return command(options)


def _parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser for *arguments*: it knows all commands where the first of them is none."""
    parser = Parser(prog="xlrotation", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"xlrotation {xlrotation.__version__}")
    commands = parser.add_subparsers(prog=parser.prog, required=True, metavar="COMMAND", parser_class=Command)
    wanted = arguments[:1] if arguments[:1] and arguments[0] in COMMANDS else COMMANDS
    for name in wanted:
        commands.add_parser(name, help=COMMANDS[name], description=COMMANDS[name], module=name.replace("-", "_"))
    return parser
