"""How much is taken from outside before anybody looks at it: every bound, and why it lies where it does.

What is beyond a bound is refused with its name and the bound. All of them lie far above what is sound, and low enough
that the worst answer or file costs about a gigabyte of memory, and no more.
"""

from __future__ import annotations

MEGABYTE = 2**20

ANSWER_BYTES = 8 * MEGABYTE
"""The body of an HTTP answer once it is unpacked. Sixty years of bars of one symbol take 2 MB, the options of one
expiry of the S&P 500 half of that, the longest daily series of FRED 1 MB; JSON takes up to 25 times its size when it is
read."""

LONGEST_WAIT = 7 * 86400.0
"""Seconds that a header Retry-After may state; more says nothing."""

CONTRACTS = 20_000
"""Option contracts of one expiry; the S&P 500 has some 1,500."""

OBSERVATIONS = 200_000
"""Lines of a series; a daily one since 1776 has 91,000."""

TEXT_BYTES = 128 * MEGABYTE
"""A text table once it is unpacked: twenty years of bars of 400 symbols in one table take 110 MB. Reading takes up to
eight times as much memory."""

BOOK_BYTES = 256 * MEGABYTE
"""The parts of a workbook once they are unpacked, all together."""

PART_BYTES = 192 * MEGABYTE
"""One part of a workbook once it is unpacked: a sheet of four million cells takes 150 MB."""

PACKED_BYTES = 64 * MEGABYTE
"""A workbook or Parquet file as it lies on disk; a reader may hold it in memory whole."""

RATIO = 250
"""How many times a part of a workbook may be larger than packed, from a megabyte on. Sheets of spreadsheets reach 20,
of nothing but one repeated row 100."""

ROWS = 4_000_000
"""Rows of a table: twenty years of 600 symbols in one long table are 3 million."""

CELLS = 20_000_000
"""Cells of a table of text or Parquet, rows times columns."""

BOOK_CELLS = 6_000_000
"""Cells of all sheets of a workbook from the first to the last that holds something, empty ones between them included;
twenty years of 600 symbols are 3 million. A reader takes up to a hundred bytes for each."""

BOOK_TEXT = 64 * MEGABYTE
"""Characters of all texts in cells of a workbook, each counted as often as it is shown."""

COLUMNS = 20_000
"""Columns of a table; a spreadsheet has 16,384."""

PARQUET_BYTES = 512 * MEGABYTE
"""The columns of a Parquet file once they are unpacked, as the file states it."""

ENTRIES = 20_000
"""Files and folders in a folder of prices, those one level down included."""

CLEAN_BYTES = 1024 * MEGABYTE
"""A text table that is read column by column, once it is unpacked; it takes no more memory than its numbers do."""

CLEAN_ROWS = 16_000_000
"""Rows of such a table."""

CLEAN_CELLS = 64_000_000
"""Cells of such a table, eight bytes each."""
