import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.players.churn_risk import risk_score
from console.players.commands import Command, RecordPurchase, RecordSession, Update, decode_recorded
from console.players.lifecycle import stage_of
from console.players.profiles import Profile, player_id_of
from console.storage import player_roster, profile_rows
from console.storage.activity_store import ActivityStore, Seen, Told
from console.storage.player_judgements import PlayerJudgements
from console.storage.player_roster import NotWanted, PlayerRoster, always, decoded
from console.storage.profile_reader import ProfileReader
from console.storage.profile_rows import prepare
from console.storage.sqlite import connect_reader
from tests.storage.players import APP, DAY_US, JOURNAL_ID, START_US, FakeJournal, opened, register

NOW_US = START_US + 20 * DAY_US


class Projections:
    """Both files, and a roster beside a reader without one."""

    def __init__(self, folder: Path) -> None:
        self.journal = FakeJournal()
        self.players = opened(folder / "players.sqlite", self.journal)
        self.activity = ActivityStore(folder / "activity.sqlite")
        self.activity.open(JOURNAL_ID, 10**9)
        self.db: sqlite3.Connection = connect_reader(folder / "players.sqlite")
        prepare(self.db, folder / "activity.sqlite")
        self.reader = ProfileReader(folder / "players.sqlite", folder / "activity.sqlite", JOURNAL_ID)
        self.roster = PlayerRoster()

    def do(self, *commands: Command, app_id: str = APP) -> None:
        request = self.journal.add(*commands, app_id=app_id)
        self.players.apply(request.request_id, app_id, request.first_seq, START_US, decode_recorded(request.commands))

    def see(self, name: str, *, session: str | None = None, tracked: bool = False, day: int = 0) -> None:
        at_us = START_US + day * DAY_US
        told = [] if tracked else [Told(APP, name, day, {"region": str(day)})]
        self.activity.add([Seen(APP, name, tracked, session, at_us, at_us + 60_000_000)], told, 0)

    def known(self, app_id: str = APP) -> list[Profile]:
        return [*decoded(self.roster.encoded(self.db, app_id, always), always)]

    def stored(self, app_id: str = APP) -> list[Profile]:
        return self.reader.list(app_id, limit=1000)[0]

    def close(self) -> None:
        self.reader.close()
        self.db.close()
        self.activity.close()
        self.players.close()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Projections]:
    both = Projections(tmp_path)
    yield both
    both.close()


def test_those_who_changed_are_read_again(both: Projections) -> None:
    assert both.known() == []
    for name in ("ada", "bob", "eve"):
        both.see(name)
    both.do(register("phone", device_id="phone"))
    before = both.roster.encoded(both.db, APP, always)
    assert both.known() == both.stored()
    assert len(before) == 4

    both.see("ada", session="s1", day=3)
    both.do(RecordPurchase(player_id="phone", amount_minor=499))
    after = both.roster.encoded(both.db, APP, always)
    assert both.known() == both.stored()
    same = {player_id for player_id, content in after.items() if content is before[player_id]}
    assert same == {player_id_of(JOURNAL_ID, APP, name) for name in ("bob", "eve")}


def test_whom_another_player_takes_over_is_gone(both: Projections) -> None:
    both.see("ada", session="s1")
    both.do(register("phone", device_id="phone"))
    assert len(both.known()) == 2
    both.do(Update(player_id="phone", external_id="ada"))
    assert [profile.player_id for profile in both.known()] == ["phone"]
    both.see("ada", session="s2", day=2)
    (phone,) = both.known()
    assert (phone.session_count, phone.attributes) == (2, {"region": "2"})


def test_one_application_is_kept_at_a_time(both: Projections) -> None:
    both.do(register("one", external_id="ada"))
    both.do(register("two", external_id="ada"), app_id="other")
    for app_id, player_id in ((APP, "one"), ("other", "two"), (APP, "one")):
        assert [profile.player_id for profile in both.known(app_id)] == [player_id]


