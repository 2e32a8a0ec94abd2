"""Evaluation: what a workbook's cells come to, as a spreadsheet computes them."""
