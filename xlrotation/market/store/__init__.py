"""The store: what was fetched, on disk, and what may come into it."""
