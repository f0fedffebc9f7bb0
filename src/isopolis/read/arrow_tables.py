"""Parquet files and Arrow tables → columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from isopolis.model.text import phrase

from .columns import Column, Table, column_of_numbers
from .failure import fail, guarded
from .text_tables import from_dictionary

__all__ = ["columns_of_arrow", "read_parquet"]


def read_parquet(path: Path, file: str, columns: tuple[str, ...] = ()) -> Table:
    """Read a Parquet file.

    Parameters
    ----------
    columns : tuple of str
        Only these, where they exist; all when empty.
    """
    import pyarrow.parquet as pq

    if path.stat().st_size == 0:
        fail("empty-file", phrase("the file is empty"), file=file, hint=phrase("Export it again."))
    with guarded(file, "Parquet", phrase("The file may be cut off or of another format; get it again.")):
        source = pq.ParquetFile(path)
        known = list(source.schema_arrow.names)
        wanted = [c for c in known if not columns or c in columns] or known
        # one column at a time: text columns of millions of rows must never all be in memory undecoded
        out: dict[str, Column] = {}
        for name in wanted:
            column = column_of_arrow(name, source.read(columns=[name]).column(0))
            if column is not None:
                out[name] = column
        rows = source.metadata.num_rows
    return Table(file, out, np.arange(2, rows + 2), decimal=_stored(out))


def columns_of_arrow(data: Any, skip: tuple[str, ...] = ()) -> dict[str, Column]:
    """Convert the columns of an Arrow table that are text, numbers or dates."""
    made = {n: column_of_arrow(n, data.column(n)) for n in data.column_names if n not in skip}
    return {n: c for n, c in made.items() if c is not None}


def _stored(columns: dict[str, Column]) -> str:
    return "." if any(c.native for c in columns.values()) else ""


def column_of_arrow(name: str, data: Any) -> Column | None:
    """Convert one column; None for binary and nested ones."""
    import pyarrow as pa

    kind = data.type
    if pa.types.is_integer(kind) and not data.null_count:
        return column_of_numbers(name, data.to_numpy())
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return column_of_numbers(name, data.cast(pa.float64(), safe=False).to_numpy())
    if pa.types.is_dictionary(kind):
        values = kind.value_type
        if not (pa.types.is_string(values) or pa.types.is_large_string(values)):
            return column_of_arrow(name, data.cast(values))
        return from_dictionary(name, data.cast(pa.dictionary(pa.int32(), pa.string())))
    if _writable(kind):
        return from_dictionary(name, data.cast(pa.string()).dictionary_encode())
    return None


def _writable(kind: Any) -> bool:
    import pyarrow as pa

    t = pa.types
    return bool(
        t.is_string(kind)
        or t.is_large_string(kind)
        or t.is_boolean(kind)
        or t.is_date(kind)
        or t.is_timestamp(kind)
        or t.is_null(kind)
    )
