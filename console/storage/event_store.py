"""What the server asks of an event store, whichever engine it is.

The store is a projection of the journal: it may lag behind, and it can be rebuilt at any time.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from console.columns import Array
from console.messages import Check
from console.storage.journal_records import Position
from console.storage.named_queries import InvalidQuery

if TYPE_CHECKING:  # half a second to import, which the server's readiness does not wait for
    import pyarrow as pa

__all__ = [
    "AssignedLevel",
    "ColumnBatch",
    "EventStore",
    "EventStoreError",
    "InvalidQuery",
    "Position",
    "open_event_store",
]


class EventStoreError(Exception):
    """The store cannot be used now. The text is for people."""


class ColumnBatch(Struct, frozen=True):
    """The events of successive requests, as columns. `after` and `upto` are the positions before and behind them."""

    after: Position
    upto: Position
    events: "pa.Table"
    trajectories: "pa.Table"
    samples: "pa.Table"


class AssignedLevel(Struct, frozen=True, array_like=True, gc=False):
    """A session that named no level, and the one that a person says it was in."""

    app_id: str
    session_id: str
    level_id: str


class EventStore(Protocol):
    """One thread writes, any thread may ask; a question never sees half a batch, and never stops the writer."""

    def migrate(self, journal_id: str, last: Position) -> None:
        """Open the store for this journal, which reaches as far as `last`.

        A store that is damaged, of an unknown version, of another journal or ahead of it is put aside, and begun
        anew. Also the way back after an error. Raises EventStoreError.
        """

    def append(self, batch: ColumnBatch) -> None:
        """Store a batch whole, with its position. One that is stored already changes nothing.

        Raises EventStoreError, for one that leaves a gap too; `migrate` then, and go on from `position`.
        """

    def position(self) -> Position:
        """How far the store is. Raises EventStoreError."""

    def query(
        self, name: str, params: Mapping[str, Any], is_wanted: Callable[[], bool] | None = None
    ) -> dict[str, Array | Sequence[str | None]]:
        """Ask a question of `queries/`: numbers as arrays, NaN where there is none, text as sequences.

        Blocks until the store is open. Raises InvalidQuery or EventStoreError; that, too, when `is_wanted` says no
        while it is under way.
        """

    def assign_levels(self, assigned: Sequence[AssignedLevel]) -> None:
        """Place sessions that named no level, in all questions asked from now on; those not given are in none again.

        Outlives a store that is put aside, not this process. Blocks for as long as a batch is stored. Raises
        EventStoreError.
        """

    def health(self) -> list[Check]:
        """What is right and wrong with the store. Raises nothing."""

    @property
    def needs_migration(self) -> bool:
        """Whether a question found the store unusable: `migrate` mends it."""

    def close(self) -> None:
        """Idempotent. Questions under way are broken off."""


def open_event_store(path: Path) -> EventStore:
    """The embedded engine on a file of its own. Costs nothing until `migrate` is called."""
    from console.storage.duckdb_store import DuckDbStore  # here: it imports this module

    return DuckDbStore(path)
