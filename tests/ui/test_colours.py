"""One colour for a player and a session, whichever view asks."""

from console.ui.colours import Colours


def test_numbers_are_given_by_first_appearance_and_stay() -> None:
    colours = Colours()
    assert colours.player("a", "mia") == 0
    assert colours.session("a", "s1", "leo") == 1
    assert colours.player("a", "leo") == 1  # the first session has its player's
    assert colours.session("a", "s2", "leo") == 2  # the next one is told apart
    assert colours.session("a", "s3", "mia") == 0
    assert colours.session("a", "s4", "") == 3
    assert colours.session("b", "s1", "leo") == 4  # another application's
    assert [colours.session("a", "s1", name) for name in ("leo", "mia", "")] == [1, 1, 1]


def test_what_is_remembered_is_bounded_and_stable_beyond() -> None:
    colours, other = Colours(most=2), Colours(most=2)
    first = [colours.session("a", f"s{n}", f"p{n}") for n in range(5)]
    assert first == [colours.session("a", f"s{n}", f"p{n}") for n in range(5)]
    assert first[:2] == [0, 1]
    for n in range(2):
        other.session("a", f"x{n}", f"y{n}")
    assert other.session("a", "s4", "p4") == first[4]
    assert len(colours._sessions) == len(colours._players) == 2
