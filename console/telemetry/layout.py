"""Where every value of a MessagePack body lies, in bytes.

Decoders say what a body means, not where; a person who looks for one wrong byte needs both. Nothing here recurses
without a bound or builds more than it is asked for: any bytes may come.
Format: https://github.com/msgpack/msgpack/blob/master/spec.md
"""

import enum
import struct
from typing import Any, NamedTuple

import msgspec


class Form(enum.Enum):
    """What a value is on the wire."""

    NIL = "nil"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STR = "str"
    BIN = "bin"
    ARRAY = "array"
    MAP = "map"
    EXT = "ext"


class Head(NamedTuple):
    """The first bytes of a value.

    `size` is the bytes of the content, or the number of an array's items or a map's entries. `content` is the offset
    behind the head. `code` is an extension's type. `label` is the exact type: uint8, float32, …
    """

    form: Form
    size: int
    content: int
    label: str
    code: int = 0

    @property
    def children(self) -> int:
        """How many values follow that belong to this one."""
        if self.form is Form.ARRAY:
            return self.size
        return self.size * 2 if self.form is Form.MAP else 0

    @property
    def end(self) -> int:
        """The offset behind the value, or behind the head of a container."""
        return self.content if self.form in (Form.ARRAY, Form.MAP) else self.content + self.size


