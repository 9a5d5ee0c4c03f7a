"""Why a body breaks off where it does: what was read before, and which byte is probably the wrong one.

A reader notices a wrong length only later, when nothing fits any more. So the bytes before the break are searched for
the first value that is readable but not sensible: text with control characters, a name cut short, an id that is a
number. That is where the writer went wrong. Costs one more walk over the body; its memory does not grow with it.
"""

import itertools
import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from console.telemetry import quirks
from console.telemetry.events import MAX_BATCH_EVENTS
from console.telemetry.foreign_formats import quoted
from console.telemetry.layout import Break, Broken, Form, Head, Path, describe, head_at, key_text, path_text, skip
from console.telemetry.schema import ALL_FIELDS, FIELDS, FieldType

# How far from the start and before the break is looked, and how deep: each level is passed over once more.
_SEARCHED_FIRST_BYTES = 8 * 1024
_SEARCHED_BYTES = 32 * 1024
_MAX_DEPTH = 5
_MAX_VALUES = 20_000
_MAX_ENTRIES = 256
_LISTED_KEYS = 6
_SLIGHTLY = 3
_BEFORE = "The first value that looks wrong is before"
_MAX_TEXT_SEEN = 4_096
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Sizes of the buffers in which programs collect a body.
_BUFFER_SIZES = frozenset({1024, 1460, 2048, 4096, 8192, 16_384, 32_768, 65_535, 65_536, 131_072, 262_144, 1_048_576})
_TEXT_FIELDS = frozenset(
    name for fields in FIELDS.values() for name, kind in fields.items() if kind in (FieldType.NAME, FieldType.TIME)
)

_CUT_NAMES = frozenset(field[:size] for field in ALL_FIELDS for size in range(1, len(field)))


class Suspect(NamedTuple):
    """The first value that is readable but makes no sense: what to say of it, and its bytes."""

    text: str
    path: str
    start: int
    end: int


class _Seen(NamedTuple):
    path: Path | None
    key: bytes | None  # the key's text, None in an array; of a key itself too
    is_key: bool
    start: int
    head: Head
    depth: int


def cause_of(body: bytes, broken: Break, suspect: Suspect | None) -> str:
    """The probable cause of a break in a sentence or two, or the break's own hint. `suspect` is what was found."""
    if all(byte == 0 for byte in body[broken.start : broken.start + _MAX_TEXT_SEEN]) and broken.trailing:
        return (
            "What follows are zero bytes: a whole buffer was sent with its unused end. Send only what the encoder "
            "wrote: in JavaScript the Uint8Array, not its .buffer; in C# ToArray() of a MemoryStream, not GetBuffer()."
        )
    swapped = _little_endian(body, broken.start)
    if swapped:
        return swapped
    if suspect is not None:
        return suspect.text
    if broken.trailing:
        return _wrong_count(body, broken) or broken.hint
    if broken.end == len(body) and "announces" in broken.message:
        return f"{broken.hint} Or it was counted wrong: the head says how many are written, optional ones included."
    if broken.end == len(body) and len(body) in _BUFFER_SIZES:
        return (
            f"The body ends after exactly {len(body):,} bytes: a buffer of that size was full, and the rest was lost."
        )
    return broken.hint


def read_before(body: bytes, broken: Break) -> str:
    """What could be read before a break: whole events, the keys of the broken one, and the last value."""
    try:
        root = head_at(body, 0)
    except Broken:
        return ""
    if broken.trailing:
        return ""
    if root.form is Form.MAP:
        keys = _keys_before(body, 0, root)
        return f"Read before it: {keys}." if keys else "Nothing was read before it."
    if root.form is not Form.ARRAY:
        return ""
    at, whole = root.content, 0
    try:
        while whole < min(root.size, MAX_BATCH_EVENTS):
            at = skip(body, at)
            whole += 1
    except Broken:
        pass
    parts = [] if not whole else [f"{whole:,} whole event{'' if whole == 1 else 's'}"]
    try:
        item = head_at(body, at)
        keys = _keys_before(body, at, item) if item.form is Form.MAP else ""
    except Broken:
        keys = ""
    if keys:
        parts.append(f"of item {whole:,} {keys}")
    return f"Read before it: {'; '.join(parts)}." if parts else "Nothing was read before it."


def _keys_before(body: bytes, start: int, head: Head) -> str:
    """`event_name, app_id (last: app_id = str "…")` of a map that breaks off."""
    keys: list[str] = []
    at, count, last = head.content, 0, ""
    try:
        for _ in range(min(head.size, _MAX_ENTRIES)):
            key, value = key_text(body, at), skip(body, at)
            at = skip(body, value)
            count += 1
            keys = [*keys, key][-_LISTED_KEYS:]
            last = f"{_plain(key)} = {describe(body, value)}"
    except Broken:
        pass
    if not count:
        return ""
    if count == _MAX_ENTRIES:
        return f"{count:,} entries or more"
    names = ", ".join(map(_plain, keys))
    earlier = count - len(keys)
    more = f"{earlier:,} {'entry' if earlier == 1 else 'entries'}, then " if earlier else ""
    return f"{more}{names} (at last {last})"


