"""How a command ends: whatever happens, outside or in it, with a sentence and an exit status."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import TextIO

from xlrotation import signals
from xlrotation.errors import RotationError
from xlrotation.outside import reason, sentence

PROBLEMS, CANNOT_GO_ON, SIGNALLED = 1, 2, 128


def to_the_end(command: Callable[[], int]) -> int:
    """Run *command*; returns its exit status, or that of what kept it from its end.

    1: the reader of its output went away, or Ctrl-C; 2: trouble that a sentence on the error stream names; 128 plus the
    number of the signal that asked it to end. All that it wrote is then written, or told to be lost.
    """
    with signals.orderly_end() as came:
        try:
            status = _run(command)
        except signals.Ended:  # while the last words were written
            status = PROBLEMS
    return SIGNALLED + came[0] if came else status


def to_be_told(error: Exception) -> str:
    """Why a piece of work failed that must not end the others.

    Raises:
        Exception: *error* itself, where nobody reads any more, or where a fault of ours is to be seen
            (``XLROTATION_STRICT``).
    """
    if isinstance(error, BrokenPipeError) or _is_to_be_seen(error):
        raise error
    return reason(error)


def _run(command: Callable[[], int]) -> int:
    try:
        try:
            return command()
        finally:
            if sys.stdout is not None:  # None: closed by whoever started this
                sys.stdout.flush()  # what cannot be written is told now, not when the interpreter ends
    except BrokenPipeError:
        _let_go(sys.stdout)
        return PROBLEMS
    except KeyboardInterrupt:
        return PROBLEMS
    except Exception as error:
        if _is_to_be_seen(error):
            raise
        _let_go(sys.stdout)
        with contextlib.suppress(OSError, ValueError):
            print(f"xlrotation: {reason(error)}", file=sys.stderr, flush=True)
        return CANNOT_GO_ON


def _is_to_be_seen(error: Exception) -> bool:
    strict = bool(os.environ.get("XLROTATION_STRICT"))
    return strict and not isinstance(error, RotationError) and sentence(error) is None


def _let_go(stream: TextIO | None) -> None:
    """Let what a stream still holds go where nothing fails, unless it can be written after all."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
