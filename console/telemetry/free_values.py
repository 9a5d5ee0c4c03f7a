"""What may stand anywhere in an event: every value's form, whatever field it is in."""

import math
import struct

from console.telemetry import quirks
from console.telemetry.decoding import is_plain
from console.telemetry.events import MAX_NESTING, MAX_TEXT_BYTES
from console.telemetry.layout import Form, Head, Path, describe, head_at, path_text, skip
from console.telemetry.problems import MAX_DETAILS, Problem

# nil, false, true, "" and the integers, by first byte: whole size of the values that cannot be wrong.
_HARMLESS = [0] * 256
for _byte in (*range(0x80), *range(0xE0, 0x100), 0xA0, 0xC0, 0xC2, 0xC3):
    _HARMLESS[_byte] = 1
for _power in range(4):
    _HARMLESS[0xCC + _power] = _HARMLESS[0xD0 + _power] = 1 + (1 << _power)

# Decoding shows at once that most values are fine, but may take many times their size in memory: it is done in pieces.
_MAX_DECODED_BYTES = 64 * 1024
_BLOCK = 512
_MIN_BLOCK = 16
_DECODED_LEVELS = 4

# Problems that are counted of one event: each costs time, and a hostile event has millions.
MAX_COUNTED = 100

_NOT_FINITE_HINT = "NaN and Infinity are no numbers that can be charted or exported: leave the field out, or send nil."
_UTF8_HINT = "Encode text as UTF-8, and send raw bytes as bin."


class Enough(Exception):
    """So much is wrong with one event that nobody reads on."""


class Findings:
    """The problems of one event: the first 20 are kept, 100 are counted, then `Enough` is raised.

    Every value must be whole MessagePack.
    """

    def __init__(self, body: bytes, index: int | None) -> None:
        self.body = body
        self.index = index
        self.problems: list[Problem] = []
        self.total = 0

    def add(self, path: Path | None, message: str, hint: str, start: int, end: int) -> None:
        """Note a problem of the bytes `start … end`."""
        if self.total == MAX_COUNTED:
            raise Enough
        self.total += 1
        if len(self.problems) < MAX_DETAILS:
            self.problems.append(
                Problem(message=message, index=self.index, path=path_text(path), hint=hint, start=start, end=end)
            )

    def value(self, at: int, path: Path | None, depth: int) -> int:
        """Check a value of any form, `depth` containers below the event's map. Returns the offset behind it."""
        end = skip(self.body, at)
        if not self._is_plain(b"", at, end, depth):
            self._walk(at, path, depth)
        return end

    def _is_plain(self, head: bytes, at: int, end: int, depth: int) -> bool:
        """Whether values are quickly seen to be fine. `head` makes one array or map of them."""
        if end - at > _MAX_DECODED_BYTES or depth + _DECODED_LEVELS > MAX_NESTING:
            return False
        return is_plain(head + self.body[at:end])

    def text(self, head: Head, at: int, path: Path | None, what: str = "text") -> bool:
        """Check a string's encoding and size."""
        try:
            self.body[head.content : head.end].decode()
        except UnicodeDecodeError as error:
            bad = head.content + error.start
            self.add(path, f"the {what} is not UTF-8: {error.reason} at byte {bad}", _UTF8_HINT, bad, bad + 1)
            return False
        if head.size > MAX_TEXT_BYTES:
            self.add(
                path,
                f"the {what} is {head.size:,} bytes long: the limit is {MAX_TEXT_BYTES:,}",
                "Send long texts elsewhere, and their id here; or split them.",
                at,
                head.end,
            )
            return False
        return True

    def extension(self, head: Head, at: int, path: Path | None, expected: str = "") -> None:
        """Note an extension value."""
        advice = quirks.extension(head)
        message = f"expected {expected}, {advice.message}" if expected else advice.message
        self.add(path, message, advice.hint, at, head.end)

    def not_finite(self, head: Head, at: int, path: Path | None) -> bool:
        """Note a float that is NaN or infinite."""
        content = self.body[head.content : head.end]
        if math.isfinite(struct.unpack(">f" if head.size == 4 else ">d", content)[0]):
            return False
        self.add(path, f"expected a finite number, got {describe(self.body, at)}", _NOT_FINITE_HINT, at, head.end)
        return True

    def key(self, head: Head, at: int, path: Path | None) -> str | None:
        """Check a map's key and return it, None when it is no string."""
        if head.form is not Form.STR:
            self._wrong_key(head, at, path)
            return None
        self.text(head, at, path, "map key")
        return self.body[head.content : head.end].decode("utf-8", "replace")

    def _wrong_key(self, head: Head, at: int, path: Path | None) -> None:
        hint = f"Make it a string; in MessagePack-CSharp {quirks.STRING_KEYS}, or a Dictionary<string, object>."
        if head.form is Form.BIN:
            hint = "Send str, not bin: in Python pack str keys with use_bin_type=True, in C# use string, not byte[]."
        end = skip(self.body, at)
        self.add(path, f"map keys must be strings, got {describe(self.body, at)}", hint, at, end)

    def _walk(self, at: int, path: Path | None, depth: int) -> int:
        """`depth` is the number of containers around the value, so it bounds the recursion."""
        head = head_at(self.body, at)
        match head.form:
            case Form.FLOAT:
                self.not_finite(head, at, path)
            case Form.STR:
                self.text(head, at, path)
            case Form.EXT:
                self.extension(head, at, path)
            case Form.ARRAY | Form.MAP if depth >= MAX_NESTING:
                end = skip(self.body, at)
                self.add(
                    path,
                    f"nested {depth + 1} levels deep: the limit is {MAX_NESTING}",
                    "Flatten the data: one map of names and values is easiest to query.",
                    at,
                    end,
                )
                return end
            case Form.ARRAY:
                return self._walk_items(head, path, depth + 1)
            case Form.MAP:
                return self._walk_entries(head, path, depth + 1)
            case _:
                pass
        return head.end

    def _walk_items(self, head: Head, path: Path | None, depth: int) -> int:
        body, at = self.body, head.content
        for first in range(0, head.size, _BLOCK):
            count = min(_BLOCK, head.size - first)
            if count >= _MIN_BLOCK:
                end = skip(body, at, count)
                if self._is_plain(b"\xdc" + count.to_bytes(2, "big"), at, end, depth):
                    at = end
                    continue
            for place in range(first, first + count):
                size = _HARMLESS[body[at]]
                at = at + size if size else self._walk(at, (path, place), depth)
        return at

    def _walk_entries(self, head: Head, path: Path | None, depth: int) -> int:
        body, at = self.body, head.content
        for first in range(0, head.size, _BLOCK):
            count = min(_BLOCK, head.size - first)
            if count >= _MIN_BLOCK:
                end = skip(body, at, count * 2)
                if self._is_plain(b"\xde" + count.to_bytes(2, "big"), at, end, depth):
                    at = end
                    continue
            for _ in range(count):
                at = self._walk_entry(at, path, depth)
        return at

    def _walk_entry(self, at: int, path: Path | None, depth: int) -> int:
        body = self.body
        key_head = head_at(body, at)
        key = self.key(key_head, at, path)
        if key is None:
            end = self._walk(at, path, depth)
            key = describe(body, at)
            at = end
        else:
            at = key_head.end
        size = _HARMLESS[body[at]]
        return at + size if size else self._walk(at, (path, key), depth)
