"""Where filtered rows come from: what a view says of its rows, so that the running of a filter is written once."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol, TypeVar

from console.messages import FeedFrame, FeedRows
from console.telemetry.filters import Filter, Scope
from console.ui import selection

R = TypeVar("R")


class FilterSource(Protocol[R]):
    """Rows of one kind, by filter. What asks the server raises ConsoleUnavailable or ConsoleRefused."""

    @property
    def scope(self) -> Scope:
        """What kind of rows they are."""

    def terms_of(self, chosen: selection.Scope) -> str:
        """The left dock's choice as a filter; "" for all."""

    def cell_terms(self, row: R, column: str) -> Sequence[str]:
        """What a filter can ask for by one cell of a row, the likeliest first; `column` is its key."""

    def value_of(self, field: str) -> Callable[[R], str] | None:
        """What a row itself holds of a field of text; None where the server is to be asked for values."""

    def live(self, wanted: Filter) -> AsyncIterator[FeedFrame] | None:
        """A subscription to matching rows; None where `matching` tells them from all that arrive anyway."""

    def rows_of(self, rows: FeedRows) -> tuple[Sequence[R], int]:
        """The rows of this kind in a message, and how many the window missed."""

    def matching(self, wanted: Filter, rows: Sequence[R]) -> tuple[Sequence[R], int | None]:
        """Those of the rows that match, and the lowest key of those that do not tell, None for none."""

    async def past(
        self, wanted: Filter, before: int | None, limit: int, after: int = 0
    ) -> tuple[Sequence[R], int | None]:
        """The newest matching rows between two keys, oldest first; the key to go on before, None when that was all."""
