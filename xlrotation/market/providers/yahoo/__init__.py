"""Yahoo Finance: bars, dividends, splits, option chains."""
