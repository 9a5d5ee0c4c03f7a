"""Answers of queries that cross the console API, column by column."""

from msgspec import Struct


class Column(Struct, frozen=True):
    """One column: numbers as the bytes of a numpy array, text as a dictionary of distinct values.

    With `values` None, `data` holds `dtype` numbers (NaN where there is none). Otherwise `data` holds `<i4` indices
    into `values`, −1 for null.
    """

    dtype: str
    data: bytes
    values: list[str] | None = None


class Columns(Struct, frozen=True):
    """A query's answer. `truncated` is true when a row limit cut it."""

    rows: int
    columns: dict[str, Column]
    truncated: bool = False
