"""Sessions are summed up batch by batch: the answer must be the one that all events together give."""

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from console.storage import session_parts
from console.storage.duckdb_store import DuckDbStore
from console.storage.event_columns import columns_of
from tests.storage.events import at_us, gameplay, journaled, opened, rows, store, trajectory


class Sent(Struct, frozen=True):
    """One event in the order of arrival. A trajectory lasts two seconds and has as many samples as `samples`."""

    session: str
    secs: int
    build: str
    level: str | None
    samples: int
    fps: int | None


sent = st.builds(
    Sent,
    session=st.sampled_from(["s", "t"]),
    secs=st.integers(0, 4),
    build=st.sampled_from(["1", "2"]),
    level=st.sampled_from([None, "A", "B"]),
    samples=st.integers(0, 3),
    fps=st.sampled_from([None, 30, 60]),
)
app_numbers = count()


@pytest.fixture(scope="module")
def event_store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_parts, "_SPARE_PARTS", 3)
        event_store = opened(tmp_path_factory.mktemp("store") / "events.duckdb")
        yield event_store
        event_store.close()


def message(event: Sent) -> dict[str, object]:
    if not event.samples:
        return gameplay(event.session, event.secs, event.level, build_id=event.build)
    fps = None if event.fps is None else {"mean": event.fps}
    positions = [0, 0, 0] * event.samples
    return trajectory(
        event.session, event.secs, event.secs + 2, positions, build_id=event.build, level_id=event.level, fps=fps
    )


def summed_up(events: list[Sent], first_seq: int) -> list[tuple[Any, ...]]:
    """The sessions in plain Python, by the description of the query."""
    lines = []
    for session in sorted({event.session for event in events}):
        mine = [(first_seq + number, event) for number, event in enumerate(events) if event.session == session]
        tracks = [event for _, event in mine if event.samples]
        rates = [(event.secs, seq, event.fps) for seq, event in mine if event.samples and event.fps is not None]
        levels = [(event.secs, seq, event.level) for seq, event in mine if event.level is not None]
        lines.append(
            (
                session,
                mine[-1][1].build,
                at_us(min(event.secs for _, event in mine)),
                at_us(max(event.secs + (2 if event.samples else 0) for _, event in mine)),
                len(mine),
                len(tracks),
                sum(event.samples for event in tracks),
                max(rates)[2] if rates else None,
                max(levels)[2] if levels else None,
                mine[-1][0],
            )
        )
    return sorted(lines, key=lambda line: line[-1])


@given(st.lists(st.lists(sent, min_size=1, max_size=4), max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sessions_are_those_of_all_events(event_store: DuckDbStore, batches: list[list[Sent]]) -> None:
    app_id = f"app {next(app_numbers)}"
    first_seq = event_store.position().seq + 1
    for batch in batches:
        after = event_store.position()
        ingests = journaled(list(map(message, batch)), app_id=app_id, after=after)
        event_store.append(columns_of(ingests, after))

    names = ("session_id", "build_id", "first_us", "last_us", "events", "trajectories", "samples")
    found = rows(event_store, "sessions", *names, "fps_mean", "level_id", "last_seq", app_id=app_id)
    told = [(*line[:7], None if np.isnan(line[7]) else line[7], *line[8:]) for line in found]
    assert told == summed_up([event for batch in batches for event in batch], first_seq)


def test_parts_stay_few(event_store: DuckDbStore) -> None:
    for secs in range(20):
        store(event_store, [gameplay(f"few {number}", secs) for number in range(3)])
    with event_store._cursor() as cursor:
        ((parts,),) = cursor.execute("SELECT count(*) FROM session_parts").fetchall()
        ((sessions,),) = cursor.execute("SELECT count(*) FROM sessions").fetchall()
    assert parts <= 2 * sessions + 6


def test_a_batch_that_fails_adds_no_session(tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    after = event_store.position()
    batch = columns_of(journaled(gameplay("s", 1), after=after), after)
    with event_store._cursor() as cursor:
        cursor.execute("ALTER TABLE position RENAME TO hidden")
    with pytest.raises(Exception, match="cannot be written"):
        event_store.append(batch)
    assert rows(event_store, "sessions", "session_id") == []
    event_store.close()
