"""Signs of markers, which of them are shown, and how those that lie on each other are put together. No window."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ui.level.clusters import MIXED, ROW, cell_size, cells
from console.ui.level.framing import Section
from console.ui.level.marker_atlas import CELLS, sprites
from console.ui.level.marker_layer import SLOT_PX, MarkerLayer, cluster_at
from console.ui.level.marker_signs import SHAPES, SIGNS, is_deadly, marker_style, sign_for
from console.ui.level.markers import Marker, MarkerStore
from console.ui.level.sign_paths import sign_path
from console.ui.theme import DARK

PLACES = st.lists(
    st.tuples(
        st.sampled_from([-1e9, -4.0, 0.0, 0.4, 7.5, 1e9]), st.floats(-50, 50, width=32), st.floats(0, 9, width=32)
    ),
    max_size=40,
)


def marker(seq: int, name: str = "Jump", x: float = 0.0, y: float = 0.0, z: float = 0.0, player: str = "p") -> Marker:
    return Marker(seq, seq, 0, seq * 1_000_000, name, player, x, y, z, "game", "s")


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("Player_Died", "skull"),
        ("PlayerKilled", "skull"),
        ("Player_Kill", "burst"),
        ("jumping", "arrow_up"),
        ("WeaponFired", "target"),
        ("ITEM_PICKUP", "gem"),
        ("DoorOpened", "door"),
        ("level-quit", "exit"),
        ("firewall_probe", None),
        ("white", None),
        ("", None),
        ("死亡", None),
    ],
)
def test_words_of_a_name_choose_its_sign(name: str, sign: str | None) -> None:
    assert sign_for(name) == sign
    assert is_deadly(name) == (sign == "skull")
    assert marker_style(DARK, name, 1).sign == (sign or SHAPES[1])


def test_every_sign_is_drawn_within_its_square() -> None:
    from PySide6.QtCore import QPointF

    for sign in SIGNS:
        box = sign_path(sign, QPointF(0, 0), 1.0).boundingRect()
        assert -1.1 < box.left() < -0.5, sign
        assert 0.5 < box.right() < 1.1, sign
        assert box.height() > 1.4, sign


@given(PLACES, st.floats(0.01, 100))
def test_every_shown_marker_is_in_one_cluster_of_its_kind_and_cell(
    places: list[tuple[float, float, float]], size: float
) -> None:
    points = np.array(places, dtype=np.float64).reshape(-1, 3)
    rng = np.random.default_rng(len(places))
    kinds = rng.integers(0, 6, len(points)).astype(np.int32)
    shown = rng.random(len(points)) < 0.7
    deadly = np.array([False, True, False, True, False, False])
    found = cells(points, kinds, size, deadly).clusters(shown)
    assert sorted(found.members.tolist()) == np.flatnonzero(shown).tolist()
    by_cell: dict[tuple[float, ...], set[int]] = {}
    for i in np.flatnonzero(shown):
        by_cell.setdefault(tuple(np.floor(points[i] / size)), set()).add(int(kinds[i]))

    def signs(here: set[int]) -> int:
        died = len(here & {1, 3})
        alive = len(here) - died
        return len(here) if len(here) <= ROW else (1 if died else 0) + (alive if alive + (died > 0) <= ROW else 1)

    assert len(found) == sum(signs(here) for here in by_cell.values())
    for number in range(len(found)):
        members = found.of(number)
        assert len(members) == found.counts[number]
        assert members.tolist() == sorted(members.tolist())
        of = set(kinds[members].tolist())
        kind = int(found.kinds[number])
        assert of in ({kind}, {1, 3}) if kind in (1, 3) else of == {kind} or (kind == MIXED and not of & {1, 3})
        assert np.ptp(points[members], axis=0).max() <= size
    # Signs of one cell do not lie on each other.
    homes = np.floor(points[found.members[found.starts[:-1]]] / size).tolist()
    spots = [(*home, *slot) for home, slot in zip(homes, found.slots.tolist(), strict=True)]
    assert len(set(spots)) == len(spots)


def test_cells_change_by_factors_of_two() -> None:
    assert cell_size(0.1) == 4.0
    assert cell_size(0.11) == 4.0
    assert cell_size(0.12) == 8.0
    assert cell_size(0.0) > 0


def test_a_layer_shows_what_is_of_the_time_the_band_and_the_kinds() -> None:
    store = MarkerStore()
    store.add([marker(1, z=1.0), marker(2, z=5.0), marker(3, "Player_Died", z=1.0), marker(4, x=900.0)])
    layer = MarkerLayer(store)
    first = layer.clusters(1.0)
    assert first.counts.tolist() == [2, 1, 1] or sorted(first.counts.tolist()) == [1, 1, 2]
    assert layer.clusters(1.0) is first
    layer.set_section(Section(high=2.0))
    assert sorted(layer.clusters(1.0).members.tolist()) == [0, 2, 3]
    layer.set_time_range(2_000_000, 3_000_000)
    assert layer.clusters(1.0).members.tolist() == [2]
    assert store.counts(2_000_000, 3_000_000) == {"Jump": 1, "Player_Died": 1}
    store.set_hidden("Player_Died", True)
    assert len(layer.clusters(1.0)) == 0
    store.add([marker(3, "Late", x=5.0, player="q")])
    found = layer.clusters(1.0)
    assert found.members.tolist() == [4]
    assert layer.words(np.array([0, 1, 4])).splitlines()[:3] == ["2 × Jump", "1 × Late", "by 2 players"]
    assert layer.words(found.of(0)).startswith("Late\nq\n")
    assert layer.places(np.array([0, 3])).tolist() == [[0.0, 0.0, 1.0], [900.0, 0.0, 0.0]]


def test_signs_are_found_where_they_stand_and_carry_their_number() -> None:
    store = MarkerStore()
    store.add([*(marker(n) for n in range(12)), marker(20, "Player_Died")])
    found = MarkerLayer(store).clusters(1.0)
    seen = np.array([[100.0, 100.0, 5.0]] * 2)
    jumps = found.counts.tolist().index(12)
    x, y = (100 + found.slots[jumps] * SLOT_PX).tolist()
    assert cluster_at(found, seen, x, y) == jumps
    assert cluster_at(found, seen, 100.0, 180.0) is None
    digits = [cell for number, cell, right, _ in sprites(found) if number == jumps and right]
    assert [cell - digits[0] for cell in digits] == [0, 1]  # “12”
    store.add([marker(21, name) for name in ("Fire", "Door")])
    died = store.kinds().index("Player_Died")  # is seen in any crowd, beside the sign for the others
    store.add([marker(22, "Player_Fell"), marker(23, "Other")])
    (signs,) = [MarkerLayer(store).clusters(1.0)]
    assert (signs.kinds.tolist(), signs.counts.tolist()) == ([died, MIXED], [2, 15])
    assert sprites(signs)[1, 1] == CELLS - 1


def test_arrays_keep_in_step_with_the_markers() -> None:
    store = MarkerStore(limit=100)
    for start in range(0, 300, 7):
        store.add([marker(n, f"Kind_{n % 3}", x=float(n)) for n in range(start, start + 7)])
    places, kinds = store.table()
    assert len(places) == len(kinds) == len(store)
    assert places[:, 0].tolist() == [store[index].x for index in range(len(store))]
    assert store.dropped + len(store) == 301
    last = store[len(store) - 1]
    assert store.find(last.seq, last.index) == len(store) - 1
    assert store.find(0, 0) is None
