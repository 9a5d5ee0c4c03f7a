"""Finding a route by its path: patterns with `{name}` in any segment."""

from collections.abc import Iterator
from typing import Generic, TypeVar
from urllib.parse import unquote

R = TypeVar("R")


class BadPath(ValueError):
    """A segment of the path is not percent-encoded UTF-8."""


class RouteTable(Generic[R]):
    """Routes by pattern. A literal segment goes before a variable one, the leftmost first.

    A variable segment is one segment as it was sent: `a%2Fb` is the value "a/b" and never two segments.
    """

    def __init__(self) -> None:
        self._root: _Node[R] = _Node()
        self._exact: dict[str, R] = {}

    def add(self, pattern: str, route: R) -> None:
        """Raises ValueError when the pattern is there already."""
        node = self._root
        names: list[str] = []
        for segment in segments_of(pattern):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.variable = node = node.variable or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
        if node.found is not None:
            raise ValueError(f"two routes are at {pattern}")
        node.found = (route, tuple(names))
        if not names:
            self._exact[pattern] = route

    def __iter__(self) -> Iterator[R]:
        """Every route, in no order."""
        nodes = [self._root]
        while nodes:
            node = nodes.pop()
            nodes.extend(node.literal.values())
            if node.variable is not None:
                nodes.append(node.variable)
            if node.found is not None:
                yield node.found[0]

    def find(self, raw_path: str) -> tuple[R, dict[str, str]] | None:
        """The route of a path as sent, without its query, and the values of the variable segments.

        Raises BadPath.
        """
        exact = self._exact.get(raw_path)
        if exact is not None:
            return exact, {}
        match = _walk(self._root, [_decoded(segment) for segment in segments_of(raw_path)], 0, ())
        if match is None:
            return None
        (route, names), values = match
        return route, dict(zip(names, values, strict=True))


class _Node(Generic[R]):
    """What can follow a beginning of a path, and the route that ends here with the names of its variables."""

    __slots__ = ("found", "literal", "variable")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[R]] = {}
        self.variable: _Node[R] | None = None
        self.found: tuple[R, tuple[str, ...]] | None = None


def _walk(
    node: _Node[R], segments: list[str], index: int, values: tuple[str, ...]
) -> tuple[tuple[R, tuple[str, ...]], tuple[str, ...]] | None:
    if index == len(segments):
        return None if node.found is None else (node.found, values)
    segment = segments[index]
    literal = node.literal.get(segment)
    match = None if literal is None else _walk(literal, segments, index + 1, values)
    if match is None and node.variable is not None and segment:
        match = _walk(node.variable, segments, index + 1, (*values, segment))
    return match


def segments_of(path: str) -> list[str]:
    """The parts between slashes."""
    return path.strip("/").split("/")


def _decoded(segment: str) -> str:
    if "%" not in segment:
        return segment
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as error:
        raise BadPath(f"The path has {segment[:100]!r} in it, which is not percent-encoded UTF-8.") from error
