"""What all workers of a batch need, loaded once, in the process that they are forked from.

What a worker does not change of it stays one and the same memory for all: code, and what is known of the data.
Collecting garbage would touch every object, so those that are here already are left out of it.
"""

from __future__ import annotations

import gc
import json
import os
import signal

from xlrotation.batch import work
from xlrotation.functions.boundary.registry import functions

if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started the batch
for _ in functions().values():  # each is loaded when it is asked for
    pass
work.program()
for source, state, exchange in json.loads(os.environ.pop(work.WARM, "[]")):
    work.warm(source, state, exchange)
gc.collect()
gc.freeze()
