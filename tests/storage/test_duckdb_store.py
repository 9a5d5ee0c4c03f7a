import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from console.storage.duckdb_store import DuckDbStore
from console.storage.event_columns import columns_of
from console.storage.event_store import ColumnBatch, EventStoreError, InvalidQuery, Position, open_event_store
from tests.storage.events import FAR, JOURNAL_ID, gameplay, journaled, opened, rows, store, trajectory


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.duckdb"


@pytest.fixture
def event_store(path: Path) -> Iterator[DuckDbStore]:
    event_store = opened(path)
    yield event_store
    event_store.close()


def counted(event_store: DuckDbStore) -> int:
    ((events,),) = rows(event_store, "totals", "events")
    return int(events)


def batch_after(event_store: DuckDbStore) -> ColumnBatch:
    after = event_store.position()
    return columns_of(journaled([gameplay("s", 1), trajectory("s", 1, 2, [1, 2, 3])], after=after), after)


def quarantined(path: Path) -> list[str]:
    folder = path.parent / "quarantine"
    return [file.name for file in folder.iterdir()] if folder.exists() else []


def test_the_position_moves_with_the_events_and_survives(event_store: DuckDbStore, path: Path) -> None:
    assert event_store.position() == Position()
    event_store.append(batch_after(event_store))
    assert event_store.position() == Position(1, 2)
    event_store.close()
    again = opened(path)
    assert again.position() == Position(1, 2)
    assert counted(again) == 2
    again.close()


def test_a_repeated_batch_changes_nothing(event_store: DuckDbStore) -> None:
    batch = batch_after(event_store)
    event_store.append(batch)
    event_store.append(batch)
    assert counted(event_store) == 2


def test_a_gap_is_refused(event_store: DuckDbStore) -> None:
    after = Position(5, 9)
    with pytest.raises(EventStoreError, match="does not follow"):
        event_store.append(columns_of(journaled(gameplay("s", 1), after=after), after))
    assert event_store.position() == Position()


def test_a_failed_batch_leaves_nothing_behind(event_store: DuckDbStore) -> None:
    batch = batch_after(event_store)
    bad = ColumnBatch(batch.after, batch.upto, batch.events, batch.trajectories, batch.samples.drop_columns(["x"]))
    with pytest.raises(EventStoreError, match="cannot be written"):
        event_store.append(bad)
    assert counted(event_store) == 0
    event_store.append(batch)
    assert counted(event_store) == 2


@pytest.mark.expects_log
@pytest.mark.parametrize("content", [b"", b"this is no database at all" * 1000], ids=["empty", "junk"])
def test_a_file_that_is_no_database_is_put_aside(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    event_store = opened(path)
    assert event_store.position() == Position()
    store(event_store, gameplay("s", 1))
    assert counted(event_store) == 1
    event_store.close()


@pytest.mark.expects_log
def test_a_damaged_file_is_put_aside(event_store: DuckDbStore, path: Path) -> None:
    event_store.append(batch_after(event_store))
    event_store.close()
    content = bytearray(path.read_bytes())
    content[: 3 * 4096] = bytes(3 * 4096)  # the headers
    path.write_bytes(content)
    again = opened(path)
    assert again.position() == Position()
    assert len(quarantined(path)) == 1
    again.close()


@pytest.mark.expects_log
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE schema_version SET version = 999",
        "DROP TABLE position",
        "DROP VIEW placed_trajectories; DROP TABLE position",
    ],
)
def test_a_file_of_another_version_is_put_aside(event_store: DuckDbStore, path: Path, change: str) -> None:
    event_store.append(batch_after(event_store))
    event_store.close()
    with duckdb.connect(str(path)) as db:
        db.execute(change)
    again = opened(path)
    assert again.position() == Position()
    assert len(quarantined(path)) == 1
    again.close()


@pytest.mark.expects_log
@pytest.mark.parametrize(
    ("journal_id", "last"), [("another", FAR), (JOURNAL_ID, Position(1, 1)), (JOURNAL_ID, Position())]
)
def test_a_store_of_another_journal_or_ahead_of_it_is_put_aside(
    event_store: DuckDbStore, path: Path, journal_id: str, last: Position
) -> None:
    event_store.append(batch_after(event_store))
    event_store.close()
    again = opened(path, last, journal_id)
    assert again.position() == Position()
    assert len(quarantined(path)) == 1
    again.close()


def test_what_cannot_be_opened_for_other_reasons_is_left_alone(path: Path) -> None:
    path.mkdir()
    event_store = DuckDbStore(path)
    with pytest.raises(EventStoreError, match="cannot be opened"):
        event_store.migrate(JOURNAL_ID, FAR)
    assert path.is_dir()
    event_store.close()


