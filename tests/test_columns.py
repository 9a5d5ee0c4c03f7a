"""Columns survive the wire as they were."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import messages as m
from console.columns import TextColumn, categories, encode_columns, numbers, text


def over_the_wire(columns: m.Columns) -> m.Columns:
    return msgspec.msgpack.decode(m.encode(columns), type=m.Columns)


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.none() | st.text(max_size=5))))
def test_numbers_and_text_come_back(rows: list[tuple[int, str | None]]) -> None:
    answer = over_the_wire(
        encode_columns({"n": np.array([n for n, _ in rows], dtype=np.int64), "t": [t for _, t in rows]})
    )
    assert answer.rows == len(rows)
    assert numbers(answer, "n").tolist() == [n for n, _ in rows]
    assert text(answer, "t") == [t or "" for _, t in rows]


def test_big_endian_and_strided_arrays_are_sent_little_endian() -> None:
    values = np.arange(10, dtype=">f8")[::2]
    answer = over_the_wire(encode_columns({"v": values}))
    assert answer.columns["v"].dtype == "<f8"
    assert numbers(answer, "v").tolist() == [0, 2, 4, 6, 8]


def test_repeated_text_is_sent_once() -> None:
    answer = encode_columns({"t": ["a", "b", "a", None]})
    codes, values = categories(answer, "t")
    assert codes.tolist() == [0, 1, 0, -1]
    assert values == ["a", "b"]


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        encode_columns({"a": ["x"], "b": ["x", "y"]})


def test_text_access_to_numbers_is_refused() -> None:
    answer = encode_columns({"n": np.zeros(1)})
    with pytest.raises(TypeError):
        text(answer, "n")
    with pytest.raises(TypeError):
        categories(answer, "n")


def test_no_columns_are_no_rows() -> None:
    assert encode_columns({}).rows == 0


def test_text_by_codes_is_the_same_text() -> None:
    column = TextColumn(np.array([1, -1, 0, 1], dtype=np.int32), ["a", "b"])
    assert list(column) == ["b", None, "a", "b"]
    assert (len(column), column[0], column[1], list(column[1:3])) == (4, "b", None, [None, "a"])
    answer = over_the_wire(encode_columns({"t": column}))
    assert text(answer, "t") == ["b", "", "a", "b"]
    codes, values = categories(answer, "t")
    assert (codes.tolist(), values) == ([1, -1, 0, 1], ["a", "b"])
