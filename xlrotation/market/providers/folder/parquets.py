"""A Parquet file as rows, read only where what it says and what it holds are bounded."""

from __future__ import annotations

from typing import IO, Any

from xlrotation.grid import MAX_TEXT
from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder.rows import BadFile, Rows, of_object

_BATCH = 1 << 16
"""Rows that are read before it is looked how much there is."""


def read(file: IO[bytes], name: str) -> Rows:
    """The rows of a Parquet file, its heads first.

    The file is read from its handle: from a path the reader would take parts such as ``date=2026`` for columns.

    Args:
        file: The file.
        name: What messages call it.

    Raises:
        BadFile: It is larger than the bounds, or no flat table.
        Exception: Whatever the reader raises.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.seek(0, 2) > bounds.PACKED_BYTES:
        raise BadFile(f"{name}: is larger than {bounds.PACKED_BYTES // bounds.MEGABYTE} MB; split it by symbol or year")
    metadata = pq.ParquetFile(file).metadata
    texts = _checked(metadata, name)
    # texts stay numbers that point to them: a million rows may name one text of a megabyte
    source = pq.ParquetFile(file, read_dictionary=texts)
    before = pa.total_allocated_bytes()
    batches: list[Any] = []
    rows = 0
    for batch in source.iter_batches(_BATCH):
        batches.append(batch)
        rows += len(batch)
        if rows > metadata.num_rows or pa.total_allocated_bytes() - before > bounds.PARQUET_BYTES:
            raise BadFile(f"{name}: holds more than it says, it is damaged; write it again")
        _check_texts(batch, name)
    return _rows(pa.Table.from_batches(batches, source.schema_arrow).to_pandas())


def _checked(metadata: Any, name: str) -> list[str]:
    """The columns of texts, once the description of the file is found to be within the bounds.

    Raises:
        BadFile: It is not.
    """
    rows, columns = metadata.num_rows, metadata.num_columns
    if rows > bounds.ROWS or columns > bounds.COLUMNS or rows * columns > bounds.CELLS:
        raise BadFile(
            f"{name}: has {rows:,} rows and {columns:,} columns, more than {bounds.ROWS:,} rows, {bounds.COLUMNS:,} "
            f"columns or {bounds.CELLS:,} cells; split it by symbol or year"
        )
    unpacked = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    if unpacked > bounds.PARQUET_BYTES:
        raise BadFile(
            f"{name}: unpacks to more than {bounds.PARQUET_BYTES // bounds.MEGABYTE} MB; split it by symbol or year"
        )
    texts = []
    for column in map(metadata.schema.column, range(columns)):
        if column.max_repetition_level or column.max_definition_level > 1:
            raise BadFile(f"{name}: column {column.path} is no plain column, but nested; give one value a cell")
        if column.physical_type == "BYTE_ARRAY":
            texts.append(column.path)
    return texts


def _check_texts(batch: Any, name: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    for head, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_dictionary(column.type) and len(column.dictionary):
            longest = pc.max(pc.binary_length(column.dictionary)).as_py()
            if (longest or 0) > MAX_TEXT:
                raise BadFile(f"{name}, column {head}: holds a text of {longest:,} bytes, no cell is so long")


def _rows(frame: Any) -> Rows:
    unnamed = not any(frame.index.names)
    if not unnamed or not str(frame.index.dtype).startswith("int"):
        frame = frame.reset_index()
    columns = [[of_object(value) for value in frame.iloc[:, place].tolist()] for place in range(len(frame.columns))]
    if frame.columns.nlevels == 2:  # of several tickers: two rows of heads
        heads: Rows = [list(map(str, level)) for level in zip(*frame.columns, strict=True)]
        if heads[0][0] and not heads[1][0]:  # the index, named in the first row only
            names = [str(name or "") for name in frame.columns.names]
            heads[0][0], heads[1][0] = names if all(names) else ("", "" if unnamed else heads[0][0])
    else:
        heads = [[str(name) for name in frame.columns]]
    return [*heads, *map(list, zip(*columns, strict=True))]