def test_reading_goes_on_where_somebody_stopped_waiting(both: Projections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_roster, "AT_ONCE", 2)
    for number in range(7):
        both.see(f"player-{number}")
    reads: list[int] = []
    read = profile_rows.read_behind

    def counted(db: sqlite3.Connection, app_id: str, player_id: str, limit: int) -> dict[str, Profile]:
        profiles = read(db, app_id, player_id, limit)
        reads.append(len(profiles))
        return profiles

    monkeypatch.setattr(player_roster, "read_behind", counted)
    patience = iter([True, False])
    with pytest.raises(NotWanted):
        both.roster.encoded(both.db, APP, lambda: next(patience))
    both.see("player-0", day=5)  # read already, perhaps
    both.see("late")
    assert both.known() == both.stored()
    assert len(both.known()) == 8
    assert reads[:2] == [2, 2]
    assert sum(reads) <= 8, "none is read twice"


def test_an_answer_that_nobody_wants_stops(both: Projections) -> None:
    both.see("ada")
    encoded = both.roster.encoded(both.db, APP, always)
    with pytest.raises(NotWanted):
        next(decoded(encoded, lambda: False))
    with pytest.raises(NotWanted):
        PlayerJudgements(both.roster).of(both.db, APP, NOW_US, "casual", lambda: False)


def test_judgements_are_those_of_the_rules_and_made_once(both: Projections, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        both.see(f"player-{number}", session="s", day=number * 4)
    judgements = PlayerJudgements(both.roster)
    first = judgements.of(both.db, APP, NOW_US, "casual", always)
    stages = ("new", "active", "resurrected", "at_risk", "dormant", "churned")
    assert {player_id: (stages[one.stage], one.risk) for player_id, one in first.items()} == {
        one.player_id: (stage_of(one, NOW_US, "casual"), risk_score(one, NOW_US, "casual")) for one in both.stored()
    }
    both.see("player-0", session="t", day=19)
    second = judgements.of(both.db, APP, NOW_US + 1, "casual", always)
    changed = [player_id for player_id in first if second[player_id] is not first[player_id]]
    assert changed == [player_id_of(JOURNAL_ID, APP, "player-0")]
    assert judgements.of(both.db, APP, NOW_US, "strategy", always) != second


def test_what_will_be_asked_is_read_ahead_unless_it_is_very_much(
    both: Projections, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "bob"):
        both.see(name)
    monkeypatch.setattr(player_roster, "_MOST_READ_AHEAD", 1)
    both.roster.read_ahead(both.db, APP, lambda: False)
    monkeypatch.setattr(player_roster, "_MOST_READ_AHEAD", 2)
    with pytest.raises(NotWanted):
        both.roster.read_ahead(both.db, APP, lambda: False)
    both.roster.read_ahead(both.db, APP, always)
    monkeypatch.setattr(player_roster, "read_behind", None)
    assert both.known() == both.stored()


names = st.sampled_from(["ada", "bob", "eve"])
ids = st.sampled_from(["p1", "p2", "p3"])
steps = st.one_of(
    st.tuples(st.just("seen"), names, st.sampled_from([None, "s1", "s2"]), st.integers(0, 5)),
    st.tuples(st.just("tracked"), ids, st.just(None), st.integers(0, 5)),
    st.tuples(st.just("registered"), ids, st.none() | names, st.just(0)),
    st.tuples(st.just("played"), ids, st.sampled_from(["s1", "s2"]), st.just(0)),
    st.tuples(st.just("asked"), st.just(""), st.just(None), st.just(0)),
)


def take(both: Projections, what: str, who: str, text: str | None, day: int) -> None:
    match what:
        case "seen":
            both.see(who, session=text, day=day)
        case "tracked":
            both.see(who, tracked=True, day=day)
        case "registered":
            known = both.players.get(who)
            had = known.external_id if known is not None else None
            if had is None and text is not None and both.players.by_external(APP, text) is None:
                both.do(register(who, external_id=text))
            else:
                both.do(register(who, device_id=who))
        case "played" if text is not None:
            both.do(RecordSession(player_id=who, session_id=text, started_us=START_US))
        case _:
            assert both.known() == both.stored()


@given(taken=st.lists(steps, max_size=15))
@settings(max_examples=20, deadline=None)
def test_the_roster_is_what_is_stored_after_whatever_happens(
    taken: list[tuple[str, str, str | None, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    both = Projections(tmp_path_factory.mktemp("roster"))
    try:
        for step in taken:
            take(both, *step)
        assert both.known() == both.stored()
    finally:
        both.close()
