"""The simple text filter."""

import pytest

from console.ui.widgets.text_filter import TextFilter, parse_filter


@pytest.mark.parametrize(
    ("text", "words", "excluded"),
    [
        ("", (), ()),
        ("   ", (), ()),
        ("Death", ("death",), ()),
        ("death player_02", ("death", "player_02"), ()),
        ('"50 samples" fps', ("50 samples", "fps"), ()),
        ("-funnel", (), ("funnel",)),
        ('-"Door Open" x', ("x",), ("door open",)),
        ('"still typ', ("still typ",), ()),
        ("-", (), ()),
        ('""', (), ()),
        ("- a", ("a",), ()),
        ("a-b", ("a-b",), ()),
        ("-5.2,", (), ("5.2,",)),
        ('"-5.2"', ("-5.2",), ()),
        ("STRASSE straße", ("strasse", "strasse"), ()),
    ],
)
def test_terms(text: str, words: tuple[str, ...], excluded: tuple[str, ...]) -> None:
    assert parse_filter(text) == TextFilter(words, excluded)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("death", True),
        ("DEATH 03", True),
        ("death 04", False),
        ("-death", False),
        ("-jump", True),
        ('"player_death s-03"', False),
        ('"player death"', False),
    ],
)
def test_words_must_all_occur_and_no_excluded_one_may(text: str, passes: bool) -> None:
    assert parse_filter(text).matches("player_death\x1fs-03-7f3a") is passes


def test_a_filter_that_says_nothing_is_no_filter() -> None:
    assert not parse_filter(" - ")
