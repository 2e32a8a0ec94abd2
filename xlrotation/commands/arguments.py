"""What the command line takes: parsers, and the arguments that several commands have."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlrotation.addresses import is_address, without_keys

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

SET: dict[str, Any] = {
    "action": "append",
    "default": [],
    "metavar": "NAME=VALUE",
    "help": "set a cell, by defined name or as Sheet!A1 (may be repeated)",
}

NO_OFFICE: dict[str, Any] = {
    "action": "store_true",
    "help": "do not ask LibreOffice for formulas that are not computed here",
}


class Parser(argparse.ArgumentParser):
    """A parser that does not hide that its help cannot be written, and shows no key of an address."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if message and (stream := file or sys.stderr) is not None:
            stream.write(without_keys(message))


class Command(Parser):
    """The parser of a command, which loads the command's module when it is to parse: most starts need one of many.

    Args:
        module: Its module in this room: ``declare`` adds its arguments, ``run`` does the work.
        given: As for any parser.
    """

    def __init__(self, *, module: str, **given: Any) -> None:
        super().__init__(**given)
        self._module: str | None = module

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._module is not None:
            command = import_module(f"xlrotation.commands.{self._module}")
            self._module = None
            self.set_defaults(command=command.run)
            command.declare(self)
            if self._some_may_lack():
                return self.parse_known_intermixed_args(args, namespace)
        return super().parse_known_args(args, namespace)

    def _some_may_lack(self) -> bool:
        """Whether several arguments have a place and one may be left out: before an option it would be taken so."""
        placed = [action.nargs for action in self._get_positional_actions()]
        return len(placed) > 1 and any(nargs in ("*", "?") for nargs in placed) and argparse.PARSER not in placed


def folder(text: str) -> Path:
    """The folder that *text* names.

    Raises:
        argparse.ArgumentTypeError: It is an address.
    """
    if is_address(text):
        raise argparse.ArgumentTypeError(f"{without_keys(text)} is an address, not a folder; batch writes to addresses")
    return Path(text)


def language(text: str) -> str:
    """The code of the language that *text* names.

    Raises:
        argparse.ArgumentTypeError: It is not spoken.
    """
    from xlrotation.errors import BadArgument
    from xlrotation.languages import spoken

    try:
        return spoken(text)
    except BadArgument as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_language(parser: argparse.ArgumentParser) -> None:
    """Declare ``--lang``."""
    from xlrotation.languages import known

    parser.add_argument("--lang", type=language, metavar="L", help=f"language of words: {', '.join(known())}")


def add_exchange(parser: argparse.ArgumentParser) -> None:
    """Declare ``--exchange``, which counts for the whole process."""
    text = "the home exchange, such as XETR: its closing bell is meant by an as-of date (default: New York)"
    parser.add_argument("--exchange", metavar="CODE", help=text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare ``--json``."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare where the data come from, and whose words they are told in."""
    parser.add_argument("--source", metavar="S", help="sample (default), yahoo, store:NAME or folder:PATH")
    text = "the data as they were known on that day (of a store; the same as --source S@DATE)"
    parser.add_argument("--as-known-on", metavar="DATE", help=text)
    add_exchange(parser)
    add_language(parser)


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare what every command on data takes: the source, the as-of date, ``--json``."""
    add_source(parser)
    parser.add_argument("--asof", metavar="DATE", help="as-of date; default: the newest session in the data")
    add_json(parser)
