"""Audits of any report: its text read from a file, and the audit as a workbook, a page, Markdown or JSON."""
