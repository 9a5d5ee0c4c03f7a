"""A JSON body as the tree that a MessagePack body has: built where a person opens it, every line with its bytes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from console.telemetry.layout import Form, path_text
from console.ui.widgets.formatting import plural, visible
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.json_layout import NotJson, first_value, items, members, text_at, value_end
from console.ui.widgets.json_text import json_string
from console.ui.widgets.payload import MAX_ENTRIES, MAX_LISTED, RUN_LENGTH, Look, Node

_SHOWN_CHARS: Final = 400
_PREVIEW_ITEMS: Final = 4
_BATCH_KEY: Final = "events"
_NAME_KEY: Final = "event_name"
_FORMS: Final = {0x7B: Form.MAP, 0x5B: Form.ARRAY, 0x22: Form.STR, 0x74: Form.BOOL, 0x66: Form.BOOL, 0x6E: Form.NIL}


class JsonPayload:
    """One body. `events` are those of a batch, else the body itself; `notes` are remarks by the offset of a value."""

    def __init__(self, body: bytes, *, notes: Mapping[int, Sequence[str]] | None = None) -> None:
        self.body = body
        self._notes = notes or {}
        self.events: list[Span] = []
        self.is_batch = False
        self._start = len(body) - len(body.lstrip(b" \t\n\r"))
        self._problem: NotJson | None = None
        try:
            whole = first_value(body)
        except NotJson as problem:
            self._problem = problem
            return
        batch = self._batch(whole)
        self.is_batch = batch is not None
        self.events = [whole] if batch is None else batch

    @property
    def announced(self) -> int:
        """How many events the body is meant to have."""
        return len(self.events)

    def tree(self, index: int | None = None) -> Node:
        """The root of one event's tree, or of the whole body's."""
        if not self.body:
            return Node("", "empty body", Span(0, 0), look=Look.DIM)
        if index is None or not self.is_batch or not 0 <= index < len(self.events):
            return self._root(self._node("", self._start, "$"))
        return self._root(self._node("", self.events[index].start, f"$.{_BATCH_KEY}[{index}]"))

    def _batch(self, whole: Span) -> list[Span] | None:
        """The items of `{"events":[…]}`; None when the body is none."""
        if self.body[whole.start] != 0x7B:
            return None
        try:
            found = [member.value for member in members(self.body, whole.start) if member.key == _BATCH_KEY]
            if found and self.body[found[-1].start] == 0x5B:
                return list(items(self.body, found[-1].start))
        except NotJson as problem:
            self._problem = problem
        return None

    def _root(self, root: Node) -> Node:
        """What is noted about the whole comes first: a root has no line of its own. What is broken comes last."""
        make, notes = root.maker, list(self._remarks(root.span.start, root.path))
        problem = self._problem
        if make is not None and problem is not None and problem.span.start < root.span.end:
            problem = None  # it is told where it is
        if not notes and problem is None:
            return root

        def children(node: Node) -> Iterator[Node]:
            yield from notes
            if make is not None:
                yield from make(node)
            if problem is not None:
                yield _broken(node.path, problem)

        return Node("", root.text, root.span, path=root.path, look=root.look, form=root.form, make=children)

    def _node(self, key: str, start: int, path: str) -> Node:
        sign = self.body[start] if start < len(self.body) else 0
        form = _FORMS.get(sign, Form.FLOAT)
        try:
            span = Span(start, value_end(self.body, start))
        except NotJson as problem:
            if form not in (Form.MAP, Form.ARRAY):
                return Node(key, problem.message, problem.span, path=path, look=Look.BAD)
            span = Span(start, len(self.body))  # its beginning can be read
        if form in (Form.MAP, Form.ARRAY):
            return self._container(key, span, path, form)
        if form is Form.STR:
            text = text_at(self.body, span)
            more = f" … {len(text):,} characters" if len(text) > _SHOWN_CHARS else ""
            shown = visible(json_string(text[:_SHOWN_CHARS]), _SHOWN_CHARS * 6 + 2) + more
            return Node(key, shown, span, path=path, look=Look.STRING, form=form)
        literal = visible(self.body[span.start : span.end].decode("ascii", "replace"), _SHOWN_CHARS)
        look = Look.NUMBER if form is Form.FLOAT else Look.WORD
        return Node(key, literal, span, path=path, look=look, form=form)

    def _container(self, key: str, span: Span, path: str, form: Form) -> Node:
        """What it holds is counted, which may find that it cannot be read."""
        word = "field" if form is Form.MAP else "item"
        values: list[Span] = []
        try:
            if form is Form.MAP:
                values.extend(member.value for member in members(self.body, span.start))
            else:
                values.extend(items(self.body, span.start))
            broken = False
        except NotJson:
            broken = True
        text, look = plural(len(values), word), Look.DIM
        if not values and not broken:
            text = "{}" if form is Form.MAP else "[]"
        elif form is Form.ARRAY and len(values) <= _PREVIEW_ITEMS and all(self._is_number(value) for value in values):
            text = ", ".join(self.body[value.start : value.end].decode() for value in values)
            look = Look.NUMBER
        children = self._entries if form is Form.MAP else self._items
        return Node(
            key,
            text,
            span,
            path=path,
            look=look,
            label=f"{'object' if form is Form.MAP else 'array'} of {len(values):,}",
            form=form,
            make=(lambda node: children(node, span)) if values or broken else None,
        )

    def _is_number(self, value: Span) -> bool:
        return self.body[value.start] in b"-0123456789"

    def _entries(self, node: Node, span: Span) -> Iterator[Node]:
        try:
            for count, member in enumerate(members(self.body, span.start)):
                if count == MAX_ENTRIES:
                    yield Node("…", "more", Span(member.start, span.end), path=node.path, look=Look.DIM)
                    return
                path = node.path + path_text((None, member.key))[1:]
                child = self._node(visible(member.key), member.value.start, path)
                child.span = Span(member.start, child.span.end)  # the key belongs to its line
                yield child
                yield from self._remarks(member.value.start, path)
        except NotJson as problem:
            yield _broken(node.path, problem)

    def _items(self, node: Node, span: Span) -> Iterator[Node]:
        starts: list[int] = []
        trouble: NotJson | None = None
        try:
            for item in items(self.body, span.start):
                if len(starts) == MAX_LISTED:
                    break
                starts.append(item.start)
        except NotJson as problem:
            trouble = problem
        if len(starts) <= RUN_LENGTH:
            yield from self._run(node, starts, 0, len(starts))
        else:
            for first in range(0, len(starts), RUN_LENGTH):
                last = min(first + RUN_LENGTH, len(starts))
                end = starts[last] if last < len(starts) else span.end

                def run(_run: Node, first: int = first, last: int = last) -> Iterator[Node]:
                    yield from self._run(node, starts, first, last)

                name = f"{first:,} … {last - 1:,}"
                yield Node(name, "", Span(starts[first], end), path=node.path, look=Look.DIM, make=run)
        if trouble is not None:
            yield _broken(f"{node.path}[{len(starts)}]", trouble)

    def _run(self, node: Node, starts: list[int], first: int, last: int) -> Iterator[Node]:
        for index in range(first, last):
            path = f"{node.path}[{index}]"
            child = self._node(f"[{index}]", starts[index], path)
            if child.form is Form.MAP:
                child.text = self._event_name(starts[index]) or child.text
            yield child
            yield from self._remarks(starts[index], path)

    def _event_name(self, start: int) -> str:
        """What an event of a batch is called, for its line."""
        try:
            for member in members(self.body, start):
                if member.key == _NAME_KEY and self.body[member.value.start] == 0x22:
                    return visible(text_at(self.body, member.value))
        except NotJson:
            pass
        return ""

    def _remarks(self, start: int, path: str) -> Iterator[Node]:
        for text in self._notes.get(start, ()):
            yield Node("", visible(text, _SHOWN_CHARS), Span(0, 0), path=path, look=Look.WARNING)


def _broken(path: str, problem: NotJson) -> Node:
    return Node("", problem.message, problem.span, path=path, look=Look.BAD)
