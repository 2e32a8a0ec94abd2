"""What the benchmarks share: measuring side by side, recording what was found, and being collected.

A script beside this folder marks its parts with :func:`part` and ends with :func:`main`; ``python -m harness`` runs
them all. README.md beside the scripts says what a script keeps to.
"""

from harness.measuring import Bench, Process
from harness.parts import main, part

__all__ = ["Bench", "Process", "main", "part"]
