import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.players.commands import (
    Command,
    Recorded,
    RecordPurchase,
    RecordSession,
    TrackEvent,
    Update,
    encode_recorded,
)
from console.players.profiles import Purchase
from console.storage.journal_records import Committed, IngestRequest, OtherRequest, Receipt
from console.storage.player_store import PlayerStore, ProjectionError
from tests.storage.players import APP, DAY_US, HOUR_US, START_US, FakeJournal, opened, register


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "players.sqlite"


@pytest.fixture
def store(path: Path, journal: FakeJournal) -> Iterator[PlayerStore]:
    store = opened(path, journal)
    yield store
    store.close()


def ingest(*commands: Command, at_us: int = START_US, app_id: str = APP) -> IngestRequest:
    return IngestRequest(
        received_at_us=at_us,
        app_id=app_id,
        key_id="key",
        key_label="",
        peer="::1",
        method="POST",
        route="/v1/players/players",
        client="",
        headers=b"[]",
        body=b"{}",
        wire_bytes=2,
        events=len(commands),
        commands=encode_recorded(Recorded(commands=list(commands))) if commands else b"",
    )


def do(store: PlayerStore, number: int, *commands: Command, at_us: int = START_US) -> None:
    store.apply(number, APP, number * 10, at_us, Recorded(commands=list(commands)))


def test_a_player_is_found_by_each_of_its_ids(store: PlayerStore) -> None:
    do(store, 1, register("p1", external_id="ada", device_id="phone", attributes={"level": 3}))

    player = store.get("p1")
    assert player is not None
    assert (player.external_id, player.device_id, player.attributes) == ("ada", "phone", {"level": 3})
    assert store.by_external(APP, "ada") == player
    assert store.by_device(APP, "phone") == player
    assert store.get("p2") is None
    assert store.by_external("another app", "ada") is None
    assert store.position == 1


def test_ids_follow_a_change(store: PlayerStore) -> None:
    do(store, 1, register("p1", device_id="phone"))
    do(store, 2, register("p1", external_id="ada"), Update(player_id="p1", device_id=None))
    do(store, 3, register("p2", device_id="phone"))

    assert store.by_device(APP, "phone") == store.get("p2")
    assert store.by_external(APP, "ada") == store.get("p1")


def test_sessions_purchases_and_chosen_ids_are_remembered(store: PlayerStore) -> None:
    do(
        store,
        1,
        RecordSession(player_id="p1", session_id="s", started_us=START_US - HOUR_US, duration_secs=60.0),
        RecordPurchase(player_id="p1", amount_minor=499, transaction_id="t"),
        RecordPurchase(player_id="p1", amount_minor=100),
        TrackEvent(event_id="e1", player_id="p1", event_name="jump", time_us=START_US, deduplicated=True),
        TrackEvent(event_id="e2", player_id="p1", event_name="jump", time_us=START_US),
    )
    store.apply(2, APP, 20, START_US, Recorded(commands=[], idempotency_key="k", fingerprint=b"f"))

    assert store.has_session("p1", "s")
    assert not store.has_session("p2", "s")
    assert store.purchase_of("p1", "t") == Purchase(at_us=START_US, amount_minor=499, transaction_id="t")
    assert store.purchase_of("p1", "u") is None
    assert store.recorded_event("p1", "e1") == 1
    assert store.recorded_event("p2", "e1") is None
    assert store.recorded_event("p1", "e2") is None, "the server chose it: it cannot come twice"
    assert store.idempotent(APP, "k") == (2, b"f")
    assert store.idempotent("another app", "k") is None
    player = store.get("p1")
    assert player is not None
    assert (player.revenue_minor, player.purchases) == (599, 2)


def test_a_request_is_done_once(store: PlayerStore) -> None:
    for _ in range(2):
        do(store, 1, RecordPurchase(player_id="p1", amount_minor=100))
    player = store.get("p1")
    assert player is not None
    assert player.purchases == 1


def test_a_transaction_counts_once(store: PlayerStore) -> None:
    for number in (1, 2):
        do(store, number, RecordPurchase(player_id="p1", amount_minor=100, transaction_id="t"))
    player = store.get("p1")
    assert player is not None
    assert player.purchases == 1


def test_what_a_commit_tells_is_done_in_one_step(store: PlayerStore) -> None:
    committed: list[Committed] = [
        (ingest(), Receipt(1, 1), 0),
        (ingest(register("p1", external_id="ada"), at_us=START_US), Receipt(2, 5), 0),
        (OtherRequest(received_at_us=0, method="GET", route="/", status=404), Receipt(3, 0), 0),
        (ingest(RecordPurchase(player_id="p1", amount_minor=5)), Receipt(4, 6), 0),
    ]
    assert store.apply_committed(committed)
    player = store.get("p1")
    assert player is not None
    assert (player.external_id, player.purchases, store.position) == ("ada", 1, 4)
    assert not store.apply_committed(committed[:1])


def test_what_was_journaled_meanwhile_is_done_at_the_start(path: Path, journal: FakeJournal) -> None:
    journal.add(register("p1", external_id="ada"))
    store = opened(path, journal)
    assert store.by_external(APP, "ada") is not None
    store.close()
    journal.add(Update(player_id="p1", attributes={"level": 9}))
    store = opened(path, journal)
    player = store.get("p1")
    assert player is not None
    assert player.attributes == {"level": 9}
    store.close()


