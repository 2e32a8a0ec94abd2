"""What may happen outside the program (no space, no permission, no memory, a damaged file), told in a sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from xlrotation.addresses import without_keys
from xlrotation.errors import NoData, RotationError

_ADVICE = {
    errno.ENOSPC: "make room on the disk and run it again",
    errno.EDQUOT: "make room in your quota and run it again",
    errno.EROFS: "choose a folder that can be written",
    errno.EACCES: "ask for the permission, or choose another place",
    errno.EPERM: "ask for the permission, or choose another place",
    errno.ENOTDIR: "a file stands where a folder should be",
    errno.EISDIR: "a folder stands where a file should be",
    errno.EEXIST: "something else stands in its place; move it away",
    errno.ELOOP: "a symbolic link leads nowhere or stands where none may; remove it",
    errno.EMFILE: "close other programs and run it again",
    errno.ENFILE: "close other programs and run it again",
    errno.EFBIG: "the file system, or a limit of this account, takes no larger file",
    errno.EIO: "the disk or the network drive failed; check it and run it again",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOMEM: "close other programs and run it again",
}

_PACKED = (("zlib", "error"), ("_lzma", "LZMAError"), ("_zstd", "ZstdError"))
_DAMAGED = (*_PACKED, ("zipfile", "BadZipFile"), ("builtins", "EOFError"))
"""Errors by their modules: one that nobody has imported has raised none."""


class Outside(NoData):
    """Something outside the program went wrong."""


def sentence(error: BaseException) -> str | None:
    """What *error* says to somebody who does not read Python; None where it is no trouble from outside."""
    found = _sentence(error)
    return None if found is None else printable(without_keys(found))


def reason(error: BaseException) -> str:
    """Why something failed, whatever *error* is: one meant for the analyst, one from outside, or a fault of ours."""
    if isinstance(error, RotationError):
        return printable(without_keys(error.message))
    if (found := sentence(error)) is not None:
        return found
    import traceback

    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "xlrotation" in Path(frame.filename).parts
    ]
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    text = printable(without_keys(str(error)))[:200]
    return f"internal error ({type(error).__name__}: {text}{where}); please report it with this line"


def unpacking() -> tuple[type[Exception], ...]:
    """The errors that what unpacks bytes has of its own, of each way to pack them that is in use."""
    return _raised(_PACKED)


def _raised(errors: Iterable[tuple[str, str]]) -> tuple[type[Exception], ...]:
    return tuple(getattr(sys.modules[module], name) for module, name in errors if module in sys.modules)


def _sentence(error: BaseException) -> str | None:
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, MemoryError):
        return "the memory of this computer does not suffice; close other programs or give smaller files"
    if isinstance(error, RecursionError):
        return "something that was read is nested too deeply to be what it should be; look for a damaged file or answer"
    if isinstance(error, ModuleNotFoundError):
        return f"this needs the package {error.name}, which is not installed here: pip install {error.name}"
    if isinstance(error, ImportError):
        return f"a package cannot be loaded ({error}); install it anew"
    if isinstance(error, UnicodeError):
        return f"a name or text holds characters that cannot be used here ({error})"
    if isinstance(error, RuntimeError) and "home directory" in str(error):
        return "no home folder is known of this account or of one that a path names; set HOME, or write whole paths"
    if isinstance(error, ValueError) and "null byte" in str(error):
        return "a name or path holds a NUL character, which no file can have"
    if isinstance(error, _raised(_DAMAGED)):
        return f"a file or answer is damaged ({error or type(error).__name__})"
    return None


def _of_system(error: OSError) -> str:
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    what = error.strerror or str(error) or type(error).__name__
    advice = _ADVICE.get(error.errno or 0)
    return f"{' to '.join(names)}: {what}"[0 if names else 2 :] + (f"; {advice}" if advice else "")


def printable(text: str) -> str:
    """*text* in one line, without characters that would steer a terminal."""
    return "".join(c if c.isprintable() else " " if c.isspace() else ascii(c)[1:-1] for c in text)


def writable(text: str) -> str:
    """*text* as a file of UTF-8 takes it: what a name holds beside characters is written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn trouble from outside into :class:`Outside`; anything else, a closed pipe included, goes through.

    Raises:
        Outside: Something outside the program went wrong.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except Exception as error:
        text = sentence(error)
        if text is None:
            raise
        raise Outside(text) from error
