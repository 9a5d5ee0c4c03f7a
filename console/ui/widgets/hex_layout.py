"""Where bytes stand in a hex dump, and how they read. Pure."""

from msgspec import Struct

WIDE, NARROW = 16, 8
_GAP_CHARS = 2

# Printable ASCII as itself, all else as a dot: whatever a body holds, its text column is inert.
_ASCII = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in range(256))
_COPY_LIMIT_BYTES = 1024 * 1024


class Span(Struct, frozen=True):
    """Bytes from `start` up to `end`, which is not included."""

    start: int
    end: int

    def __bool__(self) -> bool:
        return self.end > self.start


class HexLayout(Struct, frozen=True):
    """A dump of `size` bytes, `per_row` a row. Columns are counted in characters of one width."""

    size: int
    per_row: int

    @property
    def offset_chars(self) -> int:
        """Digits of an offset: six, or what the last offset needs."""
        return max(6, len(f"{max(0, self.size - 1):x}"))

    @property
    def hex_column(self) -> int:
        return self.offset_chars + _GAP_CHARS

    @property
    def text_column(self) -> int:
        return self.hex_column + self.per_row * 3 - 1 + _GAP_CHARS

    @property
    def columns(self) -> int:
        """Characters of a whole row."""
        return self.text_column + self.per_row

    @property
    def rows(self) -> int:
        return -(-self.size // self.per_row)

    def row_of(self, offset: int) -> int:
        return offset // self.per_row

    def spans_of_row(self, row: int, span: Span) -> tuple[int, int] | None:
        """The first and the last column of a row's bytes that `span` covers, or None."""
        start = max(span.start - row * self.per_row, 0)
        end = min(span.end - row * self.per_row, self.per_row)
        return (start, end - 1) if start < end else None

    def byte_at(self, row: int, column: float) -> int | None:
        """The byte under a place, in rows and characters from the top left; the nearest one of its row."""
        if not self.size:
            return None
        row = min(max(row, 0), self.rows - 1)
        if column >= self.text_column - 1:
            place = int(column - self.text_column)
        else:
            place = int((column - self.hex_column + 0.5) // 3)
        place = min(max(place, 0), self.per_row - 1)
        return min(row * self.per_row + place, self.size - 1)


def hex_text(data: bytes) -> str:
    """`27 3b 58`."""
    return data.hex(" ")


def ascii_text(data: bytes) -> str:
    """One character a byte."""
    return "".join([_ASCII[byte] for byte in data])


def copied_hex(body: bytes, span: Span) -> str:
    """A selection for the clipboard, 16 bytes a line, at most 1 MiB of it."""
    data = body[span.start : min(span.end, span.start + _COPY_LIMIT_BYTES)]
    return "\n".join(data[at : at + WIDE].hex(" ") for at in range(0, len(data), WIDE))
