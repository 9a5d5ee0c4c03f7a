"""How the console API is spoken: the key's header, the encoding, and the shape of every failure."""

from typing import Any

import msgspec
from msgspec import Struct

ADMIN_HEADER = "Authorization"


class ConsoleError(Struct, frozen=True, kw_only=True):
    """Every failure of the console API. `path` leads to the value that is wrong, where it is one of the call's body."""

    code: str
    message: str
    hint: str = ""
    path: str = ""


_encoder = msgspec.msgpack.Encoder()


def encode(value: Any) -> bytes:
    """MessagePack bytes of any message."""
    return _encoder.encode(value)
