"""A workbook without Excel: read its formulas, evaluate them, write the results."""
