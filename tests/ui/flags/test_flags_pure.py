"""Values as text, paths, words and differences of definitions: without Qt."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.messages.players import DefinitionChange
from console.ui.flags.flips import Flip, flips_in
from console.ui.flags.paths import steps_of
from console.ui.widgets.value_text import NotAValue, kind_word, list_text, read_json, read_list, read_value, value_text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(VALUES)
def test_a_value_comes_back_from_its_text(value: Any) -> None:
    assert read_value(value_text(value)) == value


@given(st.lists(VALUES, max_size=5))
def test_a_list_comes_back_from_its_text(values: list[Any]) -> None:
    assert read_list(list_text(values)) == values


@given(st.text())
def test_any_text_is_a_value_or_refused_with_a_reason(text: str) -> None:
    for read in (read_value, read_list):
        with contextlib.suppress(NotAValue):
            json.dumps(read(text), allow_nan=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ('"10"', "10"),
        ("US", "US"),
        (" true ", True),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ("1.5.2", "1.5.2"),
    ],
)
def test_what_is_typed_is_what_is_meant(text: str, value: Any) -> None:
    assert read_value(text) == value


def test_a_list_is_typed_with_commas() -> None:
    assert read_list('US, CA, "a, b", 3') == ["US", "CA", "a, b", 3]
    assert read_list("US,") == ["US"], "a comma is typed before what follows it"
    assert read_list('["US", 3]') == ["US", 3]


def test_broken_json_says_where() -> None:
    with pytest.raises(NotAValue, match="line 2, column 1"):
        read_json('{"a":\n}')
    with pytest.raises(NotAValue, match="NaN"):
        read_json("[NaN]")
    with pytest.raises(NotAValue):
        read_json("[" * 100_000)


def test_kinds_have_words() -> None:
    assert [kind_word(value) for value in (True, 1, "a", None, [], {})] == [
        "yes/no",
        "number",
        "text",
        "nothing",
        "list",
        "object",
    ]


def test_paths_are_taken_apart() -> None:
    assert steps_of("$.rules[0].conditions.conditions[1].value") == (
        "rules",
        0,
        "conditions",
        "conditions",
        1,
        "value",
    )
    assert steps_of("$") == ()
    assert steps_of('$.attributes["a \\"b"][0] ?') == ("attributes", 'a "b', 0)


def test_the_last_flip_of_each_flag_is_found_in_the_history() -> None:
    def change(at_us: int, before: str, after: str, **changes: Any) -> DefinitionChange:
        values = {"kind": "flag", "key": "a", "action": "changed", "by": "window", "summary": ""} | changes
        return DefinitionChange(at_us=at_us, before=before, after=after, **values)

    off, on = '{"enabled": false}', '{"enabled": true}'
    history = [
        change(9, on, on),
        change(8, off, on),
        change(7, on, off),
        change(6, "", on, key="b", action="created"),
        change(5, "[]", on, key="c"),
        change(4, "{", on, key="d"),
        change(3, off, on, key="e", kind="segment"),
    ]
    assert flips_in(history) == {"a": Flip(8, True, "window")}
