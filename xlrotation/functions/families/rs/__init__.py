"""RS: relative strength."""
