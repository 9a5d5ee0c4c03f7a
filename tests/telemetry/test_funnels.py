import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.funnels import (
    NEVER,
    Hits,
    NameFound,
    Reached,
    chance_of_difference,
    reach,
    tally,
    usual_order,
)

Event = tuple[int, int, int]  # unit, time, name


def hits_of(events: Sequence[Event]) -> Hits:
    table = np.array(events, dtype=np.int64).reshape(-1, 3)
    return Hits(table[:, 0], table[:, 1], np.arange(len(table)), table[:, 2])


def deepest_by_hand(events: Sequence[Event], chain: Sequence[int], within_us: int | None, strict: bool) -> int:
    """Every chain of one unit's events, tried one by one."""
    ordered = sorted(events, key=lambda event: event[1])

    def longest(step: int, last: int) -> int:
        if step == len(chain):
            return step
        best = step
        for index in range(last + 1, len(ordered)):
            if ordered[index][2] != chain[step]:
                continue
            if step:
                if within_us is not None and ordered[index][1] - ordered[last][1] > within_us:
                    continue
                between = [ordered[n][2] for n in range(last, index + 1)]
                if strict and sum(a != b for a, b in itertools.pairwise(between)) > 1:
                    continue
            best = max(best, longest(step + 1, index))
        return best

    return longest(0, -1)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 3)), max_size=12),
    st.lists(st.integers(0, 3), min_size=1, max_size=4),
    st.none() | st.integers(0, 5),
    st.booleans(),
)
def test_a_step_is_reached_exactly_when_a_chain_leads_to_it(
    events: list[Event], chain: list[int], within_us: int | None, strict: bool
) -> None:
    reached = reach(hits_of(events), chain, 3, within_us=within_us, strict=strict)
    for unit in range(3):
        own = [event for event in events if event[0] == unit]
        assert reached.depth[unit] == deepest_by_hand(own, chain, within_us, strict)
        for step, hit in enumerate(reached.hit[unit].tolist()):
            assert hit == NEVER or (events[hit][0], events[hit][2]) == (unit, chain[step])
    # First reached is never before the step before was, and whoever reached a step reached all before it.
    counts = [step.units for step in tally(reached, hits_of(events).time_us)]
    assert counts == sorted(counts, reverse=True)


def test_times_are_from_first_to_first_and_of_the_chosen_only() -> None:
    events = [(0, 0, 0), (0, 4_000_000, 0), (0, 10_000_000, 1), (1, 0, 0), (1, 20_000_000, 1), (2, 5, 1)]
    hits = hits_of(events)
    reached = reach(hits, [0, 1], 3)
    first, second = tally(reached, hits.time_us)
    assert (first.units, second.units, second.median_secs, second.p90_secs) == (2, 2, 15.0, 19.0)
    assert np.isnan(first.median_secs)
    assert tally(reached, hits.time_us, np.array([True, False, True]))[1].median_secs == 10.0
    assert [step.units for step in tally(Reached(reached.hit[:0]), hits.time_us)] == [0, 0]


def found(*names: str) -> list[NameFound]:
    return [NameFound(name, "funnel", 10, 10) for name in names]


def test_the_order_is_what_most_sessions_did_however_the_rest_loops() -> None:
    earlier = np.zeros((4, 4), np.int64)
    # b→c→d→b is a loop; d→b is its weakest link. Nobody says anything of a, which was reached as often.
    earlier[1, 2], earlier[2, 3], earlier[3, 1], earlier[2, 1] = 9, 8, 2, 3
    assert [step.name for step in usual_order(found("a", "b", "c", "d"), earlier)] == ["a", "b", "c", "d"]
    assert usual_order([], np.zeros((0, 0), np.int64)) == []


@given(st.permutations(list(range(6))))
def test_a_common_order_is_found_whatever_the_order_of_names(wanted: list[int]) -> None:
    earlier = np.zeros((6, 6), np.int64)
    for place, a in enumerate(wanted):
        for b in wanted[place + 1 :]:
            earlier[a, b] = 5
            earlier[b, a] = 4
    names = found(*"uvwxyz")
    assert [names.index(step) for step in usual_order(names, earlier)] == wanted


@pytest.mark.parametrize(
    ("counts", "chance"),
    [((50, 100, 50, 100), 1.0), ((0, 0, 1, 2), 1.0), ((5, 5, 7, 7), 1.0), ((60, 100, 40, 100), 0.00468)],
)
def test_small_differences_of_few_may_be_chance(counts: tuple[int, int, int, int], chance: float) -> None:
    assert chance_of_difference(*counts) == pytest.approx(chance, abs=1e-4)
