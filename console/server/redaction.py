"""Request headers as they are kept: whole, but for the keys in them."""

import re
from typing import Final

import msgspec

RawHeaders = tuple[tuple[bytes, bytes], ...]

_CREDENTIALS: Final = frozenset({"x-public-token", "x-api-key", "authorization", "proxy-authorization", "cookie"})
_KEY: Final = re.compile(r"([ps]k_(?:live|test)_)[A-Za-z0-9_-]{4,}")
_TAIL_CHARS: Final = 4
_MIN_CHARS_FOR_TAIL: Final = 16
_MAX_REMEMBERED: Final = 1024
_MAX_REMEMBERED_BYTES: Final = 2048  # of one entry: a game's headers take a few hundred


class HeaderLog:
    """Headers as a JSON list of `[name, value]` pairs.

    A game sends the same headers again and again, so the last forms are remembered: the hot path then pays for one
    hash of the raw bytes.
    """

    def __init__(self) -> None:
        self._remembered: dict[RawHeaders, bytes] = {}

    def encode(self, raw_headers: RawHeaders) -> bytes:
        """UTF-8 JSON; bytes that are not UTF-8 become U+FFFD."""
        known = self._remembered.get(raw_headers)
        if known is not None:
            return known
        encoded = msgspec.json.encode(redacted(raw_headers))
        if len(encoded) <= _MAX_REMEMBERED_BYTES:
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[raw_headers] = encoded
        return encoded


def redacted(raw_headers: RawHeaders) -> list[tuple[str, str]]:
    """The headers in wire order, keys shown as `pk_live_…q7Xa`, other credentials not at all."""
    pairs = []
    for raw_name, raw_value in raw_headers:
        name = raw_name.decode("utf-8", "replace")
        value = raw_value.decode("utf-8", "replace")
        pairs.append((name, _credential(value) if name.lower() in _CREDENTIALS else _KEY.sub(_shortened, value)))
    return pairs


def without_keys(text: str) -> str:
    """Any text, keys in it shortened."""
    return _KEY.sub(_shortened, text)


def _credential(value: str) -> str:
    scheme, space, key = value.rpartition(" ")
    match = _KEY.fullmatch(key)
    shown = _shortened(match) if match else "…"
    return f"{scheme} {shown}" if space and scheme.lower() in {"bearer", "basic"} else shown


def _shortened(match: re.Match[str]) -> str:
    key = match.group()
    tail = key[-_TAIL_CHARS:] if len(key) >= _MIN_CHARS_FOR_TAIL else ""
    return f"{match.group(1)}…{tail}"
