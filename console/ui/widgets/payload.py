"""A MessagePack body as a tree that is built where a person opens it.

Nothing is decoded twice or ahead: a body of eight megabytes costs what is looked at. Every node knows its bytes, so
that the tree and the hex view point at each other. Any bytes may come: what cannot be read becomes a node that says so.
"""

import base64
import enum
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from console.telemetry.layout import Broken, Form, Head, head_at, key_text, path_text, scalar_at, skip
from console.ui.widgets.formatting import plural, visible
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.json_text import json_string

RUN_LENGTH: Final = 1_000
MAX_LISTED: Final = 50_000
MAX_ENTRIES: Final = 5_000
_SHOWN_CHARS = 400
_PREVIEW_ITEMS = 4
_NAME_KEYS_SEARCHED = 32
_TRIPLE = 3
_AXES = ("x", "y", "z")


class Look(enum.Enum):
    """How a node's value is coloured."""

    TEXT = "text"
    STRING = "string"
    NUMBER = "number"
    WORD = "word"
    DIM = "dim"
    WARNING = "warning"
    BAD = "bad"


class Node:
    """One line of the tree. `path` is a JSON path as problems and warnings use it; `span` are its bytes."""

    __slots__ = ("_children", "_make", "form", "key", "label", "look", "note", "parent", "path", "row", "span", "text")

    def __init__(
        self,
        key: str,
        text: str,
        span: Span,
        *,
        path: str = "$",
        look: Look = Look.TEXT,
        label: str = "",
        note: str = "",
        form: Form | None = None,
        make: "Callable[[Node], Iterator[Node]] | None" = None,
    ) -> None:
        self.key = key
        self.text = text
        self.span = span
        self.path = path
        self.look = look
        self.label = label
        self.note = note
        self.form = form
        self.parent: Node | None = None
        self.row = 0
        self._make = make
        self._children: list[Node] | None = None

    @property
    def maker(self) -> "Callable[[Node], Iterator[Node]] | None":
        return self._make

    @property
    def has_children(self) -> bool:
        return self._make is not None

    @property
    def children(self) -> "list[Node]":
        """Built at first sight."""
        if self._children is None:
            self._children = list(self._make(self)) if self._make is not None else []
            for row, child in enumerate(self._children):
                child.parent, child.row = self, row
        return self._children

    def at(self, offset: int) -> "Node":
        """The innermost node that holds a byte; this one when no child does."""
        node = self
        while node.has_children:
            inner = next((child for child in node.children if child.span.start <= offset < child.span.end), None)
            if inner is None:
                return node
            node = inner
        return node