def _plain(key: str) -> str:
    return key if key.isascii() and key.isidentifier() and len(key) <= 40 else quoted(key)


def _little_endian(body: bytes, start: int) -> str:
    """A length that fits when its bytes are turned around."""
    if start >= len(body):
        return ""
    lengths = {0xC5: 2, 0xC6: 4, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}.get(body[start], 0)
    field = body[start + 1 : start + 1 + lengths]
    if len(field) < lengths or not lengths:
        return ""
    big, little = int.from_bytes(field, "big"), int.from_bytes(field, "little")
    rest = len(body) - start - 1 - lengths
    if big <= rest or not 0 < little <= rest or field == field[::-1]:
        return ""
    return (
        f"The length at byte {start + 1} ({field.hex(' ')}) reads as {big:,}; turned around it is {little:,}, which "
        "fits. Write lengths and numbers big endian: htons, htonl, BinaryPrimitives.WriteUInt16BigEndian."
    )


def _wrong_count(body: bytes, broken: Break) -> str:
    """What follows a whole value is a documented key: then entries were counted wrong, or not at all."""
    try:
        root, head = head_at(body, 0), head_at(body, broken.start)
        for at, value in ((0, root), (broken.start, head)):
            name = body[value.content : value.end].decode("ascii", "replace") if value.form is Form.STR else ""
            if name in ALL_FIELDS and at == 0:
                return (
                    f"The body begins with the key {name}: the map's head is missing. Write 0x80 + the number of keys."
                )
            if name in ALL_FIELDS and root.form is Form.MAP:
                return (
                    f"The map announces {root.size:,} entries, and more follow, beginning with {name}. Count the "
                    "entries that are written, optional ones included."
                )
    except Broken:
        pass
    return ""


def find_suspect(body: bytes, broken: Break) -> Suspect | None:
    """The first senseless value up to the break, or None."""
    trailing = broken.trailing
    end = broken.start if trailing else broken.end
    previous: _Seen | None = None
    try:
        for seen in itertools.islice(_walk(body, end), _MAX_VALUES):
            if seen.start >= end or (not trailing and seen.start >= broken.start and seen.head.end >= len(body)):
                return None
            text = _complaint(body, seen, previous)
            if text:
                if seen.is_key and previous is not None and _BEFORE in text:
                    seen = previous
                return Suspect(text, path_text(seen.path), seen.start, seen.head.end)
            if not seen.head.children:
                previous = seen
    except Broken:
        pass
    return None


def _complaint(body: bytes, seen: _Seen, previous: _Seen | None) -> str:
    head, start = seen.head, seen.start
    if head.form is Form.STR:
        content = body[head.content : min(head.end, head.content + _MAX_TEXT_SEEN)]
        if _is_senseless(content, whole=head.size <= _MAX_TEXT_SEEN):
            return _wrong_length(body, seen, _place(seen), content)
    if head.form is Form.EXT:
        advice = quirks.extension(head)
        return f"The first value that looks wrong is at {_place(seen)}: {advice.message}. {advice.hint}"
    if seen.is_key and seen.depth == 1:
        return _key_complaint(body, seen, previous)
    if seen.path is not None and seen.path[0] is not None and seen.path[0][1] in ("positions", "position"):
        if head.form not in (Form.INT, Form.FLOAT):
            got = describe(body, start)
            return f"The first value that looks wrong is at {_place(seen)}: a number should be there, not {got}."
        return ""
    if seen.depth == 1 and seen.key is not None and head.form in (Form.INT, Form.MAP, Form.ARRAY, Form.FLOAT):
        name = seen.key.decode("ascii", "replace")
        if name in _TEXT_FIELDS:
            return (
                f"The first value that looks wrong is at {_place(seen)}: {name} is {describe(body, start)}, though "
                "it is text. Its head byte was probably not written, or the length of the key before it is wrong."
            )
    return ""


def _place(seen: _Seen) -> str:
    return f"byte {seen.start} ({path_text(seen.path)})"


