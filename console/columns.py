"""Query answers as numpy arrays and lists, on either end of the console API."""

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from console.messages import Column, Columns

Array = NDArray[np.generic]


class MissingColumn(LookupError):
    """An answer has not what is read of it: whoever answered is of another version."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The running server's answer has no “{name}”: it is of another version. Restart it.")


class TextColumn(Sequence[str | None]):
    """Text that repeats itself: `codes` are int32 indices into `values`, −1 for null.

    A million rows of a few hundred sessions cost four bytes each, here and on the wire.
    """

    def __init__(self, codes: NDArray[np.int32], values: list[str]) -> None:
        self.codes = codes
        self.values = values

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str | None]:
        values: list[str | None] = [*self.values, None]  # index −1 finds the last
        return (values[code] for code in self.codes.tolist())

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> "TextColumn": ...
    def __getitem__(self, index: int | slice) -> "str | TextColumn | None":
        if isinstance(index, slice):
            return TextColumn(self.codes[index], self.values)
        code = int(self.codes[index])
        return None if code < 0 else self.values[code]


def encode_numbers(values: Array) -> Column:
    """A numeric column, little-endian."""
    array = np.ascontiguousarray(values)
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return Column(dtype=array.dtype.str, data=array.tobytes())


def encode_text(values: Sequence[str | None]) -> Column:
    """A text column, dictionary encoded: repeated ids and names cost four bytes."""
    if isinstance(values, TextColumn):
        return Column(dtype="<i4", data=values.codes.astype("<i4", copy=False).tobytes(), values=values.values)
    index: dict[str, int] = {}
    codes = np.fromiter(
        (-1 if v is None else index.setdefault(v, len(index)) for v in values), dtype="<i4", count=len(values)
    )
    return Column(dtype="<i4", data=codes.tobytes(), values=list(index))


def encode_columns(columns: Mapping[str, Array | Sequence[str | None]], truncated: bool = False) -> Columns:
    """Arrays become numeric columns, other sequences text. All must have one length."""
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns differ in length: {sorted(lengths)}")
    encoded = {
        name: encode_numbers(values) if isinstance(values, np.ndarray) else encode_text(values)
        for name, values in columns.items()
    }
    return Columns(rows=lengths.pop() if lengths else 0, columns=encoded, truncated=truncated)


def _column(answer: Columns, name: str) -> Column:
    try:
        return answer.columns[name]
    except KeyError:
        raise MissingColumn(name) from None


def numbers(answer: Columns, name: str) -> Array:
    """A numeric column, or a text column's indices. Read-only."""
    column = _column(answer, name)
    return np.frombuffer(column.data, dtype=column.dtype)


def text(answer: Columns, name: str) -> list[str]:
    """A text column as strings; null becomes ""."""
    column = _column(answer, name)
    if column.values is None:
        raise TypeError(f"column {name!r} holds numbers")
    values = [*column.values, ""]  # index −1 finds the last
    return [values[code] for code in np.frombuffer(column.data, dtype="<i4").tolist()]


def categories(answer: Columns, name: str) -> tuple[NDArray[np.int32], list[str]]:
    """A text column as its indices (−1 is null) and its distinct values."""
    column = _column(answer, name)
    if column.values is None:
        raise TypeError(f"column {name!r} holds numbers")
    return np.frombuffer(column.data, dtype="<i4"), column.values
