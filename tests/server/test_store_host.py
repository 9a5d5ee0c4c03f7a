from pathlib import Path

import pytest

from console.server.projector import Progress
from console.server.store_host import EmbeddedStore, Lag, lag_of, stored_position
from console.storage.event_store import EventStoreError, InvalidQuery, Position
from console.storage.journal import Journal, JournalCounters

NOW_NS = 1_000_000_000_000  # 1000 s after 1970


@pytest.mark.parametrize(
    ("progress", "last_seq", "expected"),
    [
        (Progress(), 100, Lag(100)),  # not opened yet: nobody can be answered
        (Progress(), 0, Lag()),
        (Progress(problem="broken"), 100, Lag(100, 0.0)),
        (Progress(oldest_us=990_000_000, problem="broken"), 100, Lag(100, 10.0)),
        (Progress(Position(1, 100)), 100, Lag()),
        (Progress(Position(1, 100), oldest_us=990_000_000), 100, Lag()),  # the last step's, before the next look
        (Progress(Position(2, 120)), 100, Lag()),  # stored before it was counted
        (Progress(Position(1, 60)), 100, Lag(40, 0.0)),  # they came since it looked last
        (Progress(Position(1, 60), oldest_us=997_500_000), 100, Lag(40, 2.5)),
        (Progress(Position(1, 60), oldest_us=997_500_000, problem="no space"), 100, Lag(40, 2.5)),
        (Progress(Position(1, 60), oldest_us=1_005_000_000), 100, Lag(40, 0.0)),  # the clock was set back
    ],
)
def test_lag(progress: Progress, last_seq: int, expected: Lag) -> None:
    assert lag_of(progress, JournalCounters(last_seq=last_seq), lambda: NOW_NS) == expected


async def test_an_embedded_store_answers_once_it_is_open_and_closes_twice(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.start()
    host = EmbeddedStore(tmp_path / "journal.sqlite", tmp_path / "events.duckdb")
    with pytest.raises(EventStoreError, match="not open"):
        stored_position(host, within_secs=0.02)
    host.start()
    assert stored_position(host) == Position(), "it waits until the store is open"
    assert host.query("sessions", {}).rows == 0
    with pytest.raises(InvalidQuery):
        host.query("nothing", {})
    assert [check.ok for check in host.health()] == [True]
    host.close()
    host.close()
    with pytest.raises(EventStoreError, match="closed"):
        host.query("sessions", {})
    journal.close()
