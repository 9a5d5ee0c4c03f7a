"""The filter language in the window, without a window: terms, completion, what is remembered."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSettings

from console.telemetry.filters import Facts, Filter, Scope, parse
from console.ui.widgets.filter_completion import (
    Wanted,
    completed,
    counted_values,
    field_suggestions,
    path_root,
    value_suggestions,
    wanted_at,
    word_suggestions,
)
from console.ui.widgets.filter_memory import MAX_RECENT, FilterMemory, SavedFilter
from console.ui.widgets.filter_terms import How, escaped_path, instant, joined, negated, number_term, term

printable = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"], include_characters=" "), max_size=40)


def read(text: str, scope: Scope = "events") -> Filter:
    found = parse(text, scope)
    assert isinstance(found, Filter), found
    return found


@given(printable, printable)
def test_a_term_finds_exactly_its_value(value: str, other: str) -> None:
    matches = read(term("player", value)).matches
    assert matches(Facts(player=value))
    assert matches(Facts(player=other)) is (value == other)
    assert not read(negated(term("player", value))).matches(Facts(player=value))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_is_found_whatever_its_sign(value: float) -> None:
    assert read(number_term("x", value)).matches(Facts(x=value))


@given(st.integers(0, 4_000_000_000_000_000))
def test_an_instant_is_exact(time_us: int) -> None:
    matches = read(f"time:{instant(time_us)}").matches
    assert matches(Facts(time=time_us))
    assert not matches(Facts(time=time_us + 1))


def test_values_of_rows_are_counted_and_the_empty_one_is_none() -> None:
    rows = ["b", "B", "", "a", "b", "bc"]
    assert counted_values(rows, str, "") == [("b", 2), ("B", 1), ("a", 1), ("bc", 1)]
    assert counted_values(rows, str, "B") == [("b", 2), ("B", 1), ("bc", 1)]
    assert counted_values(map(str, range(1_000_000)), str, "19999") == [("19999", 1)], "the newest rows only"


def test_what_a_line_cannot_hold_is_no_term() -> None:
    assert term("player", "a\nb") == ""
    assert term("player", "x" * 1_000) == ""


@pytest.mark.parametrize(
    "text", ["", "a", "-a", "a b", "a OR b", "a OR b c", "(a b) OR c", "a AND b", "NOT a", "plaer:"]
)
@pytest.mark.parametrize("how", ["only", "and", "not", "or"])
@given(a=st.booleans(), b=st.booleans(), c=st.booleans(), there=st.booleans())
def test_a_joined_term_means_what_its_menu_says(text: str, how: How, a: bool, b: bool, c: bool, there: bool) -> None:
    facts = Facts(event=f"{'a' * a} {'b' * b} {'c' * c}", level="1" if there else "2")
    before = parse(text)
    result = read(joined(text, "level:1", how, "events")).matches(facts)
    if how == "only" or not isinstance(before, Filter) or before.is_empty:
        assert result is (there if how != "not" else not there)
    else:
        matched = before.matches(facts)
        assert result is {"and": matched and there, "not": matched and not there, "or": matched or there}[how]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("|", Wanted(0, 0, "")),
        ("pl|", Wanted(0, 2, "pl")),
        ("-pl|", Wanted(1, 3, "pl")),
        ("a (pl|a:x)", Wanted(3, 7, "pl")),
        ("level:|", Wanted(6, 6, "", "level")),
        ("level:Le|v b", Wanted(6, 9, "Le", "level")),
        ('level:"Level |1" b', Wanted(6, 15, "Level ", "level")),
        ('level:"Lev|', Wanted(6, 10, "Lev", "level")),
        ("custom_data.wea|", Wanted(0, 15, "custom_data.wea")),
        ("level:(a OR b|)", None),
        ('"a phrase|', None),
        ("x:[1 TO |5]", None),
        ("x:>|", None),
        ("route:/api|", None),
    ],
)
def test_what_is_being_written(text: str, wanted: Wanted | None) -> None:
    cursor = text.index("|")
    found = wanted_at(text.replace("|", ""), cursor)
    if text == "level:(a OR b|)":  # a field's group: its values are not completed, a field's name is no mistake
        assert found == Wanted(12, 13, "b")
    else:
        assert found == wanted


@given(st.text('ab:"\\()[]-/ ', max_size=12), st.integers(0, 12))
def test_any_text_can_be_completed_anywhere(text: str, cursor: int) -> None:
    wanted = wanted_at(text, min(cursor, len(text)))
    if wanted is not None:
        assert 0 <= wanted.start <= min(cursor, len(text)) <= wanted.end <= len(text)
        result, at = completed(text, wanted, "put")
        assert "put" in result
        assert at <= len(result)


def test_suggestions() -> None:
    assert field_suggestions("pl", "events")[0].text == "player:"
    assert [one.text for one in field_suggestions("fps", "events")] == ["fps.mean:", "fps.low_5:", "fps.low_1:"]
    assert "custom_data." in [one.text for one in field_suggestions("", "requests")]
    assert [one.text for one in word_suggestions("is", "la", "events") or ()] == ["late"]
    assert word_suggestions("x", "", "events") == []
    assert word_suggestions("level", "", "events") is None
    assert [one.text for one in value_suggestions([("Level 1", 12_000), ("a\nb", 3), ("b", 1)])] == ['"Level 1"', "b"]
    assert path_root(Wanted(0, 9, "custom_data.we"), "events") == "custom_data"
    assert path_root(Wanted(0, 9, "fps.me"), "events") == ""
    assert escaped_path("a key.b") == "a\\ key.b"


def test_completing_a_value_goes_on_behind_a_space() -> None:
    assert completed("level:Le b", Wanted(6, 8, "Le", "level"), '"Level 1"') == ('level:"Level 1" b', 16)
    assert completed("level:Le", Wanted(6, 8, "Le", "level"), "L") == ("level:L ", 8)
    assert completed("pl", Wanted(0, 2, "pl"), "player:") == ("player:", 7)


def test_filters_are_remembered(tmp_path: Path) -> None:
    def memory(scope: Scope) -> FilterMemory:
        return FilterMemory(QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat), scope)

    events = memory("events")
    for number in range(MAX_RECENT + 5):
        events.used(f"x:{number}")
    events.used(' x:7, "é" ')
    assert memory("events").recent[:2] == ['x:7, "é"', "x:24"]
    assert len(events.recent) == MAX_RECENT
    events.save("a b")
    events.save("c")
    assert memory("events").saved == [SavedFilter("c"), SavedFilter("a b")]
    events.save("a b", " Jumps ")
    events.save("d", "Jumps")
    others = [SavedFilter("a b"), SavedFilter("c")]
    assert events.saved == [SavedFilter("d", "Jumps"), *others], "a name is of one filter, and no filter is lost"
    events.save("d")
    assert events.saved == [SavedFilter("d"), *others], "a filter is kept once"
    events.forget("d")
    events._settings.setValue("filters/events/saved", '["c","a b"]')
    assert memory("requests").saved == []
    events.forget("c")
    events.forget_recent()
    assert (memory("events").saved, memory("events").recent) == ([SavedFilter("a b")], [])
    events._settings.setValue("filters/events/saved", "no json")
    assert events.saved == []
