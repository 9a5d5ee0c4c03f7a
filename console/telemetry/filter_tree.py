"""A filter as a tree: what every way of answering it is compiled from."""

from msgspec import Struct

from console.telemetry.filter_fields import Field


class Everything(Struct, frozen=True):
    """Matches every row: the empty filter."""


class And(Struct, frozen=True):
    """All of them."""

    parts: tuple["Node", ...]


class Or(Struct, frozen=True):
    """Any of them."""

    parts: tuple["Node", ...]


class Not(Struct, frozen=True):
    """The rows that do not match; one whose field has no value does not match, either."""

    part: "Node"


class Term(Struct, frozen=True):
    """Equal to this text, in this case. `number` is set when the text reads as one, for fields that may be either."""

    text: str
    number: float | None = None


class Wildcard(Struct, frozen=True):
    """The whole text is these pieces with anything between. Each piece is text, or "?" for one character or "*"."""

    pieces: tuple[tuple[str, bool], ...]
    """(text, False), or ("*" or "?", True)."""


class Pattern(Struct, frozen=True):
    """A regular expression, found anywhere in the text; `portable` means the same to RE2."""

    source: str
    python: str
    portable: str


class Bounds(Struct, frozen=True):
    """Between two values, each may be missing. Numbers, or instants in microseconds; text when `textual`."""

    low: float | int | str | None
    high: float | int | str | None
    with_low: bool = True
    with_high: bool = True


class Exists(Struct, frozen=True):
    """There is a value: not null, and no empty text."""


class Flag(Struct, frozen=True):
    """`is:…`; one of FLAGS."""

    name: str


Test = Term | Wildcard | Pattern | Bounds | Exists


class Compare(Struct, frozen=True):
    """A field, or what its payload has at `path`, passes the test."""

    field: Field
    path: tuple[str, ...]
    test: Test


class Anywhere(Struct, frozen=True):
    """Some text of the row contains this, whatever the case."""

    test: Term | Wildcard | Pattern


Node = Everything | And | Or | Not | Compare | Anywhere | Flag
