"""``python -m xlrotation`` is the command line."""

import sys

from xlrotation.cli import main

sys.exit(main())