def test_a_write_that_failed_is_made_up_for_from_the_journal(
    store: PlayerStore, path: Path, journal: FakeJournal
) -> None:
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert store._db is not None
    store._db.execute("PRAGMA busy_timeout = 1")
    first = journal.add(register("p1", external_id="ada"))
    with pytest.raises(ProjectionError, match="locked"):
        store.apply_committed([(ingest(register("p1", external_id="ada")), Receipt(first.request_id, 1), 0)])
    with pytest.raises(ProjectionError, match="behind"):
        store.get("p1")
    blocker.close()
    assert store.get("p1") is not None

    second = journal.add(register("p2", external_id="bob"))
    store.apply_committed([(ingest(register("p2", external_id="bob")), Receipt(second.request_id, 2), 0)])
    assert store.by_external(APP, "ada") is not None
    assert store.by_external(APP, "bob") is not None


@pytest.mark.expects_log
def test_a_command_that_contradicts_harms_no_other(store: PlayerStore) -> None:
    do(store, 1, register("p1", external_id="ada"))
    do(store, 2, register("p2", external_id="ada"), register("p3", external_id="bob"))
    assert store.get("p2") is None
    assert store.by_external(APP, "bob") is not None
    assert store.position == 2


def write_over(path: Path) -> None:
    """As a crash and a bad disk leave it."""
    execute(path, "UPDATE position SET clean = 0")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 2))


def execute(path: Path, sql: str) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(sql)
    db.close()


@pytest.mark.expects_log
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database at all" * 100),
        write_over,
        lambda path: execute(path, "UPDATE position SET journal_id = 'other'"),
        lambda path: execute(path, "UPDATE position SET reached = 77"),
        lambda path: execute(path, "PRAGMA user_version = 99"),
        lambda path: execute(path, "DROP TABLE position"),
    ],
    ids=["not a database", "malformed", "another journal", "ahead", "newer", "not ours"],
)
def test_a_file_of_no_use_is_put_aside_and_made_anew(
    damage: Callable[[Path], None], path: Path, journal: FakeJournal
) -> None:
    journal.add(*(register(f"p{number}", external_id=f"player {number}") for number in range(300)))
    opened(path, journal).close()
    damage(path)

    store = opened(path, journal)
    assert store.by_external(APP, "player 299") is not None
    assert any((path.parent / "quarantine").iterdir())
    store.close()


def test_a_closed_store_says_so(path: Path, journal: FakeJournal) -> None:
    store = PlayerStore(path, journal)
    with pytest.raises(ProjectionError, match="not open"):
        store.get("p1")
    store.close()


_ids = st.sampled_from(["p1", "p2", "p3"])
_commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        register,
        _ids,
        external_id=st.sampled_from([None, "ada", "bob"]),
        device_id=st.sampled_from([None, "phone"]),
        attributes=st.dictionaries(st.sampled_from(["level", "region"]), st.integers(0, 9), max_size=2),
    ),
    st.builds(Update, player_id=_ids, attributes=st.just({"level": None}), device_id=st.sampled_from([None, "pad"])),
    st.builds(
        RecordSession,
        player_id=_ids,
        session_id=st.sampled_from("st"),
        started_us=st.integers(START_US - DAY_US, START_US),
        duration_secs=st.none() | st.floats(0, 3600),
    ),
    st.builds(
        RecordPurchase,
        player_id=_ids,
        amount_minor=st.integers(1, 999),
        transaction_id=st.sampled_from([None, "x", "y"]),
    ),
    st.builds(
        TrackEvent,
        event_id=st.sampled_from("ef"),
        player_id=_ids,
        event_name=st.just("jump"),
        time_us=st.just(START_US),
        deduplicated=st.booleans(),
    ),
)


def content(path: Path) -> dict[str, list[Any]]:
    db = sqlite3.connect(path)
    tables = ("players", "sessions", "purchases", "event_ids", "idempotency_keys", "position")
    found = {table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables}
    db.close()
    return found


@pytest.mark.expects_log  # commands that contradict each other are left out, each time alike
@given(requests=st.lists(st.lists(_commands, max_size=3), max_size=8), pieces=st.integers(1, 4))
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_journal_gives_the_same_players_however_often_it_is_read(
    requests: list[list[Command]], pieces: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Live, with restarts in between, and all at once after the file was lost."""
    folder = tmp_path_factory.mktemp("players")
    journal = FakeJournal()
    store = opened(folder / "live.sqlite", journal)
    for number, commands in enumerate(requests):
        request = journal.add(*commands, at_us=START_US + number * HOUR_US)
        store.apply(
            request.request_id, APP, request.first_seq, request.received_at_us, Recorded(commands=list(commands))
        )
        if number % pieces == 0:
            store.close()
            store = opened(folder / "live.sqlite", journal)
    store.close()
    opened(folder / "rebuilt.sqlite", journal).close()
    live, rebuilt = content(folder / "live.sqlite"), content(folder / "rebuilt.sqlite")
    assert {table: live[table] for table in live} == rebuilt
