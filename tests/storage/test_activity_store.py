import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.players.profiles import player_id_of
from console.storage.activity_store import (
    ActivityStore,
    ProjectionError,
    Seen,
    Told,
    decode_attributes,
    pack_days,
    unpack_days,
)
from tests.storage.players import APP, DAY_US, HOUR_US, JOURNAL_ID, START_US


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "activity.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[ActivityStore]:
    store = opened(path)
    yield store
    store.close()


def opened(path: Path, journal_id: str = JOURNAL_ID, last_seq: int = 10**9) -> ActivityStore:
    store = ActivityStore(path)
    store.open(journal_id, last_seq)
    return store


def seen(name: str, first_us: int, last_us: int | None = None, session: str | None = None, **more: Any) -> Seen:
    fields: dict[str, Any] = {"app_id": APP, "tracked": False} | more
    return Seen(name=name, session_id=session, first_us=first_us, last_us=last_us or first_us, **fields)


def content(path: Path) -> tuple[list[Any], list[Any]]:
    """Subjects and sessions, whatever their row ids and the order of their attributes."""
    db = sqlite3.connect(path)
    subjects = {
        row[0]: (*row[1:7], unpack_days(row[7]), sorted(decode_attributes(row[8]).items()))
        for row in db.execute("SELECT * FROM subjects")
    }
    sessions = [(subjects[row[0]][2], *row[1:]) for row in db.execute("SELECT * FROM sessions")]
    db.close()
    return sorted(subjects.values(), key=repr), sorted(sessions, key=repr)


def test_what_events_show_is_summed_up(store: ActivityStore, path: Path) -> None:
    store.add([seen("ada", START_US, START_US + HOUR_US, "s1")], [], 10)
    store.add(
        [seen("ada", START_US - HOUR_US, session="s1"), seen("ada", START_US + 3 * DAY_US, session="s2")],
        [Told(APP, "ada", 12, {"region": "EU"}), Told(APP, "nobody", 13, {"region": "EU"})],
        20,
    )
    (ada,), sessions = content(path)
    assert ada == (
        APP,
        "ada",
        player_id_of(JOURNAL_ID, APP, "ada"),
        START_US - HOUR_US,
        START_US + 3 * DAY_US,
        2,
        (19_999, 20_000, 20_003),
        [("region", (12, "EU"))],
    )
    assert [(name, first_us, last_us) for _, name, first_us, last_us in sessions] == [
        ("s1", START_US - HOUR_US, START_US + HOUR_US),
        ("s2", START_US + 3 * DAY_US, START_US + 3 * DAY_US),
    ]
    assert store.position == 20


def test_an_external_id_and_a_player_id_are_different_subjects(store: ActivityStore, path: Path) -> None:
    ada_id = player_id_of(JOURNAL_ID, APP, "ada")
    store.add([seen("ada", START_US), seen(ada_id, START_US, tracked=True), seen("ada", START_US, app_id="b")], [], 1)
    subjects, _ = content(path)
    assert sorted((app_id, external_id or "", player_id) for app_id, external_id, player_id, *_ in subjects) == sorted(
        [("b", "ada", player_id_of(JOURNAL_ID, "b", "ada")), (APP, "ada", ada_id), (APP, "", ada_id)]
    )


def test_it_goes_on_where_it_was(path: Path) -> None:
    store = opened(path)
    store.add([seen("ada", START_US)], [], 7)
    store.close()
    store.close()
    store = opened(path)
    assert store.position == 7
    store.add([], [], 3)
    assert store.position == 7, "a position never goes back"
    store.close()
    with pytest.raises(ProjectionError, match="not open"):
        store.add([], [], 8)


@pytest.mark.expects_log
def test_another_journals_sums_are_put_aside(path: Path) -> None:
    store = opened(path)
    store.add([seen("ada", START_US)], [], 7)
    store.close()
    for journal_id, last_seq in ((JOURNAL_ID, 6), ("f" * 32, 100)):
        store = opened(path, journal_id, last_seq)
        assert store.position == 0
        store.add([seen("ada", START_US)], [], 7)
        store.close()


def test_a_failed_write_leaves_everything_as_it_was(store: ActivityStore, path: Path) -> None:
    store.add([seen("ada", START_US)], [], 1)
    before = content(path)
    with pytest.raises(ProjectionError):
        store.add([seen("ada", START_US - DAY_US), seen("bob", START_US, app_id=None)], [], 2)
    assert content(path) == before
    assert store.position == 1


@given(st.sets(st.integers(0, 0xFFFF)))
def test_days_survive_packing(days: set[int]) -> None:
    assert unpack_days(pack_days(sorted(days))) == tuple(sorted(days))


_sights = st.builds(
    lambda name, tracked, session, first, length: Seen(APP, name, tracked, session, first, first + length),
    st.sampled_from(["ada", "bob"]),
    st.booleans(),
    st.sampled_from([None, "s", "t"]),
    st.integers(START_US - 5 * DAY_US, START_US),
    st.integers(0, 2 * DAY_US),
)


@given(
    sights=st.lists(_sights, max_size=12),
    tellings=st.lists(st.dictionaries(st.sampled_from(["region", "hardware"]), st.integers(0, 9)), max_size=6),
    data=st.data(),
)
@settings(deadline=None, max_examples=25)
def test_order_repetition_and_pieces_do_not_matter(
    sights: list[Seen],
    tellings: list[dict[str, Any]],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("activity")
    told = [Told(APP, "ada", seq, attributes) for seq, attributes in enumerate(tellings, 1)]
    here = seen("ada", START_US)  # whoever is told of was seen
    parts: Sequence[Seen | Told] = [*sights, *told]

    once = opened(folder / "once.sqlite")
    once.add([here, *sights], told, 100)
    once.close()

    pieces = opened(folder / "pieces.sqlite")
    shuffled = data.draw(
        st.permutations([*parts, *data.draw(st.lists(st.sampled_from(parts)) if parts else st.just([]))])
    )
    pieces.add([here], [], 1)
    for number, part in enumerate(shuffled):
        pieces.add([part] if isinstance(part, Seen) else [here], [part] if isinstance(part, Told) else [], number)
    pieces.close()
    assert content(folder / "once.sqlite") == content(folder / "pieces.sqlite")