class Broken(Exception):
    """Bytes that are no MessagePack: the value at `start` cannot be read. `end` is the last offset there is of it."""

    def __init__(self, message: str, hint: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.start = start
        self.end = end


# For each first byte: the form, the label, how many bytes give the length, and the length when there are none.
_FORMATS: list[tuple[Form, str, int, int] | None] = [None] * 256
for _byte in range(256):
    if _byte <= 0x7F or _byte >= 0xE0:
        _FORMATS[_byte] = (Form.INT, "fixint", 0, 0)
    elif _byte <= 0x8F:
        _FORMATS[_byte] = (Form.MAP, "map", 0, _byte & 0x0F)
    elif _byte <= 0x9F:
        _FORMATS[_byte] = (Form.ARRAY, "array", 0, _byte & 0x0F)
    elif _byte <= 0xBF:
        _FORMATS[_byte] = (Form.STR, "str", 0, _byte & 0x1F)
_FORMATS[0xC0] = (Form.NIL, "nil", 0, 0)
_FORMATS[0xC2] = _FORMATS[0xC3] = (Form.BOOL, "bool", 0, 0)
_FORMATS[0xCA] = (Form.FLOAT, "float32", 0, 4)
_FORMATS[0xCB] = (Form.FLOAT, "float64", 0, 8)
for _power in range(4):
    _FORMATS[0xCC + _power] = (Form.INT, f"uint{8 << _power}", 0, 1 << _power)
    _FORMATS[0xD0 + _power] = (Form.INT, f"int{8 << _power}", 0, 1 << _power)
for _power in range(3):
    _FORMATS[0xC4 + _power] = (Form.BIN, "bin", 1 << _power, 0)
    _FORMATS[0xC7 + _power] = (Form.EXT, "ext", 1 << _power, 0)
    _FORMATS[0xD9 + _power] = (Form.STR, "str", 1 << _power, 0)
for _power in range(5):
    _FORMATS[0xD4 + _power] = (Form.EXT, "ext", 0, 1 << _power)
for _power in range(2):
    _FORMATS[0xDC + _power] = (Form.ARRAY, "array", 2 << _power, 0)
    _FORMATS[0xDE + _power] = (Form.MAP, "map", 2 << _power, 0)


def _fixed_bytes(byte: int) -> int:
    entry = _FORMATS[byte]
    if entry is None or entry[2] or (entry[0] in (Form.ARRAY, Form.MAP) and entry[3]):
        return 0
    return 1 + (entry[0] is Form.EXT) + entry[3]


# By first byte, for speed. Whole size of the values that have a fixed one and no children, else 0.
_FIXED_BYTES = [_fixed_bytes(byte) for byte in range(256)]
# Children of the small containers, else 0.
_FEW_CHILDREN = [max(0, byte - 0x90) if byte >= 0x90 else max(0, byte - 0x80) * 2 for byte in range(0xA0)] + [0] * 0x60
# Bytes that give the length of a long string, binary or extension, else 0; and what else is in its head.
_LENGTH_BYTES = [entry[2] if entry and entry[0] not in (Form.ARRAY, Form.MAP) else 0 for entry in _FORMATS]
_HEAD_BYTES = [1 + bytes_ + (0xC7 <= byte <= 0xC9) for byte, bytes_ in enumerate(_LENGTH_BYTES)]

_CUT = "The body was cut off on its way, or a length was written wrong. Compare Content-Length with the bytes encoded."


def head_at(body: bytes, start: int) -> Head:
    """Read the head of the value at `start`. Raises Broken."""
    if start >= len(body):
        raise Broken("a value is missing: the body ends here", _CUT, start, start)
    first = body[start]
    entry = _FORMATS[first]
    if entry is None:
        raise Broken(
            f"byte {start} is 0xc1, which MessagePack never uses",
            "The bytes before it are probably of a wrong length, so that the reader is out of step.",
            start,
            start + 1,
        )
    form, label, length_bytes, size = entry
    content = start + 1 + length_bytes
    if length_bytes:
        size = int.from_bytes(body[start + 1 : content], "big")
    code = 0
    if form is Form.EXT:
        code = int.from_bytes(body[content : content + 1], "big", signed=True)
        content += 1
    container = form in (Form.ARRAY, Form.MAP)
    if content > len(body) or (not container and content + size > len(body)):
        counted = f" of {size:,} bytes" if content <= len(body) and form is not Form.NIL else ""
        raise Broken(
            f"the {label}{counted} at byte {start} runs past the end of the body ({len(body):,} bytes)",
            _CUT,
            start,
            len(body),
        )
    return Head(form, size, content, label, code)


def skip(body: bytes, start: int, count: int = 1) -> int:
    """The offset behind `count` values. Raises Broken. Any depth, constant memory."""
    fixed, few, lengths, heads = _FIXED_BYTES, _FEW_CHILDREN, _LENGTH_BYTES, _HEAD_BYTES
    limit = len(body)
    at = start
    while count:
        if at >= limit:
            raise Broken("a value is missing: the body ends here", _CUT, at, at)
        first = body[at]
        if size := fixed[first]:
            end = at + size
        elif children := few[first]:
            end = at + 1
            count += children
        elif size := lengths[first]:
            end = at + heads[first] + int.from_bytes(body[at + 1 : at + 1 + size], "big")
        else:
            head = head_at(body, at)
            end = head.end
            count += head.children
        if end > limit:
            head_at(body, at)  # says what is wrong
        at = end
        count -= 1
    return at


def scalar_at(body: bytes, start: int, head: Head) -> Any:
    """The value of anything but a container; an extension's bytes. Raises UnicodeDecodeError for a bad string."""
    match head.form:
        case Form.NIL:
            return None
        case Form.BOOL:
            return body[start] == 0xC3
        case Form.STR:
            return body[head.content : head.end].decode()
        case Form.BIN | Form.EXT:
            return body[head.content : head.end]
        case Form.FLOAT:
            return struct.unpack(">f" if head.size == 4 else ">d", body[head.content : head.end])[0]
        case Form.INT:
            if head.size:
                return int.from_bytes(body[head.content : head.end], "big", signed=head.label[0] == "i")
            return body[start] if body[start] < 0x80 else body[start] - 256
        case _:
            raise TypeError(f"{head.form} is a container")


# ---------------------------------------------------------------------------------------------------------------- paths

# A path is built only for what is reported, so the steps are kept as a chain: (the steps before, the last one).
Path = tuple["Path | None", str | int]

_MAX_STEPS = 24
_MAX_KEY_CHARS = 60


def path_text(path: Path | None) -> str:
    """A JSON path: `$[3].custom_data["a b"][0]`. Long keys and very deep paths are shortened."""
    steps: list[str | int] = []
    while path is not None:
        path, step = path
        steps.append(step)
    steps.reverse()
    dropped = len(steps) > _MAX_STEPS
    return "$" + "".join(map(_step_text, steps[:_MAX_STEPS])) + ("…" if dropped else "")


def _step_text(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if len(step) > _MAX_KEY_CHARS:
        step = step[:_MAX_KEY_CHARS] + "…"
    if step.isascii() and step.isidentifier():
        return f".{step}"
    return f"[{msgspec.json.encode(step).decode()}]"


# -------------------------------------------------------------------------------------------------------- broken bodies


class Break(NamedTuple):
    """Where a body stops making sense. `trailing`: its one value is whole, and more follows."""

    message: str
    hint: str
    path: Path | None
    start: int
    end: int
    trailing: bool = False


class _Frame:
    """A container that is being walked: `done` of its `count` children, the current one or its key at `key_at`."""

    __slots__ = ("count", "done", "form", "key_at", "start")

    def __init__(self, start: int, head: Head) -> None:
        self.start = start
        self.form = head.form
        self.count = head.children
        self.done = 0
        self.key_at = 0


# Deeper values are passed over as one, so that a body of opening brackets costs no memory, and a hostile body of
# millions of containers is not worth the time to name the path: its offset is known all the same.
_MAX_FRAMES = 64
_MAX_CONTAINERS = 500_000


def find_break(body: bytes) -> Break | None:
    """The first broken value of a body with its path, or what follows the body's one value, or None."""
    try:
        end = skip(body, 0)
    except Broken as broken:
        frames: list[_Frame] = []
        try:
            _walk(body, frames)
        except Broken:
            return _break_of(body, broken, frames)
        return Break(broken.message, broken.hint, None, broken.start, broken.end)
    return None if end == len(body) else _trailing(body, end)


def _walk(body: bytes, frames: list[_Frame]) -> None:
    """Walk up to where it breaks, leaving the containers that are open there in `frames`. Gives up on very many."""
    fixed, limit = _FIXED_BYTES, len(body)
    containers = 0
    head = head_at(body, 0)
    frame = _Frame(0, head)
    frames.append(frame)
    at = head.content
    while containers < _MAX_CONTAINERS:
        while frame.done == frame.count:
            frames.pop()
            if not frames:
                return
            frame = frames[-1]
            frame.done += 1
        if not frame.done & 1:
            frame.key_at = at
        if at < limit and (size := fixed[body[at]]) and at + size <= limit:
            at += size
            frame.done += 1
            continue
        head = head_at(body, at)
        if not head.children:
            at = head.end
            frame.done += 1
        elif len(frames) < _MAX_FRAMES:
            containers += 1
            frame = _Frame(at, head)
            frames.append(frame)
            at = head.content
        else:
            at = skip(body, at)
            frame.done += 1


def _break_of(body: bytes, broken: Broken, frames: list[_Frame]) -> Break:
    missing = broken.start >= len(body)
    path: Path | None = None
    for frame in frames[:-1] if missing else frames:
        if frame.form is Form.ARRAY:
            path = (path, frame.done)
        elif frame.done % 2:  # the key was read, so the value is what breaks
            path = (path, key_text(body, frame.key_at))
    if not missing or not frames:
        return Break(broken.message, broken.hint, path, broken.start, broken.end)
    inner = frames[-1]
    one, many, per_unit = ("item", "items", 1) if inner.form is Form.ARRAY else ("entry", "entries", 2)
    announced, whole = inner.count // per_unit, inner.done // per_unit
    return Break(
        f"the body ends inside the {inner.form.value} at byte {inner.start}: it announces {announced:,} "
        f"{one if announced == 1 else many}, {whole:,} {'is' if whole == 1 else 'are'} there",
        broken.hint,
        path,
        inner.start,
        len(body),
    )


def key_text(body: bytes, start: int) -> str:
    """A map's key as a step of a path, whatever it is."""
    head = head_at(body, start)
    if head.form is Form.STR:
        return body[head.content : head.end].decode("utf-8", "replace")
    return describe(body, start)


def describe(body: bytes, start: int) -> str:
    """A value in a few words: `str "x"`, `int 5`, `map of 3`, `ext type 98 of 12 bytes`."""
    head = head_at(body, start)
    form = head.form
    if form is Form.STR:
        text = body[head.content : min(head.end, head.content + 4 * _MAX_SHOWN_CHARS)].decode("utf-8", "replace")
        long = head.size > 4 * _MAX_SHOWN_CHARS or len(text) > _MAX_SHOWN_CHARS
        return f"str {msgspec.json.encode(text[:_MAX_SHOWN_CHARS] + '…' if long else text).decode()}"
    if form is Form.BIN:
        return f"bin of {head.size:,} bytes"
    if form is Form.EXT:
        return f"ext type {head.code} of {head.size:,} bytes"
    if form is Form.ARRAY:
        return f"array of {head.size:,}"
    if form is Form.MAP:
        return f"map of {head.size:,}"
    value = scalar_at(body, start, head)
    if form is Form.NIL:
        return "nil"
    if form is Form.BOOL:
        return f"bool {str(value).lower()}"
    if form is Form.FLOAT:
        return _NOT_NUMBERS.get(str(value), f"{head.label} {value!r}")
    return f"int {value}"


_MAX_SHOWN_CHARS = 40
_NOT_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _trailing(body: bytes, at: int) -> Break:
    extra = len(body) - at
    counted = "1 more byte follows" if extra == 1 else f"{extra:,} more bytes follow"
    first, second = head_at(body, 0).form, _FORMATS[body[at]]
    if first is Form.MAP and second and second[0] is Form.MAP:
        hint = "Several events go into one array of maps, not one map after the other."
    else:
        hint = "A body is one map or one array. Was a length written wrong, or a whole buffer sent with its unused end?"
    return Break(f"the value ends at byte {at:,}, and {counted}", hint, None, at, len(body), trailing=True)