def test_questions_wait_until_the_store_is_open(path: Path) -> None:
    event_store = DuckDbStore(path)
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(counted(event_store)))
    thread.start()
    time.sleep(0.02)
    assert answers == []
    event_store.migrate(JOURNAL_ID, FAR)
    thread.join()
    assert answers == [0]
    event_store.close()


def test_a_question_does_not_stop_the_writer(event_store: DuckDbStore) -> None:
    event_store.append(batch_after(event_store))
    with event_store._cursor() as cursor:
        cursor.execute("SELECT seq FROM events")
        event_store.append(batch_after(event_store))
        assert counted(event_store) == 4
        assert cursor.fetchall() == [(1,), (2,)], "it goes on with what it saw"


def test_closing_breaks_off_a_long_question(event_store: DuckDbStore) -> None:
    event_store.append(batch_after(event_store))
    told: list[str] = []
    began = threading.Event()

    def ask() -> None:
        with event_store._cursor() as cursor:
            began.set()
            cursor.execute("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)").fetchall()

    def work() -> None:
        try:
            ask()
        except EventStoreError as error:
            told.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    began.wait()
    time.sleep(0.05)
    event_store.close()
    thread.join()
    assert told == ["The question was broken off."]
    with pytest.raises(EventStoreError, match="closed"):
        event_store.query("totals", {})


def test_wrong_questions_are_told_apart_from_failures(event_store: DuckDbStore) -> None:
    with pytest.raises(InvalidQuery):
        event_store.query("nothing", {})
    with pytest.raises(InvalidQuery):
        event_store.query("samples", {})
    assert not event_store.needs_migration


def test_files_and_networks_are_out_of_reach(event_store: DuckDbStore, path: Path) -> None:
    other = path.parent / "secret.csv"
    other.write_text("a,b\n1,2\n")
    for sql in (f"SELECT * FROM '{other}'", f"COPY events TO '{other}'", "INSTALL httpfs", "LOAD httpfs"):
        with pytest.raises(EventStoreError), event_store._cursor() as cursor:
            cursor.execute(sql)
    assert other.read_text() == "a,b\n1,2\n"


@pytest.mark.expects_log
def test_damage_that_a_question_finds_is_mended_by_a_rebuild(event_store: DuckDbStore, path: Path) -> None:
    event_store.append(batch_after(event_store))
    with pytest.raises(EventStoreError), event_store._cursor():
        raise duckdb.IOException("Corrupt database file: computed checksum 1 does not match")
    assert event_store.needs_migration
    event_store.migrate(JOURNAL_ID, FAR)
    assert not event_store.needs_migration
    assert event_store.position() == Position()
    assert len(quarantined(path)) == 1


def test_a_store_that_refuses_everything_is_opened_again(event_store: DuckDbStore, path: Path) -> None:
    event_store.append(batch_after(event_store))
    with pytest.raises(EventStoreError), event_store._cursor():
        raise duckdb.FatalException("database has been invalidated because of a previous fatal error")
    assert event_store.needs_migration
    event_store.migrate(JOURNAL_ID, FAR)
    assert not event_store.needs_migration
    assert counted(event_store) == 2
    assert quarantined(path) == []


def test_health_tells_the_rows_or_the_problem(event_store: DuckDbStore) -> None:
    event_store.append(batch_after(event_store))
    (check,) = event_store.health()
    assert (check.ok, check.text) == (True, "readable, 5 rows")
    event_store.close()
    (check,) = event_store.health()
    assert not check.ok
    assert check.hint


def test_what_a_killed_process_left_is_removed(event_store: DuckDbStore, path: Path) -> None:
    event_store.close()
    left = path.parent / "temp" / "duckdb_temp_storage_DEFAULT-0.tmp"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(bytes(1000))
    opened(path).close()
    assert not left.exists()


def test_closing_waits_for_the_batch_under_way(event_store: DuckDbStore, path: Path) -> None:
    stored: list[Position] = []

    def work() -> None:
        while True:
            try:
                event_store.append(batch_after(event_store))
            except EventStoreError:
                return
            stored.append(event_store._position)

    thread = threading.Thread(target=work)
    thread.start()
    while len(stored) < 3:
        time.sleep(0.001)
    event_store.close()
    thread.join()
    again = opened(path)
    assert again.position() == stored[-1]
    assert counted(again) == stored[-1].seq
    again.close()


def test_making_a_store_costs_nothing_until_it_is_opened(path: Path) -> None:
    event_store = open_event_store(path)
    with pytest.raises(EventStoreError, match="not open"):
        event_store.position()
    event_store.close()
    event_store.close()
    assert not path.exists()
