"""Lists as parameters: whatever text and numbers they hold comes through as it is."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.storage.bound_lists import bound_list, list_sql


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
        yield connection


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=5))
@example(["", "a\x00b", "\"'\\$x", "\u2028", "null", "🎮"])
@settings(max_examples=30, deadline=None)
def test_texts_come_through(db: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    sql = f"SELECT {list_sql('l', 'VARCHAR')}"
    assert db.execute(sql, {"l": bound_list(texts)}).fetchall() == [(texts,)]


def test_numbers_and_nothing_come_through(db: duckdb.DuckDBPyConnection) -> None:
    numbers = [0, -1, 2**63 - 1, -(2**63)]
    sql = f"SELECT {list_sql('l', 'BIGINT')}"
    assert db.execute(sql, {"l": bound_list(numbers)}).fetchall() == [(numbers,)]
    assert db.execute(sql, {"l": None}).fetchall() == [(None,)]
