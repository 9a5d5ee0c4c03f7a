import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import msgpack
import pytest

from console.columns import Array
from console.players.commands import Recorded, RecordSession, Register, TrackEvent, Update, encode_recorded
from console.players.profiles import Profile, player_id_of
from console.server.player_activity import ActivityProgress, ActivityPuller
from console.storage.activity_store import make_ready
from console.storage.duckdb_store import DuckDbStore
from console.storage.event_columns import columns_of
from console.storage.event_store import EventStoreError, Position
from console.storage.journal_records import JournaledIngest
from console.storage.profile_reader import ProfileReader
from tests.storage.events import at_us, funnel, gameplay, identity, trajectory
from tests.storage.events import opened as opened_events
from tests.storage.players import APP, JOURNAL_ID, FakeJournal
from tests.storage.players import opened as opened_players

RECEIVED_US = at_us(50)


class Pulled:
    """A journal, its three projections, and the thread between two of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journaled: list[JournaledIngest] = []
        self.events: DuckDbStore = opened_events(folder / "events.duckdb", journal_id=JOURNAL_ID)
        self.players = opened_players(folder / "players.sqlite", FakeJournal())
        make_ready(folder / "activity.sqlite", JOURNAL_ID, 10**9)
        self.reader = ProfileReader(folder / "players.sqlite", folder / "activity.sqlite", JOURNAL_ID)
        self.news: list[ActivityProgress] = []
        self.fails = 0
        self.puller = self._puller()

    # as a journal

    def ingests(self, after_request_id: int, max_events: int) -> list[JournaledIngest]:
        return [ingest for ingest in self.journaled if ingest.request_id > after_request_id][:max_events]

    def journal_id(self) -> str:
        return JOURNAL_ID

    def end(self) -> Position:
        return self.events.position()

    # as an event store

    def query(self, name: str, params: Mapping[str, Any]) -> dict[str, Array | Sequence[str | None]]:
        if self.fails:
            self.fails -= 1
            raise EventStoreError("The event store is away.")
        return self.events.query(name, params)

    # as a person

    def journal(self, *events: Any, received_us: int = RECEIVED_US, commands: bytes = b"") -> None:
        position = self.events.position()
        count = len(events) if not commands else len(msgpack.unpackb(commands)["commands"])
        body = b"{}" if commands else msgpack.packb(events[0] if len(events) == 1 else list(events))
        ingest = JournaledIngest(position.request_id + 1, received_us, APP, position.seq + 1, count, body, commands)
        self.journaled.append(ingest)
        self.events.append(columns_of([ingest], position))

    def record(self, *commands: Any, received_us: int = RECEIVED_US) -> None:
        self.journal(received_us=received_us, commands=encode_recorded(Recorded(commands=list(commands))))

    def caught_up(self) -> None:
        self.until(lambda: self.puller.progress.seq == self.events.position().seq)

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not done():
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def profile(self, external_id: str) -> Profile:
        self.caught_up()
        found = self.reader.by_external(APP, external_id)
        assert found is not None
        return found

    def start_again(self) -> None:
        self.puller.close()
        self.puller = self._puller()
        self.puller.start()

    def _puller(self) -> ActivityPuller:
        path = self.folder / "activity.sqlite"
        return ActivityPuller(self, self, path, stored=self.events.position, on_progress=self._take, pull_secs=0.005)

    def _take(self, progress: ActivityProgress) -> None:
        self.news.append(progress)
        self.reader.opened(progress.opened_us)

    def close(self) -> None:
        self.puller.close()
        self.reader.close()
        self.players.close()
        self.events.close()


@pytest.fixture
def pulled(tmp_path: Path) -> Iterator[Pulled]:
    pulled = Pulled(tmp_path)
    pulled.puller.start()
    yield pulled
    pulled.close()


def test_every_kind_of_event_shows_that_somebody_was_there(pulled: Pulled) -> None:
    pulled.journal(
        identity("ada", 1, region="EU", hardware={"gpu": "RTX", "ram": 16}),
        funnel("s1", 2, player_id="ada"),
        gameplay("s1", 3, player_id="ada"),
        trajectory("s2", 5, 9, [0, 0, 0], player_id="ada"),
    )
    ada = pulled.profile("ada")
    assert (ada.first_seen_us, ada.last_seen_us, ada.session_count) == (at_us(1), at_us(9), 2)
    assert [(s.session_id, s.started_us, s.ended_us) for s in ada.sessions] == [
        ("s1", at_us(2), at_us(3)),
        ("s2", at_us(5), at_us(9)),
    ]
    assert ada.attributes == {"region": "EU", "hardware": {"gpu": "RTX", "ram": 16}}
    assert ada.days == (at_us(0) // 86_400_000_000,)
    pulled.until(lambda: pulled.news[-1].seq == 4)
    assert len({news.opened_us for news in pulled.news}) == 1


def test_a_clock_that_is_wrong_is_not_believed(pulled: Pulled) -> None:
    pulled.journal(gameplay("s1", 3, player_id="ada", timestamp="1970-01-01T00:00:00Z"))
    pulled.journal(gameplay("s1", 3, player_id="ada", timestamp="2199-01-01T00:00:00Z"))
    pulled.journal(trajectory("s1", 40, 59, [0, 0, 0], player_id="ada"))
    ada = pulled.profile("ada")
    assert (ada.first_seen_us, ada.last_seen_us) == (at_us(40), RECEIVED_US)


def test_the_last_create_player_holds_for_each_attribute(pulled: Pulled) -> None:
    pulled.journal(identity("ada", 5, region="EU", hardware={"ram": 8}), identity("bob", 5, region="US"))
    pulled.journal(identity("ada", 1, region="ASIA"))
    assert pulled.profile("ada").attributes == {"region": "ASIA", "hardware": {"ram": 8}}
    assert pulled.profile("bob").attributes == {"region": "US"}


def test_only_what_the_player_api_would_take_becomes_an_attribute(pulled: Pulled) -> None:
    too_long = "x" * 2000
    pulled.journal(
        identity("ada", 1, region=too_long, hardware={"gpu": "RTX", "drivers": too_long, "id": b"\x00"}),
        identity("bob", 1, hardware={str(number): number for number in range(500)}),
    )
    assert pulled.profile("ada").attributes == {"hardware": {"gpu": "RTX"}}
    assert pulled.profile("bob").attributes == {}


def test_tracked_events_show_that_a_player_was_there_and_edits_do_not(pulled: Pulled) -> None:
    pulled.record(Register(player_id="p1", external_id="ada"), received_us=at_us(10))
    pulled.record(
        TrackEvent(event_id="e", player_id="p1", event_name="jump", time_us=at_us(20), session_id="s1"),
        RecordSession(player_id="p1", session_id="s2", started_us=at_us(15)),
    )
    pulled.record(Update(player_id="p1", attributes={"level": 3}), received_us=at_us(59))
    pulled.caught_up()
    pulled.players.apply(1, APP, 1, at_us(12), Recorded(commands=[Register(player_id="p1", external_id="ada")]))
    ada = pulled.profile("ada")
    assert (ada.first_seen_us, ada.last_seen_us, ada.session_count) == (at_us(10), at_us(20), 2)


def test_nobody_is_a_player_for_the_events_of_an_unknown_id(pulled: Pulled) -> None:
    pulled.record(TrackEvent(event_id="e", player_id="p1", event_name="jump", time_us=at_us(20)))
    pulled.caught_up()
    assert pulled.reader.profile("p1") is None
    assert [*pulled.reader.all(APP)] == []


@pytest.mark.expects_log
def test_it_goes_on_when_the_event_store_is_back(pulled: Pulled) -> None:
    pulled.fails = 1
    pulled.journal(gameplay("s1", 3, player_id="ada"))
    pulled.until(lambda: pulled.puller.progress.problem != "")
    assert pulled.puller.progress.problem == "The event store is away."
    assert pulled.profile("ada").session_count == 1
    pulled.until(lambda: pulled.puller.progress.problem == "")


def test_both_files_can_be_rebuilt(pulled: Pulled, tmp_path: Path) -> None:
    for number in range(20):
        name = f"player {number % 3}"
        pulled.journal(
            identity(name, number, region=str(number)),
            gameplay(f"s{number % 5}", number, player_id=name),
            trajectory(f"s{number % 7}", number, number + 5, [0, 0, 0], player_id=name),
        )
        pulled.record(
            TrackEvent(
                event_id=str(number),
                player_id=player_id_of(JOURNAL_ID, APP, name),
                event_name="jump",
                time_us=at_us(number),
                session_id=f"s{number}",
            )
        )
    pulled.caught_up()
    live = [*pulled.reader.all(APP)]
    assert len(live) == 3

    pulled.puller.close()
    folder = tmp_path / "again"
    folder.mkdir()
    again = Pulled(folder)
    again.journaled = pulled.journaled
    again.events.append(columns_of(pulled.journaled, Position()))
    again.puller.start()
    again.caught_up()
    assert [*again.reader.all(APP)] == live
    again.close()


def test_what_is_under_way_is_given_up_at_the_end(pulled: Pulled, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, going_on = Event(), Event()
    query = pulled.events.query

    def slowly(name: str, params: Mapping[str, Any]) -> dict[str, Array | Sequence[str | None]]:
        asked.set()
        assert going_on.wait(30)
        return query(name, params)

    monkeypatch.setattr(pulled, "query", slowly)
    pulled.journal(gameplay("s1", 3, player_id="ada"))
    assert asked.wait(30)
    pulled.puller.stop()
    going_on.set()
    pulled.puller.close()
    pulled.puller.close()
    assert pulled.puller.progress.seq == 0
    assert pulled.reader.by_external(APP, "ada") is None


@pytest.mark.expects_log
def test_a_file_that_is_put_aside_is_followed_by_its_readers(pulled: Pulled, tmp_path: Path) -> None:
    for number in range(3):
        pulled.journal(gameplay(f"s{number}", number, player_id="ada"))
    assert pulled.profile("ada").session_count == 3
    assert [player.external_id for player in pulled.reader.all(APP)] == ["ada"]
    pulled.puller.close()
    (tmp_path / "activity.sqlite").write_bytes(b"junk" * 5000)
    for beside in tmp_path.glob("activity.sqlite-*"):
        beside.unlink()

    pulled.start_again()
    pulled.journal(gameplay("s9", 9, player_id="bob"))
    assert pulled.profile("ada").session_count == 3
    assert [player.external_id for player in pulled.reader.all(APP)].count("bob") == 1
    assert len([*(tmp_path / "quarantine").iterdir()]) == 1
