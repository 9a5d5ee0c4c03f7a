"""What a table's columns are and how a row is written in them. Pure; the delegate paints what stands here."""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

R = TypeVar("R")

_CACHED_ROWS = 2_048


class Tone(enum.Enum):
    """The colour of a cell's text, by meaning."""

    TEXT = "text"
    DIM = "dim"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


def _text_tone(_row: object) -> Tone:
    return Tone.TEXT


def dim(_row: object) -> Tone:
    """Every row of the column in the dim colour."""
    return Tone.DIM


@dataclass(frozen=True)
class TableColumn(Generic[R]):
    """One column. `text` must be inert (see `formatting.visible`); `hover` may be exact and long.

    `mono` cells hold numbers, times, ids; `chip` cells are outlined in the colour of an event's kind.
    `middle` cells are cut in their middle when they are too long: what tells builds apart is at the end.
    Where there is little room the column may be narrowed to `least` pixels (0: not at all), and then taken away, the
    highest `leaves` first (0: never).
    `order` is what the table can be sorted by: a number, a text, or None where a row has none.
    """

    key: str
    title: str
    width: int
    text: Callable[[R], str]
    tone: Callable[[R], Tone] = _text_tone
    hover: Callable[[R], str] | None = None
    mono: bool = False
    right: bool = False
    chip: bool = False
    middle: bool = False
    least: int = 0
    leaves: int = 0
    order: Callable[[R], Any] | None = None


class RowCells(Generic[R]):
    """The texts of rows, remembered for those on screen: a repaint formats only rows that are new to it."""

    def __init__(self, columns: Sequence[TableColumn[R]], key_of: Callable[[R], int]) -> None:
        self.columns = tuple(columns)
        self._key_of = key_of
        self._writers = tuple(column.text for column in self.columns)
        self._cache: dict[int, tuple[str, ...]] = {}

    def texts(self, row: R) -> tuple[str, ...]:
        """One text a column."""
        key = self._key_of(row)
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) >= _CACHED_ROWS:
                self._cache.clear()
            found = self._cache[key] = self.write(row)
        return found

    def write(self, row: R) -> tuple[str, ...]:
        """As `texts`, without remembering."""
        return tuple([write(row) for write in self._writers])

    def forget(self) -> None:
        """Write every row anew, as after a change of time zone."""
        self._cache.clear()
