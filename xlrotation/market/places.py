"""Where on this computer the data live."""

from __future__ import annotations

import os
from pathlib import Path

from xlrotation.outside import told


def data_folder() -> Path:
    """Where stores live: the environment variable ``XLROTATION_HOME``, else the user's data folder.

    Raises:
        NoData: Nobody knows the user's home folder.
    """
    from platformdirs import user_data_dir

    with told():
        return Path(os.environ.get("XLROTATION_HOME") or user_data_dir("xlrotation", appauthor=False)).expanduser()
