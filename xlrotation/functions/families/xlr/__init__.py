"""XLR: the library itself, and the state of its data."""
