"""Watch rules: formulas with a threshold, looked at on new data."""
