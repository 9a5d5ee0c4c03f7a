"""One colour for a player and a session, whichever view asks."""

from console.ui.colours import HUES, SHADES, Colours
from console.ui.level.palette import people
from console.ui.theme import DARK, LIGHT


def test_hues_are_given_by_first_appearance_and_sessions_are_shades_of_them() -> None:
    colours = Colours()
    assert colours.player("a", "mia") == 0
    assert [colours.session("a", session, "leo") for session in ("s1", "s2", "s3", "s1")] == [1, 1 + HUES, 13, 1]
    assert colours.player("a", "leo") == 1
    assert colours.session("a", "s4", "mia") == 0
    assert colours.session("a", "s5", "") == 2
    assert colours.session("b", "s1", "leo") == 3  # another application's
    assert [colours.player("a", f"p{n}") for n in range(HUES)] == [4, 5, 0, 1, 2, 3]


def test_what_is_remembered_is_bounded_and_stable_beyond() -> None:
    colours, other = Colours(most=2), Colours(most=2)
    first = [colours.session("a", f"s{n}", f"p{n}") for n in range(5)]
    assert first == [colours.session("a", f"s{n}", f"p{n}") for n in range(5)]
    for n in range(2):
        other.session("a", f"x{n}", f"y{n}")
    assert other.session("a", "s4", "p4") == first[4] < HUES * SHADES
    assert len(colours._sessions) == len(colours._players) == 2


def test_the_order_of_the_recording_decides_whoever_asked_first() -> None:
    recorded = [("a", "s1", "mia"), ("a", "s2", "leo"), ("a", "s3", "mia")]
    early, late, told = Colours(), Colours(), []
    early.when_learnt(lambda: told.append(1))
    early.session("a", "s3", "mia")
    early.player("a", "leo")
    early.player("a", "new")
    for colours in (early, late):
        colours.learn(recorded)
    assert told, "what was drawn is to be drawn anew"
    asked = [("a", "s3", "mia"), ("a", "s2", "leo"), ("a", "s1", "mia"), ("a", "s4", "kim")]
    assert [early.session(*one) for one in asked] == [late.session(*one) for one in asked] == [HUES, 1, 0, 2]
    early.learn([("a", "s0", "zoe"), *recorded])
    assert early.session("a", "s1", "mia") == 0, "who has a colour keeps it"
    assert len(told) == 1


def test_every_theme_has_a_colour_for_each_place() -> None:
    for tokens in (DARK, LIGHT):
        assert people(tokens)[:HUES] == tokens.series
        assert len(set(people(tokens))) == HUES * SHADES
