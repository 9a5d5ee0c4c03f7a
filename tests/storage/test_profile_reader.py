from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.messages.players import PlayerSort
from console.players.commands import Command, RecordPurchase, RecordSession, TrackEvent, Update, decode_recorded
from console.players.profiles import PlayedSession, Profile, player_id_of
from console.storage.activity_store import ActivityStore, Seen, Told
from console.storage.player_store import PlayerStore
from console.storage.profile_reader import ProfileReader, ProjectionError
from tests.storage.players import APP, DAY_US, HOUR_US, JOURNAL_ID, START_US, FakeJournal, opened, register

NOW_US = START_US + 20 * DAY_US


class Both:
    """Both projections, and what reads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = FakeJournal()
        self.players: PlayerStore = opened(folder / "players.sqlite", self.journal)
        self.activity = ActivityStore(folder / "activity.sqlite")
        self.activity.open(JOURNAL_ID, 10**9)
        self.reader = ProfileReader(folder / "players.sqlite", folder / "activity.sqlite", JOURNAL_ID)

    def do(self, *commands: Command, at_us: int = START_US, app_id: str = APP) -> None:
        request = self.journal.add(*commands, at_us=at_us, app_id=app_id)
        self.players.apply(request.request_id, app_id, request.first_seq, at_us, decode_recorded(request.commands))

    def see(
        self,
        name: str,
        *,
        day: float = 0.0,
        session: str | None = None,
        secs: float = 0.0,
        tracked: bool = False,
        app_id: str = APP,
    ) -> None:
        first_us = START_US + round(day * DAY_US)
        self.activity.add([Seen(app_id, name, tracked, session, first_us, first_us + round(secs * 1e6))], [], 0)

    def tell(self, external_id: str, seq: int, **attributes: object) -> None:
        self.activity.add(
            [Seen(APP, external_id, False, None, START_US, START_US)], [Told(APP, external_id, seq, attributes)], seq
        )

    def profile(self, player_id: str) -> Profile:
        found = self.reader.profile(player_id)
        assert found is not None
        return found

    def close(self) -> None:
        self.reader.close()
        self.activity.close()
        self.players.close()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    both = Both(tmp_path)
    yield both
    both.close()


def test_whom_telemetry_alone_knows_is_a_player(both: Both) -> None:
    both.see("ada", session="s1", secs=60)
    both.see("ada", day=2, session="s2", secs=90)
    both.tell("ada", 5, region="EU", hardware={"gpu": "RTX"})

    ada_id = both.reader.id_of(APP, "ada")
    assert ada_id == player_id_of(JOURNAL_ID, APP, "ada")
    ada = both.profile(ada_id)
    assert ada == both.reader.by_external(APP, "ada")
    assert (ada.external_id, ada.session_count, ada.is_payer) == ("ada", 2, False)
    assert (ada.first_seen_us, ada.last_seen_us) == (START_US, START_US + 2 * DAY_US + 90_000_000)
    assert ada.days == (20_000, 20_002)
    assert ada.attributes == {"region": "EU", "hardware": {"gpu": "RTX"}}
    assert ada.sessions[1] == PlayedSession(
        session_id="s2", started_us=START_US + 2 * DAY_US, ended_us=START_US + 2 * DAY_US + 90_000_000
    )
    assert both.reader.by_external("another app", "ada") is None
    assert both.reader.profile("no such id") is None


def test_registering_gives_the_id_that_telemetry_gave(both: Both) -> None:
    both.see("ada", session="s1")
    ada_id = both.reader.id_of(APP, "ada")
    both.do(register(ada_id, external_id="ada", attributes={"level": 3}), at_us=START_US + DAY_US)

    ada = both.profile(ada_id)
    assert (ada.attributes, ada.session_count) == ({"level": 3}, 1)
    assert (ada.first_seen_us, ada.last_seen_us) == (START_US, START_US + DAY_US)


def test_who_was_anonymous_takes_over_what_telemetry_saw(both: Both) -> None:
    both.see("ada", session="s1")
    by_telemetry = both.reader.id_of(APP, "ada")
    both.see(by_telemetry, day=1, session="s2", tracked=True)
    both.do(register("anonymous", device_id="phone"), at_us=START_US + HOUR_US)
    both.do(register("anonymous", external_id="ada", device_id="phone"), at_us=START_US + HOUR_US)

    assert both.reader.id_of(APP, "ada") == "anonymous"
    assert both.reader.name_of("anonymous") == "ada"
    assert both.reader.name_of("nobody") == ""
    assert both.reader.profile(by_telemetry) is None
    ada = both.profile("anonymous")
    assert (ada.session_count, ada.days) == (2, (20_000, 20_001))
    assert [profile.player_id for profile in both.reader.all(APP)] == ["anonymous"]
    assert both.reader.page(APP, now_us=NOW_US, window="mid_core").total == 1


def test_a_session_that_both_apis_know_counts_once(both: Both) -> None:
    ada_id = both.reader.id_of(APP, "ada")
    both.see("ada", day=0.5, session="both", secs=600)
    both.see("ada", day=1, session="telemetry")
    both.see(ada_id, day=0.5, session="both", secs=900, tracked=True)
    both.do(
        register(ada_id, external_id="ada"),
        RecordSession(player_id=ada_id, session_id="both", started_us=START_US + HOUR_US, duration_secs=30.0),
        RecordSession(player_id=ada_id, session_id="api", started_us=START_US),
        at_us=START_US + DAY_US,
    )
    ada = both.profile(ada_id)
    assert ada.session_count == 3
    spans = {s.session_id: (s.started_us, s.ended_us) for s in ada.sessions}
    assert spans["both"] == (START_US + HOUR_US, START_US + DAY_US // 2 + 900_000_000)
    assert [s.session_id for s in both.reader.sessions(ada_id)] == ["telemetry", "both", "api"]
    assert both.reader.has_session(ada_id, "telemetry")
    assert both.reader.has_session(ada_id, "api")
    assert not both.reader.has_session(ada_id, "other")
    assert not both.reader.has_session("nobody", "api")
    assert both.reader.sessions("nobody") == []


def test_the_later_word_of_either_api_holds(both: Both) -> None:
    ada_id = both.reader.id_of(APP, "ada")
    both.do(register(ada_id, external_id="ada", attributes={"region": "api", "level": 1}))  # number 1
    both.tell("ada", 5, region="telemetry", hardware={"ram": 8})
    assert both.profile(ada_id).attributes == {"region": "telemetry", "level": 1, "hardware": {"ram": 8}}
    for _ in range(5):
        both.do(TrackEvent(event_id="e", player_id=ada_id, event_name="jump", time_us=START_US))
    both.do(Update(player_id=ada_id, attributes={"region": None, "hardware": {"ram": 16}}))
    assert both.profile(ada_id).attributes == {"level": 1, "hardware": {"ram": 16}}
    both.tell("ada", 4, region="late")
    assert both.profile(ada_id).attributes == {"level": 1, "hardware": {"ram": 16}}


def test_a_preview_is_the_profile_to_be(both: Both) -> None:
    both.see("ada", session="s1")
    both.do(register("p1", device_id="phone"), RecordSession(player_id="p1", session_id="s2", started_us=START_US))
    player = both.players.get("p1")
    assert player is not None
    assert both.reader.preview(player) == both.profile("p1")

    both.do(register("p1", external_id="ada"))
    later = both.players.get("p1")
    assert later is not None
    assert both.reader.preview(later) == both.profile("p1")
    assert both.profile("p1").session_count == 2


def test_old_sessions_count_but_are_not_carried(both: Both) -> None:
    both.see("ada", session="old")
    both.see("ada", day=100, session="new")
    ada = both.profile(both.reader.id_of(APP, "ada"))
    assert (ada.session_count, [s.session_id for s in ada.sessions]) == (2, ["new"])
    assert [s.session_id for s in both.reader.sessions(ada.player_id)] == ["new", "old"]
    assert [*both.reader.all(APP)] == [ada]


def test_purchases_newest_first(both: Both) -> None:
    both.do(
        RecordPurchase(player_id="p1", amount_minor=1),
        RecordPurchase(player_id="p1", amount_minor=2, transaction_id="t"),
    )
    assert [(p.amount_minor, p.transaction_id) for p in both.reader.purchases("p1")] == [(2, "t"), (1, None)]
    assert both.profile("p1").is_payer


def test_a_list_goes_on_where_it_ended(both: Both) -> None:
    for number in range(7):
        both.do(register(f"p{number}", device_id=f"d{number}"))
    both.see("ada")
    both.see("bob", app_id="another app")
    everybody = [profile.player_id for profile in both.reader.all(APP)]
    assert everybody == sorted([*(f"p{n}" for n in range(7)), both.reader.id_of(APP, "ada")])

    met: list[str] = []
    cursor = None
    while True:
        profiles, cursor = both.reader.list(APP, limit=3, cursor=cursor)
        met += [profile.player_id for profile in profiles]
        if cursor is None:
            break
    assert met == everybody
    assert both.reader.list(APP, limit=8) == ([*both.reader.all(APP)], None)


@pytest.fixture
def crowd(both: Both) -> Both:
    both.see("Ada", day=1, session="s1", secs=10)
    both.see("Ada", day=2, session="s2", secs=10)
    both.do(register("p-bob", external_id="bob", email="Bob@Example.org"), at_us=START_US + 19 * DAY_US)
    both.do(RecordPurchase(player_id="p-bob", amount_minor=250), at_us=START_US + 19 * DAY_US)
    both.do(register("p-device", device_id="Pixel_7"), at_us=START_US)
    both.see("bob", day=19.5, session="s3")
    return both


@pytest.mark.parametrize(
    ("sort", "ascending"),
    [
        ("external_id", ["Ada", "bob", ""]),
        ("session_count", ["", "bob", "Ada"]),
        ("revenue", None),
        ("first_seen", ["", "Ada", "bob"]),
        ("last_seen", ["", "Ada", "bob"]),
        ("stage", None),
        ("churn_risk", None),
    ],
)
def test_pages_are_sorted(crowd: Both, sort: str, ascending: list[str] | None) -> None:
    def names(descending: bool) -> list[str]:
        page = crowd.reader.page(APP, sort=sort, descending=descending, now_us=NOW_US, window="mid_core")  # type: ignore[arg-type]
        assert page.total == 3
        return [row.external_id for row in page.rows]

    up, down = names(False), names(True)
    if ascending is not None:
        assert up == ascending
    if sort == "external_id":
        assert down == ["bob", "Ada", ""]
    elif sort == "revenue":
        assert up[-1] == down[0] == "bob"
    elif sort in ("stage", "churn_risk"):
        rows = crowd.reader.page(APP, sort=sort, descending=True, now_us=NOW_US, window="mid_core").rows  # type: ignore[arg-type]
        if sort == "churn_risk":
            assert [row.churn_risk for row in rows] == sorted((row.churn_risk for row in rows), reverse=True)
        else:
            assert [row.stage for row in rows] == ["churned", "churned", "new"]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("ADA", ["Ada"]),
        ("pixel_", [""]),
        ("exAmple", ["bob"]),
        ("p-", ["bob", ""]),
        ("100%", []),
        ("_", [""]),
        ("Ä", []),
    ],
)
def test_a_search_finds_parts_of_ids_and_addresses(crowd: Both, search: str, names: list[str]) -> None:
    page = crowd.reader.page(APP, search=search, sort="external_id", descending=False, now_us=NOW_US, window="casual")
    assert [row.external_id for row in page.rows] == names
    assert page.total == len(names)


def test_a_row_says_which_api_knows_the_player(crowd: Both) -> None:
    page = crowd.reader.page(APP, sort="external_id", descending=False, now_us=NOW_US, window="mid_core")
    assert [row.api for row in page.rows] == ["telemetry", "both", "player"]
    bob = page.rows[1]
    assert (bob.player_id, bob.email, bob.revenue_minor, bob.session_count) == ("p-bob", "Bob@Example.org", 250, 1)
    assert bob == crowd.reader.row_of(crowd.profile("p-bob"), NOW_US, "mid_core")
    second = crowd.reader.page(
        APP, sort="external_id", descending=False, limit=1, offset=1, now_us=NOW_US, window="mid_core"
    )
    assert (second.total, second.rows) == (3, [bob])


def test_a_missing_file_is_an_error_of_the_projection(tmp_path: Path) -> None:
    reader = ProfileReader(tmp_path / "players.sqlite", tmp_path / "activity.sqlite", JOURNAL_ID)
    with pytest.raises(ProjectionError):
        reader.profile("p1")
    reader.close()


def test_a_check_looks_at_both_files(both: Both) -> None:
    both.do(*(register(f"p{number}", external_id=f"player {number}") for number in range(200)))
    for number in range(500):
        both.see(f"ada {number}")
    assert both.reader.quick_check() == ""
    both.reader.close()
    both.activity.close()
    path = both.folder / "activity.sqlite"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    reader = ProfileReader(both.folder / "players.sqlite", path, JOURNAL_ID)
    try:
        wrong = reader.quick_check()
    except ProjectionError as error:
        wrong = str(error)
    assert wrong
    reader.close()


_names = st.sampled_from(["ada", "bob", "cem"])
_steps = st.one_of(
    st.tuples(st.just("see"), _names, st.booleans(), st.sampled_from([None, "s", "t"]), st.integers(0, 90)),
    st.tuples(st.just("register"), _names),
    st.tuples(st.just("anonymous"), st.sampled_from(["phone", "pad"])),
    st.tuples(st.just("sign in"), st.sampled_from(["phone", "pad"]), _names),
    st.tuples(st.just("session"), _names, st.sampled_from(["s", "u"])),
)


def take(both: Both, step: tuple[Any, ...]) -> None:
    """Somebody does something; what nobody could do by the rules of identity is left out."""
    players, reader = both.players, both.reader
    match step:
        case ("see", name, tracked, session, day):
            both.see(reader.id_of(APP, name) if tracked else name, day=day, session=session, tracked=tracked)
        case ("register", name):
            both.do(register(reader.id_of(APP, name), external_id=name))
        case ("anonymous", device) if players.by_device(APP, device) is None:
            both.do(register(f"id of {device}", device_id=device))
        case ("sign in", device, name) if players.by_external(APP, name) is None:
            if (player := players.by_device(APP, device)) is not None and player.external_id is None:
                both.do(register(player.player_id, external_id=name))
        case ("session", name, session) if (profile := reader.by_external(APP, name)) is not None:
            both.do(
                register(profile.player_id, external_id=name),
                RecordSession(player_id=profile.player_id, session_id=session, started_us=START_US),
            )


@given(steps=st.lists(_steps, max_size=14))
@settings(deadline=None, max_examples=30)
def test_every_way_to_a_player_leads_to_the_same_one(
    steps: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    both = Both(tmp_path_factory.mktemp("both"))
    try:
        for step in steps:
            take(both, step)
        reader = both.reader
        everybody = list(reader.all(APP))
        assert len({profile.player_id for profile in everybody}) == len(everybody)
        named = [profile for profile in everybody if profile.external_id is not None]
        assert len({profile.external_id for profile in named}) == len(named)
        for profile in everybody:
            assert reader.profile(profile.player_id) == profile
            assert profile.session_count == len(reader.sessions(profile.player_id))
            assert all(reader.has_session(profile.player_id, s.session_id) for s in profile.sessions)
            if (player := both.players.get(profile.player_id)) is not None:
                assert reader.preview(player) == profile
        for profile in named:
            assert reader.by_external(APP, profile.external_id or "") == profile
            assert reader.id_of(APP, profile.external_id or "") == profile.player_id
        rows = {
            sort: reader.page(APP, sort=sort, now_us=NOW_US + 100 * DAY_US, window="casual").rows
            for sort in get_args(PlayerSort)
        }
        for found in rows.values():
            assert sorted(row.player_id for row in found) == [profile.player_id for profile in everybody]
        by = {profile.player_id: profile for profile in everybody}
        for sort in ("session_count", "first_seen", "last_seen"):
            values = [getattr(row, f"{sort}_us" if sort.endswith("seen") else sort) for row in rows[sort]]
            assert values == sorted(values, reverse=True)
        for row in rows["last_seen"]:
            assert row == reader.row_of(by[row.player_id], NOW_US + 100 * DAY_US, "casual")
    finally:
        both.close()
