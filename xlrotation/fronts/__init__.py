"""Doors to spreadsheet programs: each binds the registry to one of them."""
