"""Sums of cells and their parts, in a table and sorted, against counting by hand."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.storage.cell_parts import PartCounts, Parts, PartSums
from console.storage.heat_answer import heat_answer
from console.storage.named_queries import InvalidQuery
from console.storage.visited_answer import visited_answer

CELLS = 5
ROWS = st.lists(st.tuples(st.integers(0, CELLS - 1), st.integers(0, 6)), max_size=20)


@given(st.lists(ROWS, max_size=6), st.sampled_from([0, 3 * CELLS, 100]))
def test_pairs_are_counted_however_they_are_kept(batches: list[list[tuple[int, int]]], largest: int) -> None:
    parts, sums, counts = Parts(CELLS, largest), PartSums(CELLS, largest), PartCounts(CELLS, -1, 4, largest)
    for batch in batches:
        cells, numbers = (np.array([row[n] for row in batch], np.int64) for n in (0, 1))
        parts.add(cells, numbers.astype(np.int32))
        counts.add(cells, numbers - 2)
        sums.add(cells, numbers.astype(np.int32) - 1, np.full(len(cells), 2.0), numbers.astype(np.float64))
    counted = Counter(row for batch in batches for row in batch)
    assert parts.counts().tolist() == [sum(cell == key[0] for key in counted) for cell in range(CELLS)]
    lines = list(zip(*(column.tolist() for column in counts.counts()), strict=True))
    assert {(cell, part + 2): count for cell, part, count in lines} == counted
    assert len(lines) == len(counted)
    told = {(row[0], row[1] + 1): row[2:] for row in zip(*(column.tolist() for column in sums.sums()), strict=True)}
    assert told == {key: (count, 2.0 * count, float(key[1] * count)) for key, count in counted.items()}


@given(st.integers(0, 2**32 - 1), st.sampled_from([None, "player", "mean"]))
def test_heat_is_what_counting_one_sample_after_the_other_gives(seed: int, by: str | None) -> None:
    random = np.random.default_rng(seed)
    matrix = np.vstack([random.integers(-2, 3, (2, 4)) / 2, [0.0, 1.0, 0.0, 0.5]])
    batches = [
        {axis: random.integers(-8, 8, 30).astype(np.float32) / 2 for axis in "xyz"}
        | {"part": random.integers(0, 4, 30).astype(np.int32), "seconds": random.integers(0, 4, 30) / 4}
        | {"rate": random.integers(10, 60, 30).astype(np.float64)}
        for _ in range(2)
    ]
    expected: dict[tuple[int, int], list[float]] = {}
    players: dict[int, set[int]] = {}
    heights: dict[int, list[float]] = {}
    steps: Counter[tuple[int, int]] = Counter()
    for batch in batches:
        for x, y, z, part, seconds, rate in zip(*batch.values(), strict=True):
            column, row, height = matrix @ (float(x), float(y), float(z), 1.0)
            inside = 0 <= column < 4 and 0 <= row < 3
            cell = -1 if not inside else -2 if not -1 <= height <= 2 else int(row) * 4 + int(column)
            sums = expected.setdefault((cell, int(part) if by == "mean" else 0), [0, 0.0, 0.0])
            for number, amount in enumerate((1, seconds, rate * seconds if by == "mean" else 0.0)):
                sums[number] += amount
            players.setdefault(cell, set()).add(int(part))
            heights.setdefault(cell, []).append(height)
            if cell >= 0:
                steps[cell, math.floor(height / 0.75)] += 1
    asked = {"to_grid": matrix.ravel().tolist(), "columns": 4, "rows": 3, "low": -1, "high": 2, "by": by}
    asked |= {"bin_ratio": 2.0} if by == "mean" else {}
    told = heat_answer(batches, 7, asked)
    names = ("cell", "part", "samples", "seconds", "rate_seconds")
    lines = list(zip(*(told[name].tolist() for name in names), strict=True))
    assert {line[:2]: list(line[2:]) for line in lines} == expected
    if by == "player":
        cells, counts = told["cell"].tolist(), told["parts"].tolist()
        assert dict(zip(cells, counts, strict=True)) == {cell: len(of) for cell, of in players.items()}
    ends = list(zip(*(told[name].tolist() for name in ("cell", "lowest", "highest")), strict=True))
    assert {line[0]: line[1:] for line in ends} == {cell: (min(of), max(of)) for cell, of in heights.items()}
    assert set(told["upto"].tolist()) == {7}
    visited = visited_answer(batches, 7, asked | {"step_m": 0.75})
    spots = list(zip(*(visited[name].tolist() for name in ("cell", "step", "samples", "upto")), strict=True))
    assert sorted(spots) == sorted((*key, count, 7) for key, count in (steps or {(-1, 0): 0}).items())


def test_a_step_of_no_height_is_refused() -> None:
    with pytest.raises(InvalidQuery, match="more than 0 metres"):
        visited_answer([], 7, {"to_grid": [0.0] * 12, "columns": 1, "rows": 1, "step_m": 0})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"to_grid": [1.0] * 11}, "12 in all"),
        ({"to_grid": [float("nan")] * 12}, "12 in all"),
        ({"columns": 0}, "at least 1"),
        ({"columns": -3, "rows": -3}, "at least 1"),
        ({"columns": 2_000_000, "rows": 2_000_000}, "1,000,000 cells"),
        ({"by": "weather"}, "player, mean"),
        ({"by": "mean"}, "more than 1"),
        ({"by": "low_1", "bin_ratio": 1.0}, "more than 1"),
    ],
)
def test_what_is_no_grid_is_refused_ahead_of_any_memory(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidQuery, match=words):
        heat_answer([], 7, {"to_grid": [0.0] * 12, "columns": 1, "rows": 1} | changes)
