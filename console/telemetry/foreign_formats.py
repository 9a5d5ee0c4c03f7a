"""Binary formats, and bytes that a text went over, which stand where MessagePack should.

Libraries that write MessagePack often write these too, one method beside the other. Formats:
https://www.rfc-editor.org/rfc/rfc8949 (CBOR), https://bsonspec.org, https://ubjson.org, https://protobuf.dev
"""

import json
import re

from console.telemetry.schema import ALL_FIELDS

_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_.\- ]*")
_MAX_SEEN = 4_096
_SEND_BYTES = (
    "Send the bytes themselves as the body: in JavaScript body: encode(event), without JSON.stringify or String; "
    "in C# a byte[] in ByteArrayContent or UploadHandlerRaw."
)
_BYTES = re.compile(r"\d{1,3}(?:\s*[,\s]\s*\d{1,3}){4,}[\s,]*")


def recognise(body: bytes) -> tuple[str, str] | None:
    """What a body is instead of MessagePack and what to do, or None. Looks at its first bytes only."""
    for test in (_went_through_text, _cbor, _bson, _ubjson, _protobuf, _godot, _grpc):
        found = test(body)
        if found is not None:
            return found
    return None


def bytes_as_text(text: str) -> tuple[str, str] | None:
    """Text in which somebody listed the bytes of MessagePack: what to say, or None. `text` may be cut off."""
    numbers = _listed_bytes(text)
    if not numbers or not _starts_container(numbers[0]):
        return None
    return (
        "this is text that lists the bytes of MessagePack as numbers",
        _SEND_BYTES,
    )


def _listed_bytes(text: str) -> list[int]:
    if text.startswith('{"0":'):
        pairs = re.findall(r'"(\d+)":(\d{1,3})(?=[,}])', text)
        return [int(value) for place, (key, value) in enumerate(pairs) if int(key) == place]
    if text.startswith('{"type":"Buffer","data":['):
        text = text.removeprefix('{"type":"Buffer","data":[')
    inner = text.removeprefix("[").rpartition(",")[0] if "," in text else ""
    if not _BYTES.fullmatch(inner):
        return []
    numbers = [int(number) for number in re.findall(r"\d+", inner)]
    return numbers if max(numbers) < 256 else []


def _starts_container(byte: int) -> bool:
    return 0x80 <= byte <= 0x9F or 0xDC <= byte <= 0xDF


def _went_through_text(body: bytes) -> tuple[str, str] | None:
    """Bytes that were made a string and encoded again: as Latin-1 each becomes one or two, as UTF-8 most are lost."""
    hint = (
        "Keep the encoder's output as bytes up to the request: no string in between. C#: ByteArrayContent, not "
        "StringContent; JavaScript: body: bytes, not bytes.toString(); Python: data=packed, not packed.decode()."
    )
    if body.startswith(b"\xef\xbf\xbd"):
        lost = body[:_MAX_SEEN].count(b"\xef\xbf\xbd")
        return f"the bytes were read as UTF-8 text, and {lost:,} or more of them were replaced by U+FFFD", hint
    if len(body) > 3 and body[0] in (0xC2, 0xC3) and 0x80 <= body[1] <= 0xBF:
        first = (body[0] - 0xC0) << 6 | body[1] & 0x3F
        if _starts_container(first):
            return "the bytes were read as Latin-1 text and encoded again as UTF-8", hint
    return None


def _cbor(body: bytes) -> tuple[str, str] | None:
    at = 3 if body.startswith(b"\xd9\xd9\xf7") else 0
    if body[at : at + 1] == b"\x9f" or 0x80 <= int.from_bytes(body[at : at + 1], "big") <= 0x97:
        at += 1  # an array: its first item decides
    head = body[at : at + 1]
    if not head or not (0xA1 <= head[0] <= 0xB7 or head[0] in (0xB8, 0xBF)):
        return None
    at += 2 if head[0] == 0xB8 else 1
    size = int.from_bytes(body[at : at + 1], "big") - 0x60
    if size == 0x18:
        at, size = at + 1, int.from_bytes(body[at + 1 : at + 2], "big")
    # Only a documented name tells it: MessagePack's own texts may look like a head and a shorter text.
    if body[at + 1 : at + 1 + max(size, 0)].decode("latin-1") not in ALL_FIELDS:
        return None
    return "this is CBOR, not MessagePack", "Use the library's MessagePack encoder: to_msgpack, not to_cbor."


def _bson(body: bytes) -> tuple[str, str] | None:
    if len(body) < 8 or int.from_bytes(body[:4], "little") != len(body) or body[-1]:
        return None
    name = body[5 : 5 + 64].partition(b"\0")[0]
    if 1 <= body[4] <= 0x13 and _is_name(name, len(name)):
        return "this is BSON, not MessagePack", "Use the library's MessagePack encoder: to_msgpack, not to_bson."
    return None


def _ubjson(body: bytes) -> tuple[str, str] | None:
    start = body.lstrip(b"[{")[:2]
    if body[:1] in (b"{", b"[") and len(start) == 2 and start[:1] in (b"i", b"U", b"$", b"#"):
        size = start[1]
        at = len(body) - len(body.lstrip(b"[{")) + 2
        if start[:1] in (b"$", b"#") or _is_name(body[at : at + size], size):
            return (
                "this is UBJSON, not MessagePack",
                "Use the library's MessagePack encoder: to_msgpack, not to_ubjson.",
            )
    return None


def _protobuf(body: bytes) -> tuple[str, str] | None:
    if len(body) < 6 or body[0] != 0x0A or not 2 <= body[1] <= 64 or len(body) < 3 + body[1]:
        return None
    if _is_name(body[2 : 2 + body[1]], body[1]) and body[2 + body[1]] in (0x12, 0x1A):
        return "this looks like Protocol Buffers, not MessagePack", "Encode the event as a MessagePack map."
    return None


def _godot(body: bytes) -> tuple[str, str] | None:
    """`var2bytes`, `var_to_bytes`: a little-endian type, here Dictionary or Array, then a count."""
    if len(body) < 12 or len(body) % 4 or body[1:3] != b"\0\0":
        return None
    kind, version = {18: ("Dictionary", 3), 19: ("Array", 3), 27: ("Dictionary", 4), 28: ("Array", 4)}.get(
        body[0], ("", 0)
    )
    if kind and body[3] == 0 and body[9:12] == b"\0\0\0":
        function = "var2bytes" if version == 3 else "var_to_bytes"
        return f"this is a Godot {version} {kind} as {function} writes it", "Encode the event as a MessagePack map."
    return None


def _grpc(body: bytes) -> tuple[str, str] | None:
    if len(body) > 6 and body[0] == 0 and int.from_bytes(body[1:5], "big") == len(body) - 5:
        return "the body begins with a gRPC frame of 5 bytes", "Send the MessagePack bytes alone."
    return None


def _is_name(content: bytes, size: int) -> bool:
    return size > 0 and len(content) == size and _NAME.fullmatch(content) is not None


def is_json(start: str) -> bool:
    """Whether text that begins with a bracket goes on as JSON does."""
    inner = start[1:].lstrip()
    if start.startswith("{"):
        return not inner or inner[0] in '"}'
    return not inner or inner[0] in '[{]"-0123456789tfn'


def quoted(text: str) -> str:
    """Text in quotes, cut short, for a sentence."""
    return json.dumps(text if len(text) <= 24 else text[:24] + "…", ensure_ascii=True)
