"""The newest samples, whatever is asked for: the limit is reached by leaving out early what is too old."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from console.storage.duckdb_store import DuckDbStore
from tests.storage.events import at_us, opened, rows, store, trajectory


class Track(Struct, frozen=True):
    """A trajectory in whole seconds, a sample each."""

    session: str
    start: int
    samples: int


tracks = st.builds(Track, session=st.sampled_from(["s", "t"]), start=st.integers(0, 6), samples=st.integers(1, 5))
secs = st.none() | st.integers(0, 8)
app_numbers = count()


@pytest.fixture(scope="module")
def event_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbStore]:
    event_store = opened(tmp_path_factory.mktemp("store") / "events.duckdb")
    yield event_store
    event_store.close()


@given(st.lists(tracks, min_size=1, max_size=8), st.integers(0, 12), secs, secs)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_limit_keeps_the_newest(
    event_store: DuckDbStore, sent: list[Track], limit: int, since: int | None, until: int | None
) -> None:
    app_id = f"app {next(app_numbers)}"
    first_seq = event_store.position().seq + 1
    store(
        event_store,
        [trajectory(t.session, t.start, t.start + t.samples - 1, [0, 0, 0] * t.samples, level_id="L") for t in sent],
        app_id=app_id,
    )
    found = rows(
        event_store,
        *("samples", "time_us", "seq", "sample", "session_id"),
        app_id=app_id,
        level_id="L",
        limit=limit,
        from_us=None if since is None else at_us(since),
        to_us=None if until is None else at_us(until),
    )
    all_samples = [
        (at_us(track.start + sample), first_seq + number, sample, track.session)
        for number, track in enumerate(sent)
        for sample in range(track.samples)
        if (since is None or track.start + sample >= since) and (until is None or track.start + sample <= until)
    ]
    newest = sorted(all_samples, reverse=True)[:limit]
    assert found == sorted(newest, key=lambda line: (line[3], line[0], line[1], line[2]))