class Payload:
    """One body. `notes` are warnings by the offset of the value; `units` name what a field is measured in."""

    def __init__(
        self,
        body: bytes,
        *,
        notes: Mapping[int, Sequence[str]] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        self.body = body
        self._notes = notes or {}
        self._units = units or {}
        self.events: list[Span] = []
        self.announced = 0
        self._read_top()

    @property
    def is_batch(self) -> bool:
        return bool(self.body) and not self._is_map

    def tree(self, index: int | None = None) -> Node:
        """The root of one event's tree, or of the whole body's."""
        if not self.body:
            return Node("", "empty body", Span(0, 0), look=Look.DIM)
        if index is None or not 0 <= index < len(self.events):
            return self._root(self._node("", 0, "$"))
        path = f"$[{index}]" if self.is_batch else "$"
        return self._root(self._node("", self.events[index].start, path))

    def _root(self, root: Node) -> Node:
        """What is noted about the whole comes first: a root has no line of its own."""
        make, notes = root.maker, list(self._warnings(root.span.start, root.path))
        if not notes:
            return root

        def children(node: Node) -> Iterator[Node]:
            yield from notes
            if make is not None:
                yield from make(node)

        return Node("", root.text, root.span, path=root.path, look=root.look, form=root.form, make=children)

    # ----------------------------------------------------------------------------------------------------------------

    def _read_top(self) -> None:
        """Where the events of the body lie, as far as it can be read."""
        self._is_map = False
        try:
            head = head_at(self.body, 0)
            if head.form is Form.ARRAY:
                self.announced = head.size
                at = head.content
                for _ in range(min(head.size, MAX_LISTED)):
                    end = skip(self.body, at)
                    self.events.append(Span(at, end))
                    at = end
            else:
                self.announced = 1
                self._is_map = True
                self.events.append(Span(0, skip(self.body, 0)))
        except Broken:
            return

    def _node(self, key: str, start: int, path: str, name: str = "") -> Node:
        """A value's node. `name` is the field's plain name, which units go by."""
        try:
            head = head_at(self.body, start)
        except Broken as broken:
            return _broken(key, path, broken)
        unit = self._units.get(name, "")
        try:
            end = skip(self.body, start)
        except Broken:
            end = len(self.body)
        span = Span(start, end)
        if head.form in (Form.MAP, Form.ARRAY):
            make = self._entries if head.form is Form.MAP else self._items
            return Node(
                key,
                self._preview(head, name),
                span,
                path=path,
                look=Look.DIM if head.form is Form.MAP or head.size > _PREVIEW_ITEMS else Look.NUMBER,
                label=f"{head.form.value} of {head.size:,}",
                note=unit,
                form=head.form,
                make=(lambda node: make(node, head, name)) if head.size else None,
            )
        text, look = self._scalar(start, head)
        return Node(key, text, span, path=path, look=look, label=head.label, note=unit, form=head.form)

    def _scalar(self, start: int, head: Head) -> tuple[str, Look]:
        try:
            value = scalar_at(self.body, start, head)
        except UnicodeDecodeError:
            raw = self.body[head.content : min(head.end, head.content + 32)]
            return f"not UTF-8: {raw.hex(' ')}", Look.BAD
        if head.form is Form.STR:
            cut = value[:_SHOWN_CHARS]
            more = f" … {len(value):,} characters" if len(value) > _SHOWN_CHARS else ""
            return visible(json_string(cut), _SHOWN_CHARS * 6 + 2) + more, Look.STRING
        if head.form is Form.FLOAT:
            return number_text(value, head.label), Look.NUMBER if math.isfinite(value) else Look.BAD
        if head.form is Form.INT:
            return str(value), Look.NUMBER
        if head.form in (Form.NIL, Form.BOOL):
            return "nil" if value is None else str(value).lower(), Look.WORD
        shown = base64.b64encode(value[:24]).decode()
        what = "bin" if head.form is Form.BIN else f"ext type {head.code}"
        return f"{what}, {plural(len(value), 'byte')}: {shown}{'…' if len(value) > 24 else ''}", Look.DIM

    def _preview(self, head: Head, name: str) -> str:
        if head.form is Form.MAP:
            return plural(head.size, "field") if head.size else "{}"
        if not head.size:
            return "[]"
        if name == "positions" and head.size % _TRIPLE == 0:
            return f"{plural(head.size // _TRIPLE, 'sample')}, {head.size:,} numbers"
        if head.size > _PREVIEW_ITEMS:
            return plural(head.size, "item")
        try:
            return ", ".join(self._numbers(head.content, head.size))
        except (Broken, _NotNumbers):
            return plural(head.size, "item")

    def _numbers(self, start: int, count: int) -> list[str]:
        """`count` numbers from `start` on, as text. Raises _NotNumbers, Broken."""
        texts = []
        for _ in range(count):
            head = head_at(self.body, start)
            if head.form not in (Form.INT, Form.FLOAT):
                raise _NotNumbers
            texts.append(number_text(scalar_at(self.body, start, head), head.label))
            start = head.end
        return texts

    def _entries(self, node: Node, head: Head, _name: str) -> Iterator[Node]:
        at = head.content
        for count in range(head.size):
            if count == MAX_ENTRIES:
                yield _more(head.size - count, at, node)
                return
            try:
                key = key_text(self.body, at)
                value = skip(self.body, at)
                child = self._node(visible(key), value, node.path + path_text((None, key))[1:], key)
                child.span = Span(at, child.span.end)  # the key belongs to its line
                yield child
                yield from self._warnings(value, child.path)
                at = skip(self.body, value)
            except Broken as broken:
                yield _broken("", node.path, broken)
                return
        yield from ()

    def _items(self, node: Node, head: Head, name: str) -> Iterator[Node]:
        starts: list[int] = []
        at = head.content
        trouble: Broken | None = None
        try:
            for _ in range(min(head.size, MAX_LISTED)):
                after = skip(self.body, at)
                starts.append(at)
                at = after
        except Broken as broken:
            trouble = broken
        count = len(starts)
        starts.append(at)
        triples = name == "positions" and head.size % _TRIPLE == 0
        if triples and trouble is None and head.size <= MAX_LISTED:
            yield from self._runs(node, starts, count // _TRIPLE, self._sample)
        else:
            yield from self._runs(node, starts, count, lambda parent, all_, i: self._item(parent, all_, i, name, count))
        if trouble is not None:
            yield _broken("", f"{node.path}[{count}]", trouble)
        elif head.size > count:
            yield _more(head.size - count, at, node)

    def _runs(
        self, node: Node, starts: list[int], count: int, make: "Callable[[Node, list[int], int], Node]"
    ) -> Iterator[Node]:
        """Children of an array; a long one in runs that are opened one by one."""
        if count <= RUN_LENGTH:
            for i in range(count):
                yield make(node, starts, i)
            return
        per_child = (len(starts) - 1) // count
        for first in range(0, count, RUN_LENGTH):
            last = min(first + RUN_LENGTH, count)
            span = Span(starts[first * per_child], starts[last * per_child])

            def run(_run: Node, first: int = first, last: int = last) -> Iterator[Node]:
                for i in range(first, last):
                    yield make(node, starts, i)

            yield Node(f"{first:,} … {last - 1:,}", "", span, path=node.path, look=Look.DIM, make=run)

    def _item(self, parent: Node, starts: list[int], i: int, name: str, count: int) -> Node:
        axis = name == "position" and count == len(_AXES)
        child = self._node(_AXES[i] if axis else f"[{i}]", starts[i], f"{parent.path}[{i}]")
        if parent.path == "$" and child.form is Form.MAP:
            child.text = self._event_name(starts[i]) or child.text
        return child

    def _event_name(self, start: int) -> str:
        """What an event of a batch is called, for its line."""
        try:
            head = head_at(self.body, start)
            at = head.content
            for _ in range(min(head.size, _NAME_KEYS_SEARCHED)):
                key, value = key_text(self.body, at), skip(self.body, at)
                if key in ("event_name", "funnel_step_name"):
                    return self._scalar(value, head_at(self.body, value))[0].strip('"')
                if key == "positions":
                    return self._preview(head_at(self.body, value), key)
                at = skip(self.body, value)
        except Broken:
            return ""
        return ""

    def _sample(self, parent: Node, starts: list[int], i: int) -> Node:
        first = i * _TRIPLE
        span = Span(starts[first], starts[first + _TRIPLE])
        path = f"{parent.path}[{first}]"
        try:
            return Node(f"[{i}]", ", ".join(self._numbers(span.start, _TRIPLE)), span, path=path, look=Look.NUMBER)
        except (_NotNumbers, Broken):

            def loose(_node: Node) -> Iterator[Node]:
                for at in range(first, first + _TRIPLE):
                    yield self._node(f"[{at}]", starts[at], f"{parent.path}[{at}]")

            return Node(f"[{i}]", "not three numbers", span, path=path, look=Look.BAD, make=loose)

    def _warnings(self, start: int, path: str) -> Iterator[Node]:
        for text in self._notes.get(start, ()):
            yield Node("", visible(text, _SHOWN_CHARS), Span(0, 0), path=path, look=Look.WARNING)


class _NotNumbers(Exception):
    """An array holds something else."""


def number_text(value: float, label: str) -> str:
    """A number as sent: a float32 in the seven digits it has, a float64 in all."""
    if label == "float32" and math.isfinite(value):
        return f"{value:.7g}"
    return repr(value)


def _broken(key: str, path: str, broken: Broken) -> Node:
    return Node(key, broken.message, Span(broken.start, max(broken.end, broken.start)), path=path, look=Look.BAD)


def _more(count: int, start: int, parent: Node) -> Node:
    return Node("…", f"{count:,} more", Span(start, parent.span.end), path=parent.path, look=Look.DIM)
