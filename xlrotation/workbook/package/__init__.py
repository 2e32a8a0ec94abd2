"""The package of a workbook: its parts, read and edited by their bytes."""
