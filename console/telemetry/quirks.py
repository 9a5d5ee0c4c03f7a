"""What real SDKs, engines and libraries send instead, and the one thing to change.

MessagePack-CSharp's extension types: https://github.com/MessagePack-CSharp/MessagePack-CSharp#reserved-extension-types
"""

import base64
import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from console.telemetry import foreign_formats
from console.telemetry.layout import Broken, Form, Head, describe, head_at


class Advice(NamedTuple):
    """What is wrong, in half a sentence, and what to do."""

    message: str
    hint: str


# ----------------------------------------------------------------------------------------------------- extension types

LZ4_EXTENSIONS = (98, 99)
STRING_KEYS = 'use string keys ([Key("app_id")])'

_TIMESTAMP_HINT = (
    'Send an ISO 8601 string: DateTime.UtcNow.ToString("o"); in Python: datetime.now(UTC).isoformat(); '
    "in JavaScript: new Date().toISOString()."
)
_LZ4_HINT = (
    "Switch the compression off: MessagePackSerializerOptions.Standard"
    ".WithCompression(MessagePackCompression.None). Content-Encoding: gzip is taken."
)
_TYPELESS_HINT = (
    "Use MessagePackSerializer.Serialize with string keys, not MessagePackSerializer.Typeless or the "
    "TypelessContractlessStandardResolver."
)
_BLIT_HINT = (
    "Leave the UnityBlitResolver out of the options (StandardResolver is enough) and send plain numbers: "
    "new float[] { p.x, p.y, p.z }."
)
# The blit formatters of MessagePack.UnityClient, by extension type.
_BLITS = {
    30: "Vector2[]",
    31: "Vector3[]",
    32: "Vector4[]",
    33: "Quaternion[]",
    34: "Color[]",
    35: "Bounds[]",
    36: "Rect[]",
    37: "int[]",
    38: "float[]",
    39: "double[]",
}
# What JavaScript's libraries make of values that MessagePack does not have.
_MSGPACKR_UNDEFINED = 0
_MSGPACKR_RECORD = 114
_MSGPACKR_TYPED_ARRAY = 116
_MSGPACKR_CLONES = {115: "Set", 101: "Error", 120: "RegExp", 105: "reference", 112: "pointer"}
_MSGPACK_LITE_OBJECTS = {
    1: "EvalError",
    2: "RangeError",
    3: "ReferenceError",
    4: "SyntaxError",
    5: "TypeError",
    6: "URIError",
    10: "RegExp",
    11: "Boolean object",
    12: "String object",
    14: "Error",
    15: "Number object",
}
_MSGPACK_LITE_DATE = 13
_MSGPACK_LITE_TYPED_ARRAYS = range(17, 30)
_RECORD_HEAD = b"\xd4r"
# A map, maybe the first of an array, whose first key is where the strings begin.
_BUNDLE_HEAD = re.compile(rb"(?:[\x90-\x9f]|\xdc..)?(?:[\x80-\x8f]|\xde..)\xd6b", re.DOTALL)


def extension(head: Head) -> Advice:
    """Any MessagePack extension value: none is taken, JSON has no such thing."""
    code = head.code
    if code == _MSGPACKR_UNDEFINED and head.size == 1:
        return Advice(
            "got undefined as msgpackr writes it (extension type 0)",
            "Leave the field out, send null, or set encodeUndefinedAsNil: true.",
        )
    if code == _MSGPACK_LITE_DATE:
        return Advice("got a Date as msgpack-lite writes it (extension type 13)", _TIMESTAMP_HINT)
    if code in _MSGPACK_LITE_TYPED_ARRAYS or code == _MSGPACKR_TYPED_ARRAY:
        return Advice(
            f"got a JavaScript typed array (extension type {code})", "Send plain numbers: Array.from(values)."
        )
    if code == _MSGPACKR_RECORD:
        return _RECORDS
    if code in _MSGPACKR_CLONES or code in _MSGPACK_LITE_OBJECTS:
        library, name = (
            ("msgpackr", _MSGPACKR_CLONES[code])
            if code in _MSGPACKR_CLONES
            else ("msgpack-lite", _MSGPACK_LITE_OBJECTS[code])
        )
        return Advice(
            f"got a JavaScript {name} as {library} writes it (extension type {code})",
            "Send plain values: Array.from(set), String(pattern), error.message.",
        )
    if code == -1:
        return Advice("got a MessagePack timestamp (extension type -1)", _TIMESTAMP_HINT)
    if code in LZ4_EXTENSIONS:
        return Advice(f"got MessagePack-CSharp's LZ4 compression (extension type {code})", _LZ4_HINT)
    if code == 100:
        return Advice("got MessagePack-CSharp's typeless format (extension type 100)", _TYPELESS_HINT)
    if code in _BLITS:
        return Advice(f"got MessagePack-CSharp's memory copy of a {_BLITS[code]} (extension type {code})", _BLIT_HINT)
    return Advice(
        f"got an extension value (type {code}, {head.size:,} bytes)",
        "Send plain values: nil, booleans, numbers, strings, binary, arrays, maps with string keys.",
    )


