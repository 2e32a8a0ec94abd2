"""What was known at a date: symbols, windows, calendar, panel, store, providers."""
