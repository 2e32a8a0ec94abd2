"""The boundary: cells in, cells out, and the registry that every function is declared in."""
