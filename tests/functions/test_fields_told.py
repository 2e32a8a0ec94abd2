"""What the data lack is named in the reader's language."""

from __future__ import annotations

import re

import pytest

from xlrotation.functions.boundary.reasons import told_in
from xlrotation.market.columns import _FIELD_NAMES


@pytest.mark.parametrize("name", _FIELD_NAMES.values())
def test_no_field_is_told_in_english(name: str) -> None:
    told = told_in(f"the data hold no {name}; use a source that does", "zh")
    assert not re.search("[A-Za-z]", told), told
