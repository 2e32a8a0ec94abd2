"""Write the proofs into docs/methods.md: ``python -m tests.proofs``; with ``--check`` only compare."""

from __future__ import annotations

import sys

from tests.proofs.catalogue import PAGE, page


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    text = PAGE.read_text("utf-8")
    wanted = page(text)
    if wanted == text:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.name} is out of date; run: python -m tests.proofs", file=sys.stderr)
        return 1
    PAGE.write_bytes(wanted.encode("utf-8"))
    print(PAGE.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
