"""The players view without Qt: pages, words, attributes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.columns import encode_columns
from console.messages import Columns
from console.players.definitions import Lifecycle
from console.players.profiles import DAY_US
from console.ui.players.attributes import cell_text, merge_patch
from console.ui.players.examples import register_player
from console.ui.players.meters import zones
from console.ui.players.model import COLUMNS, SORTS, PlayerCells, days_words, span
from console.ui.players.overview import next_words
from console.ui.players.pages import PlayerPages
from console.ui.players.profile_control import event_lines, paths
from console.ui.players.time_travel import words_for
from console.ui.widgets.formatting import day_and_time
from console.ui.widgets.player_words import money, name_of
from console.ui.widgets.value_text import kind_word, read_value, value_text
from tests.ui.fake_players import NOW_US, make_detail, make_player_row, make_profile, player_id

KEYS = st.text(max_size=3)
# A merge patch cannot store null: there it means that a thing goes.
JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396, as its section 2 says."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


# pages


def rows(first: int, count: int) -> list[Any]:
    return [make_player_row(number) for number in range(first, first + count)]


def test_only_missing_pages_are_asked_for() -> None:
    pages = PlayerPages(page_rows=10, kept=3)
    assert pages.missing(0, 0) == [0]
    pages.put(0, rows(0, 10), 100)
    assert len(pages) == 100
    assert pages.missing(0, 9) == []
    assert pages.missing(5, 25) == [1, 2]
    assert pages[3] == make_player_row(3)
    assert pages[99] is None
    assert pages.find(player_id(7)) == 7
    assert pages.find("nobody") is None


def test_pages_far_from_sight_are_dropped() -> None:
    pages = PlayerPages(page_rows=10, kept=3)
    for number in range(4):
        pages.put(number, rows(number * 10, 10), 100)
    assert pages[0] is None
    assert pages[39] is not None
    pages.missing(10, 19)  # in sight
    pages.put(4, rows(40, 10), 100)
    assert pages[10] is not None
    assert pages[20] is None


def test_an_old_page_is_shown_until_it_is_replaced() -> None:
    pages = PlayerPages(page_rows=10)
    pages.put(0, rows(0, 10), 10)
    pages.expire()
    assert pages.missing(0, 9) == [0]
    assert pages[3] is not None
    pages.put(0, rows(100, 10), 10)
    assert pages.missing(0, 9) == []
    assert pages[3] == make_player_row(103)


def test_pages_behind_the_end_go() -> None:
    pages = PlayerPages(page_rows=10)
    pages.put(0, rows(0, 10), 25)
    pages.put(2, rows(20, 5), 25)
    pages.put(0, rows(0, 4), 4)
    assert len(pages) == 4
    assert pages[3] is not None
    assert pages.find(player_id(21)) is None


# words


def test_every_sorted_column_exists() -> None:
    assert SORTS.keys() <= {column.key for column in COLUMNS}


def test_a_player_is_called_by_the_best_known_name() -> None:
    assert name_of(make_player_row(1)) == "player_00001"
    assert name_of(make_player_row(1, external_id="", device_id="ipad")) == "device ipad"
    assert name_of(make_player_row(1, external_id="")) == "00000000…"
    assert name_of(make_player_row(1, external_id="a\u202eb")) == "a⟨U+202E⟩b"


def test_cells_are_written_anew_for_a_changed_player() -> None:
    cells = PlayerCells()
    assert cells.texts(None)[0] == "…"
    assert cells.texts(make_player_row(1))[:4] == ("player_00001", "New", "0.37", "1")
    assert cells.texts(make_player_row(1, session_count=2))[3] == "2"


@pytest.mark.parametrize(("minor", "text"), [(0, "0.00"), (5, "0.05"), (120_450, "1,204.50")])
def test_money(minor: int, text: str) -> None:
    assert money(minor) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "0 min"),
        (0.02, "29 min"),
        (0.5, "12 h"),
        (1, "1 day"),
        (1.04, "1 day"),
        (2.5, "2.5 days"),
        (34.4, "34 days"),
    ],
)
def test_days(days: float, text: str) -> None:
    assert days_words(days) == text


@pytest.mark.parametrize(
    ("secs", "text"), [(0, "0 s"), (59.6, "1 min 00 s"), (190, "3 min 10 s"), (700, "11 min"), (3_900, "1 h 05 min")]
)
def test_lengths_of_sessions(secs: float, text: str) -> None:
    assert span(secs) == text


def test_impossible_times_are_no_crash() -> None:
    assert day_and_time(10**18) == "–"
    assert len(day_and_time(NOW_US)) == 16


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "the present"),
        (1, "in 1 day, if nobody plays until then"),
        (-12, "12 days ago, by what was played until then"),
    ],
)
def test_the_chosen_day_is_put_into_words(days: int, text: str) -> None:
    assert words_for(days) == text


def lifecycle(**changes: Any) -> Lifecycle:
    values = {name: getattr(make_detail().lifecycle, name) for name in Lifecycle.__struct_fields__}
    return Lifecycle(**(values | changes))


def test_the_next_stage_is_the_one_whose_absence_is_reached() -> None:
    # Away for 3.2 days at noon of the 13th: a week is full on the 17th at 07:12.
    words = next_words(lifecycle(next_transition_at="2026-02-17T07:12:00Z"), "2026-02-13T12:00:00Z")
    assert words.startswith("Dormant from 2026-02-17")
    soon = lifecycle(stage="new", days_since_last_activity=0.1, next_transition_at="2026-02-14T12:00:00Z")
    assert next_words(soon, "2026-02-13T12:00:00Z").startswith("Active from 2026-02-14")
    gone = lifecycle(stage="churned", next_transition_at=None)
    assert next_words(gone, "2026-02-13T12:00:00Z") == "Stays so until the player comes back."


def test_the_scale_orders_what_absence_leads_to() -> None:
    assert zones(lifecycle(thresholds={"churned": 14.0, "at_risk": 2.0})) == [("at_risk", 2.0), ("churned", 14.0)]


# attributes


@given(JSON)
def test_an_edited_value_is_read_back_as_it_was(value: Any) -> None:
    text = value_text(value)
    assert read_value(text) == value
    assert type(read_value(text)) is type(value)


@given(JSON, JSON)
def test_a_merge_patch_makes_the_new_of_the_old(old: Any, new: Any) -> None:
    assert merged(old, merge_patch(old, new)) == new


def test_a_merge_patch_says_only_what_changed() -> None:
    old = {"a": 1, "gear": {"sword": "iron", "bow": "oak"}, "gone": True}
    new = {"a": 1, "gear": {"sword": "steel"}}
    assert merge_patch(old, new) == {"gear": {"sword": "steel", "bow": None}, "gone": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 45 ", 45),
        ("true", True),
        ("null", None),
        ('"45"', "45"),
        ("plain words", "plain words"),
        ("NaN", "NaN"),
        ("[1, 2]", [1, 2]),
        ("", ""),
    ],
)
def test_typed_values(text: str, value: Any) -> None:
    assert read_value(text) == value


@pytest.mark.parametrize("text", ["[1, 2", '{"a": }', '"open', "[NaN]", "[" * 100_000])
def test_json_that_went_wrong_is_not_taken_for_words(text: str) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        read_value(text)


def test_values_are_shown_inert_and_short() -> None:
    assert cell_text("a\u202eb") == '"a⟨U+202E⟩b"'
    assert len(cell_text({"a": "x" * 1_000})) == 120
    assert [kind_word(value) for value in (None, True, 1.5, "a", [1], {})] == [
        "nothing",
        "yes/no",
        "number",
        "text",
        "list",
        "object",
    ]


# answers


def test_the_events_of_an_answer() -> None:
    answer = encode_columns(
        {
            "seq": np.array([7]),
            "request_id": np.array([3]),
            "index": np.array([0]),
            "time_us": np.array([NOW_US]),
            "kind": np.array([4]),
            "name": ["level_complete"],
            "session_id": ["s"],
        }
    )
    assert [(line.seq, line.name, line.session_id) for line in event_lines(answer)] == [(7, "level_complete", "s")]
    assert event_lines(Columns(rows=0, columns={})) == []


def test_only_sessions_with_a_path_of_this_player_are_shown_in_the_level() -> None:
    answer = encode_columns(
        {
            "player_id": ["player_00001", "player_00001", "player_00001", "player_00002"],
            "session_id": ["a", "b", "c", "d"],
            "level_id": ["yard", "roof", "sky", "yard"],
            "trajectories": np.array([3, 2, 0, 9]),
            "last_us": NOW_US + np.array([0, 1, 2, 0]) * DAY_US,
        }
    )
    walked = paths(answer, make_profile(1))
    assert (walked.session_ids, walked.level_id) == (frozenset({"a", "b"}), "roof")
    assert paths(answer, make_profile(1, external_id=None)).session_ids == frozenset()
    assert paths(Columns(rows=0, columns={}), make_profile(1)).level_id == ""


def test_the_example_carries_address_and_key_as_a_shell_reads_them() -> None:
    text = register_player("http://127.0.0.1:18000/", "pk_live_x y")
    assert text.startswith("URL=http://127.0.0.1:18000/v1\nKEY='pk_live_x y'\n")
