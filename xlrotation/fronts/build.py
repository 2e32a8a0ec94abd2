"""Write the generated files: ``python -m xlrotation.fronts.build``; with ``--check`` only compare them.

They hold our functions; with ``--plugins`` those of the installed plug-ins, too, for a desk that publishes them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from xlrotation.entrypoints import SWITCH
from xlrotation.fronts import collection, natives_page, reference, stubs
from xlrotation.fronts.excel import intellisense, ribbon, udfs, vba
from xlrotation.languages import ENGLISH, known

_PAGE = "docs/{lang}/functions.md"


def generated() -> Mapping[str, Callable[[], str]]:
    """What is generated, by the names of the files."""
    pages = {_PAGE.format(lang=lang): partial(reference.render_in, lang) for lang in known() if lang != ENGLISH}
    return _GENERATED | pages


_GENERATED: dict[str, Callable[[], str]] = {
    "udfs.py": udfs.render,
    "vba/xlrotation.bas": vba.render,
    "vba/xlrotation.intellisense.xml": intellisense.render,
    "vba/customUI14.xml": ribbon.render,
    "xlrotation/python/functions.pyi": stubs.render,
    "xlrotation/measures/__init__.pyi": stubs.render_measures,
    "docs/functions.md": reference.render,
    "xlrotation/languages/xlrotation.pot": collection.render,
    "docs/native_functions.md": natives_page.render,
}


def outdated(folder: Path) -> list[str]:
    """The generated files under *folder* that are not what the registry gives now."""
    stale = []
    for name, render in generated().items():
        path = folder / name
        if not path.exists() or path.read_bytes() != render().encode("utf-8"):
            stale.append(name)
    return stale


def main(arguments: Sequence[str]) -> int:
    """Write the files into the present folder, or check them."""
    if "--plugins" not in arguments:
        os.environ[SWITCH] = "off"
    folder, files = Path.cwd(), generated()
    stale = outdated(folder)
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is out of date; run: python -m xlrotation.fronts.build", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name]().encode("utf-8"))
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
