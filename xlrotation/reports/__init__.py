"""The report workbooks as definitions."""
