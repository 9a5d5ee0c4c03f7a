"""Lists as parameters of SQL: handed over as JSON, which DuckDB reads a hundred times as fast as a Python list.

A list of 5,000 session ids took it 0.4 s of processor time to take over, whatever was asked then.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

ListKind = Literal["VARCHAR", "BIGINT"]


def bound_list(values: Sequence[str] | Sequence[int]) -> str:
    """The parameter's value."""
    return msgspec.json.encode(values).decode()


def list_sql(parameter: str, kind: ListKind) -> str:
    """The list that the parameter of that name holds; NULL where that is NULL."""
    return f"from_json(${parameter}::VARCHAR, '[\"{kind}\"]')"