_BUNDLES = Advice(
    "this is msgpackr's bundleStrings format, which only msgpackr reads",
    "Leave bundleStrings out of the options of Packr.",
)
_RECORDS = Advice(
    "this is msgpackr's record format, which only msgpackr reads",
    "Use msgpackr's pack(event), or new Packr({ useRecords: false }).",
)


# ------------------------------------------------------------------------------------------------------- whole bodies

_MAGIC = (
    (b"\x1f\x8b", "gzip", "Say so with the header Content-Encoding: gzip, once for each time it was compressed."),
    (b"\x28\xb5\x2f\xfd", "zstd", "Send it uncompressed, or with Content-Encoding: gzip."),
    (b"\x04\x22\x4d\x18", "LZ4", "Send it uncompressed, or with Content-Encoding: gzip."),
    (b"PK\x03\x04", "zip", "Send the MessagePack bytes themselves."),
    (b"\x78\x01", "zlib", "Say so with the header Content-Encoding: deflate."),
    (b"\x78\x5e", "zlib", "Say so with the header Content-Encoding: deflate."),
    (b"\x78\x9c", "zlib", "Say so with the header Content-Encoding: deflate."),
    (b"\x78\xda", "zlib", "Say so with the header Content-Encoding: deflate."),
)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODE = "Encode with MessagePack: msgpack.packb(event) in Python, MessagePackSerializer.Serialize(event) in C#."
_SEEN_BYTES = 64


def foreign_body(body: bytes) -> Advice | None:
    """Bytes in quite another format. Never for a body that starts like a map, or like an array but of records."""
    start = {0xDC: 3, 0xDD: 5}.get(body[0], 1 if 0x90 <= body[0] <= 0x9F else 0)
    if body.startswith(_RECORD_HEAD, start):
        return _RECORDS
    if _BUNDLE_HEAD.match(body):
        return _BUNDLES
    other = foreign_formats.recognise(body)
    if other is not None:
        return Advice(*other)
    if 0x80 <= body[0] <= 0x9F or 0xDC <= body[0] <= 0xDF:
        return None
    for magic, name, hint in _MAGIC:
        if body.startswith(magic) and len(body) > len(magic):
            return Advice(f"this is {name} data, not MessagePack", hint)
    text = _as_text(body[:_SEEN_BYTES])
    if text is not None:
        return _foreign_text(text.lstrip())
    if len(body) > 8 and len(body) - 4 in (int.from_bytes(body[:4], "big"), int.from_bytes(body[:4], "little")):
        return Advice("the body begins with its own length in 4 bytes", "Send the MessagePack bytes alone.")
    return None


