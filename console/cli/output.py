"""What commands print."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec


def print_json(value: Any) -> None:
    """One JSON document on stdout, indented, keys in their own order. Structs become objects."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    print(text.decode("utf-8"), flush=True)


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], file: TextIO | None = None) -> None:
    """Left-aligned columns, two spaces apart."""
    lines = [[plain(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), file=file)


def print_fields(fields: Mapping[str, str], *, as_json: bool, remark: str = "") -> None:
    """One thing: an object for machines, else a line a field, and a remark for people."""
    if as_json:
        print_json(fields)
        return
    width = max(map(len, fields)) + 1
    for name, value in fields.items():
        print(f"{name:<{width}}{plain(value)}")
    if remark:
        print(remark)


def plain(text: str) -> str:
    """Text that came from someone else, without the control characters that a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def local_time(instant_us: int | None) -> str:
    """Local time to the second, "never" for none."""
    if instant_us is None:
        return "never"
    return datetime.fromtimestamp(instant_us / 1_000_000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def size(count: int) -> str:
    """Bytes, shortened in steps of 1,000."""
    if count < 1000:
        return f"{count} bytes"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95 or unit == "TB":
            break
    return f"{value:.1f} {unit}"


def is_terminal() -> bool:
    """Whether a person watches stderr, where progress is shown."""
    return sys.stderr.isatty()