def _key_complaint(body: bytes, seen: _Seen, previous: _Seen | None) -> str:
    head = seen.head
    if head.form is not Form.STR:
        where = _place(seen)
        if previous is not None and previous.head.form is Form.STR and previous.head.end == seen.start:
            first = previous.head.content
            size, needed = previous.head.size, len(_text_prefix(body[first : first + previous.head.size + 256]))
            if needed > size:
                content = body[first : first + needed]
                counted = (
                    "Characters were counted instead of UTF-8 bytes" if not content.isascii() else "Count its bytes"
                )
                return (
                    f"{_BEFORE} {where}: the text at byte {previous.start} "
                    f"({path_text(previous.path)}) says that it has {size:,} bytes, and goes on for {needed:,}. "
                    f"{counted}."
                )
        return (
            f"The first value that looks wrong is at {where}: a key should be there, not {describe(body, seen.start)}. "
            "The value before it was probably written with a length that is too short, or the map announces more "
            "entries than were written."
        )
    if head.size > 64 or body[head.content : head.end].decode("latin-1") in ALL_FIELDS:
        return ""
    name = body[head.content : head.end].decode("ascii", "replace")
    if name not in _CUT_NAMES:
        return ""
    for field in ALL_FIELDS:
        rest = field[len(name) :]
        following = body[head.end : head.end + len(rest)]
        if name and name != field and field.startswith(name) and following == rest.encode():
            return (
                f"The first value that looks wrong is the key at {_place(seen)}: its length says {head.size}, and the "
                f'text goes on to "{field}", which needs {len(field)}. Count the bytes of the text, without rounding.'
            )
    return ""


def _is_senseless(content: bytes, *, whole: bool) -> bool:
    """Whether a text holds what no person or program writes into one: then it is no text but whatever came next."""
    if _CONTROL.search(content):
        return True
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return whole or error.start < len(content) - 4  # a cut character at the end of what is looked at
    return False


def _wrong_length(body: bytes, seen: _Seen, where: str, content: bytes) -> str:
    """A text that runs on into the values behind it."""
    head, start = seen.head, seen.start
    what = "key" if seen.is_key else "text"
    good = len(_text_prefix(content))
    lead = f"The first value that looks wrong is the {what} at {where}"
    length = {0xD9: 1, 0xDA: 2, 0xDB: 4}.get(body[start], 0)
    dropped = length == 1 and 0x20 <= body[start + 1] < 0x7F and abs(head.size - good) > _SLIGHTLY
    if dropped and len(_text_prefix(body[start + 1 : start + 257])) >= 31:
        return (
            f"{lead}: the byte behind its head 0xd9 is {quoted(chr(body[start + 1]))}, the text's first letter, "
            f"and was read as the length {head.size}. The length byte was dropped: a str of 32 to 255 bytes is 0xd9, "
            "its length, then the text."
        )
    return (
        f"{lead}: its length says {head.size:,} bytes, and only the first {good:,} of them are text. The length was "
        "written wrong, or bytes of the text were lost."
    )


def _text_prefix(content: bytes) -> bytes:
    """The bytes up to the first one that is not text."""
    control = _CONTROL.search(content)
    content = content[: control.start()] if control else content
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return content[: error.start]
    return content


def _walk(body: bytes, end: int) -> Iterator[_Seen]:
    """Every key and value of the last events before `end`, in the order of the bytes, until one is Broken."""
    root = head_at(body, 0)
    if root.form is not Form.ARRAY:
        yield from _subtree(body, 0, None)
        return
    index, at = 0, root.content
    first: list[tuple[int, int]] = []
    last: deque[tuple[int, int]] = deque()
    try:
        while index < min(root.size, MAX_BATCH_EVENTS) and at <= end:
            # The first ones, where a writer's fault shows itself already, and the last ones before the break.
            if at < _SEARCHED_FIRST_BYTES:
                first.append((index, at))
            else:
                last.append((index, at))
                while len(last) > 1 and last[1][1] < end - _SEARCHED_BYTES:
                    last.popleft()
            at = skip(body, at)
            index += 1
    except Broken:
        pass
    for index, start in (*first, *last):
        yield from _subtree(body, start, (None, index))


def _subtree(body: bytes, start: int, path: Path | None) -> Iterator[_Seen]:
    head = head_at(body, start)
    yield _Seen(path, None, False, start, head, 0)
    open_ = [_children(body, head, path, 1)]
    while open_:
        seen = next(open_[-1], None)
        if seen is None:
            open_.pop()
            continue
        yield seen
        if seen.head.children and not seen.is_key and len(open_) < _MAX_DEPTH:
            open_.append(_children(body, seen.head, seen.path, seen.depth + 1))


def _children(body: bytes, parent: Head, path: Path | None, depth: int) -> Iterator[_Seen]:
    if not parent.children:
        return
    at = parent.content
    for place in range(parent.size):
        key: bytes | None = None
        step: str | int = place
        if parent.form is Form.MAP:
            key_head = head_at(body, at)
            step = key_text(body, at)
            yield _Seen((path, step), None, True, at, key_head, depth)
            key = body[key_head.content : key_head.end] if key_head.form is Form.STR else b""
            at = skip(body, at)
        yield _Seen((path, step), key, False, at, head_at(body, at), depth)
        at = skip(body, at)
