"""The filter language: Lucene's syntax over the fields of events and requests.

One text means one thing, whichever way it is answered: `matches` here for what is in memory, the event store's SQL
(`console.storage.event_filters`) for what was recorded. Adjacent terms must both match; `OR` binds tighter than
adjacency, `AND` tighter than `OR`; parentheses settle it. Values of a field are compared in their case; a word
without a field is looked for in every text of a row, whatever the case.
"""

import time
from collections.abc import Iterator
from functools import cached_property

from console.telemetry.filter_fields import FLAGS, REQUEST_FIELDS, Field, Scope, fields, payload_path
from console.telemetry.filter_parsing import read
from console.telemetry.filter_predicate import Facts, Predicate, predicate_of
from console.telemetry.filter_problems import BadFilter, FilterProblem, quoted
from console.telemetry.filter_tree import And, Anywhere, Compare, Everything, Flag, Node, Not, Or

__all__ = ["FLAGS", "Facts", "Field", "Filter", "FilterProblem", "Scope", "fields", "parse", "payload_path", "quoted"]


class Filter:
    """A filter that was understood."""

    def __init__(self, text: str, scope: Scope, tree: Node) -> None:
        self.text = text
        self.scope = scope
        self.tree = tree

    @property
    def is_empty(self) -> bool:
        """Whether every row matches."""
        return isinstance(self.tree, Everything)

    @cached_property
    def matches(self) -> Predicate:
        """Whether a row matches: called with its facts."""
        return predicate_of(self.tree)

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields it asks for: a payload's root alone, `is:late` for a mark, "" for a word without a field."""
        return frozenset(_names(self.tree))

    @property
    def needs_events(self) -> bool:
        """Whether a filter of requests can only be answered by looking at the events they carried."""
        own = REQUEST_FIELDS | {"is:rejected", "is:bookmarked"}
        return not self.names <= own


def parse(text: str, scope: Scope = "events", *, now_us: int | None = None) -> Filter | FilterProblem:
    """Read a filter, or say what is wrong with it. Raises nothing.

    `now` in a time is the moment of this call, or `now_us`.
    """
    now = now_us if now_us is not None else time.time_ns() // 1000
    try:
        return Filter(text, scope, read(text, scope, now))
    except BadFilter as bad:
        return bad.problem


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, (And, Or)):
        for part in node.parts:
            yield from _names(part)
    elif isinstance(node, Not):
        yield from _names(node.part)
    elif isinstance(node, Compare):
        yield node.field.name
    elif isinstance(node, Flag):
        yield f"is:{node.name}"
    elif isinstance(node, Anywhere):
        yield ""
