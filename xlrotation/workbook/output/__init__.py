"""Output: an evaluation as a workbook, as a PDF, as CSV and JSON."""
