"""The newest rows, and those that nobody saw."""

from hypothesis import example, given
from hypothesis import strategies as st

from console.messages import EventRow
from console.ui.recent_rows import RecentRows
from tests.ui.rows import event_row


def row(seq: int) -> EventRow:
    return event_row(seq)


ROWS = [row(seq) for seq in range(60)]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["seen", "unseen", "look", "load"])), max_size=15),
    st.integers(1, 20),
    st.integers(1, 12),
)
@example([(1, "unseen"), (1, "seen"), (0, "look")], 20, 12)  # shown ahead of what nobody saw
@example([(1, "unseen"), (0, "seen"), (0, "look")], 20, 12)
def test_whoever_looks_again_sees_all_or_is_told_to_ask(steps: list[tuple[int, str]], limit: int, most: int) -> None:
    recent = RecentRows[EventRow](limit, most)
    came: list[EventRow] = []
    unseen: list[EventRow] = []
    for count, what in steps:
        fresh = ROWS[len(came) : len(came) + count]
        if what in ("seen", "unseen"):
            recent.add(fresh, seen=what == "seen")
            came += fresh
            unseen = [*unseen, *fresh] if what == "unseen" else unseen
        elif what == "load":
            assert recent.beyond(lambda _row: 3) == [one for one in came[-limit:] if one.seq > 3]
            unseen = []
        else:
            found = recent.catch_up()
            apart = unseen and unseen != came[-len(unseen) :]  # others were shown since: the store is to be asked
            assert (found is None) == bool(apart or len(unseen) > min(limit, most))
            assert found is None or found == unseen
            unseen = []
