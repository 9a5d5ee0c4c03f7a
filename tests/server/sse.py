"""Server-sent events as a reader takes them apart (WHATWG HTML, 9.2.6), for tests."""

from dataclasses import dataclass
from typing import Any

from msgspec import json


@dataclass(frozen=True)
class Message:
    """One block of a stream. A block of comments alone has `comment`."""

    event: str = ""
    data: str = ""
    id: str = ""
    comment: str = ""
    retry: str = ""

    @property
    def json(self) -> Any:
        return json.decode(self.data)


def messages(content: bytes) -> list[Message]:
    """The blocks of a part of a stream that ends between two of them."""
    *blocks, rest = content.decode().split("\n\n")
    assert not rest, f"cut in the middle: {rest!r}"
    return [message(block) for block in blocks]


def message(block: str) -> Message:
    """One block, without its empty line."""
    fields: dict[str, str] = {}
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        fields[name or "comment"] = value.removeprefix(" ")
    return Message(**fields)