def _as_text(start: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            text = start[: len(start) & ~1 if encoding == "utf-16" else None].decode(encoding, "replace")
            return text if text.lstrip().startswith(("{", "[", "<")) else None
    if start.strip()[:1] in (b"{", b"[") or (start.startswith(b"--") and b"\r\nContent-" in start):
        return start.decode("utf-8", "replace")
    # A short MessagePack scalar may look like a letter or two.
    return start.decode("ascii") if len(start) > 3 and re.fullmatch(rb"[\t\r\n -~]+", start) else None


def _foreign_text(text: str) -> Advice:
    listed = foreign_formats.bytes_as_text(text)
    if listed is not None:
        return Advice(*listed)
    if text.startswith("[object "):
        return Advice(
            f"this is the text {foreign_formats.quoted(text.partition(']')[0] + ']')}: an object was made a string",
            "Send the encoder's bytes: body: encode(event), not String(event).",
        )
    if text.startswith(("{", "[")) and foreign_formats.is_json(text):
        return Advice("this is JSON text: encode with MessagePack", _ENCODE)
    if text.startswith("<"):
        return Advice("this is XML or HTML text, not MessagePack", _ENCODE)
    if text.startswith("--"):
        return Advice("this is a multipart form, not MessagePack", "Send the MessagePack bytes as the whole body.")
    if text.startswith(("b'", 'b"', "bytearray(")):
        return Advice("this is Python's repr of bytes, not the bytes", "Send data=packed, not data=str(packed).")
    if re.match(r"[\w.%+-]+=", text) and not text.endswith("="):
        return Advice("this is a URL-encoded form, not MessagePack", _ENCODE)
    for name, decoded in (("hexadecimal", _from_hex(text)), ("Base64", _from_base64(text))):
        if decoded and (0x80 <= decoded[0] <= 0x9F or 0xDC <= decoded[0] <= 0xDF):
            return Advice(f"this is {name} text of MessagePack", "Send the bytes themselves, as a binary body.")
    return Advice("this is text, not MessagePack", _ENCODE)


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text[: len(text) & ~1])
    except ValueError:
        return b""


def _from_base64(text: str) -> bytes:
    compact = re.sub(r"\s", "", text).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact[: len(compact) & ~3], validate=True)
    except ValueError:  # binascii.Error, or text that is not ASCII
        return b""


def wrong_root(body: bytes, head: Head) -> Advice:
    """One MessagePack value that is neither a map nor an array."""
    if head.form is Form.EXT:
        advice = extension(head)
        return Advice(f"the body is not a map or an array: {advice.message}", advice.hint)
    hint = "Send one event as a map, or several as an array of maps."
    if head.form is Form.BIN and _is_container(body, head.content):
        hint = "The event was encoded twice: send the inner bytes."
    elif head.form is Form.STR and body[head.content : head.content + 1] in (b"{", b"["):
        hint = "Encode the event itself, not its JSON text."
    return Advice(f"the body must be a map or an array of maps, got {describe(body, 0)}", hint)


def _is_container(body: bytes, at: int) -> bool:
    try:
        return head_at(body, at).form in (Form.MAP, Form.ARRAY)
    except Broken:
        return False


# ------------------------------------------------------------------------------------------------------------- spelling

_OTHER_NAMES = {
    "event_name": ("event", "name", "type", "event_type"),
    "funnel_step_name": ("funnel_step", "step", "step_name"),
    "positions": ("path", "points", "trajectory"),
    "timestamp": ("time", "ts", "date", "datetime", "created_at"),
    "timestamp_start": ("start", "start_time", "timestamp"),
    "timestamp_end": ("end", "end_time"),
    "player_id": ("user_id", "uid", "player"),
    "session_id": ("session",),
    "build_id": ("build", "version", "build_version"),
    "app_id": ("application_id", "app", "game_id"),
}
_MAX_KEYS = 64


def misspelt(wanted: str, keys: Iterable[str]) -> str | None:
    """The key that was probably meant to be `wanted`: another case, another name, a slip."""
    candidates = {_folded(key): key for key in list(keys)[:_MAX_KEYS] if len(key) <= _MAX_KEYS}
    for name in (wanted, *_OTHER_NAMES.get(wanted, ())):
        if _folded(name) in candidates:
            return candidates[_folded(name)]
    close = difflib.get_close_matches(_folded(wanted), list(candidates), n=1, cutoff=0.85)
    return candidates[close[0]] if close else None


def _folded(key: str) -> str:
    return re.sub(r"[\W_]", "", key).lower()
