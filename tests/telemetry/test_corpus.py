"""Bodies of real encoders, and damaged ones: each is told what is wrong with it, where, and what to do.

How they are made: tests/data/bodies/README.md.
"""

import json
import time
from pathlib import Path

import pytest

from console.telemetry.decoding import decode_events
from console.telemetry.diagnosis import explain
from console.telemetry.problems import InvalidBody, NeedsDiagnosis

_FILE = Path(__file__).parent.parent / "data" / "bodies" / "bodies.jsonl"
_LINES = [json.loads(line) for line in _FILE.read_text(encoding="utf-8").splitlines()]
BODIES = {line["name"]: bytes.fromhex(line["body"]) for line in _LINES}

ACCEPTED = {
    "csharp-null-recogniser",
    "csharp-string-keys",
    "engine-repeated-keys",
    "lite-batch",
    "msgpackr-pack",
    "notepack-event",
    "official-batch",
    "official-force-float32",
    "python-batch",
    "python-single-float",
}

# What a person must read, in the message or the hint of the first problem.
TOLD = {
    "official-date": "toISOString",
    "official-epoch": "2026-02-12T10:00:00.000Z",
    "official-undefined": "It is nil",
    "official-float32array": "not the memory of a float array",
    "official-vectors": "Send three floats",
    "official-nested-positions": "must be flat",
    "official-nan": "NaN",
    "official-json-inside": "not its JSON text",
    "official-twice": "encoded twice",
    "official-wrapped": "without a map around it",
    "official-in-array": "send the inner array",
    "official-whole-buffer": "not its .buffer",
    "official-concatenated": "one array of maps",
    "official-stringified-bytes": "without JSON.stringify",
    "official-joined-bytes": "lists the bytes",
    "official-base64": "Base64",
    "official-latin1-as-utf8": "Latin-1",
    "official-lossy-utf8": "U+FFFD",
    "official-json-text": "JSON text",
    "official-object-text": "[object Object]",
    "msgpackr-records": "useRecords: false",
    "msgpackr-one-record": "useRecords: false",
    "msgpackr-date": "toISOString",
    "msgpackr-undefined": "encodeUndefinedAsNil",
    "msgpackr-float32array": "Array.from",
    "msgpackr-set": "JavaScript Set",
    "msgpackr-map-with-numbers": "map keys must be strings",
    "msgpackr-bundled-strings": "bundleStrings",
    "lite-date": "msgpack-lite",
    "lite-float32array": "Array.from",
    "lite-regexp": "RegExp",
    "lite-error": "error.message",
    "lite-buffer": "Send str, not bin",
    "notepack-date": "toISOString",
    "notepack-undefined": "session_id is missing",
    "python-datetime": "isoformat",
    "python-timestamp": "isoformat",
    "python-epoch": "2026-02-12T10:00:00",
    "python-date-only": "2026-02-12T",
    "python-bytes-id": "Send str, not bin",
    "python-bytes-keys": "use_bin_type=True",
    "python-int-keys": "map keys must be strings",
    "python-raw-bytes": "not UTF-8",
    "python-infinity": "Infinity",
    "python-negative-rate": "≥ 0",
    "python-array-bytes": "not the memory of a float array",
    "python-samples": "must be flat",
    "python-two-numbers": "multiple of 3",
    "python-position-2d": "got 2 numbers",
    "python-numbers-as-text": 'got str "1.0"',
    "python-camel-case": '"eventName" meant to be event_name',
    "python-other-names": '"user_id" meant to be player_id',
    "python-empty-name": "must not be empty",
    "python-two-kinds": "contradict each other",
    "python-json-custom-data": "not its JSON text",
    "python-unreal-time": "ToIso8601",
    "python-ended-before-start": "before timestamp_start",
    "python-twice": "encoded twice",
    "python-json-inside": "not its JSON text",
    "python-json": "JSON text",
    "python-json-utf-16": "JSON text",
    "python-repr-of-bytes": "repr of bytes",
    "python-hex": "hexadecimal",
    "python-gzip": "Content-Encoding: gzip",
    "python-zlib": "Content-Encoding: deflate",
    "python-wrapped": "without a map around it",
    "python-stream": "one array of maps",
    "python-deep": "levels deep",
    "python-empty-array": "no events",
    "python-scalar": "int 5",
    "python-several-wrong": "three numbers",
    "csharp-int-keys": "[Key(0)]",
    "csharp-int-keys-batch": "[Key(0)]",
    "csharp-lz4-block": "MessagePackCompression.None",
    "csharp-lz4-block-array": "MessagePackCompression.None",
    "csharp-lz4-block-array-of-four": "MessagePackCompression.None",
    "csharp-typeless": "Typeless",
    "csharp-date-time": 'ToString("o")',
    "csharp-native-date-time": "ISO 8601",
    "csharp-date-time-offset": "ISO 8601",
    "csharp-blit-vectors": "UnityBlitResolver",
    "csharp-blit-floats": "UnityBlitResolver",
    "csharp-vectors": "must be flat",
    "csharp-enum": "an enum by its name",
    "csharp-union": "[Union]",
    "csharp-pascal-case": '"EventName" meant to be event_name',
    "engine-length-byte-dropped": "The length byte was dropped",
    "engine-head-byte-dropped": "Its head byte was probably not written",
    "engine-length-one-short": "goes on for 36",
    "engine-length-one-long": "only the first 36",
    "engine-key-one-short": 'goes on to "event_name"',
    "engine-characters-counted": "Characters were counted instead of UTF-8 bytes",
    "engine-little-endian-str": "big endian",
    "engine-little-endian-array": "big endian",
    "engine-fixstr-of-36": "has 4 bytes, and goes on for 36",
    "engine-count-too-small": "announces 9 entries, and more follow, beginning with timestamp",
    "engine-count-too-large": "counted wrong",
    "engine-no-root": "the map's head is missing",
    "engine-never-used": "0xc1",
    "engine-length-prefixed": "its own length",
    "engine-grpc-framed": "gRPC",
    "engine-zero-terminated": "zero bytes",
    "engine-buffer-of-512": "unused end",
    "engine-cut-at-4096": "exactly 4,096 bytes",
    "engine-godot-4": "var_to_bytes",
    "engine-godot-3": "var2bytes",
    "engine-cbor": "CBOR",
    "engine-cbor-batch": "CBOR",
    "engine-bson": "BSON",
    "engine-ubjson": "UBJSON",
    "engine-protobuf": "Protocol Buffers",
    "engine-zstd": "zstd",
    "engine-lz4-frame": "LZ4",
    "engine-form": "URL-encoded",
    "engine-multipart": "multipart",
    "engine-html": "HTML",
    "engine-double-in-float": "a key should be there",
}
DAMAGED = [name for name in BODIES if name.startswith(("cut-", "flip-", "lost-"))]
_NEAR_BYTES = 16


def refusal_of(body: bytes) -> InvalidBody | None:
    """What a body is told, None for one that is taken. Decoder and diagnosis must agree."""
    try:
        decode_events(body)
    except NeedsDiagnosis:
        return explain(body)
    with pytest.raises(ValueError, match="valid"):
        explain(body)
    return None


def test_every_body_is_told_something_expected() -> None:
    assert {*ACCEPTED, *TOLD, *DAMAGED} == set(BODIES)


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_good_bodies_are_taken(name: str) -> None:
    assert refusal_of(BODIES[name]) is None


@pytest.mark.parametrize(("name", "told"), TOLD.items(), ids=TOLD)
def test_what_a_body_is_told(name: str, told: str) -> None:
    refusal = refusal_of(BODIES[name])
    assert refusal is not None
    first = refusal.details[0]
    assert told in f"{first.message} {first.hint}"


@pytest.mark.parametrize("name", [*TOLD, *DAMAGED])
def test_no_refusal_is_bare(name: str) -> None:
    refusal = refusal_of(BODIES[name])
    if refusal is None:
        return  # a flipped bit in a text makes another text
    for problem in refusal.details:
        assert problem.hint
        assert len(problem.message.split()) > 2
        assert problem.start is not None
        assert problem.end is not None
        assert 0 <= problem.start <= problem.end <= len(BODIES[name])


@pytest.mark.parametrize("name", [name for name in DAMAGED if name.startswith(("lost-", "flip-"))])
def test_damage_is_found_where_it_is(name: str) -> None:
    """The bytes that are marked are those that were damaged, or lie a few bytes from them."""
    refusal = refusal_of(BODIES[name])
    if refusal is None:
        return
    damaged = int(name.rpartition("-")[2].partition(".")[0])
    distances = [
        max(problem.start - damaged, damaged - problem.end, 0)
        for problem in refusal.details
        if problem.start is not None and problem.end is not None
    ]
    assert min(distances) <= _NEAR_BYTES


@pytest.mark.parametrize("name", [name for name in DAMAGED if name.startswith("cut-")])
def test_what_was_read_before_a_cut_is_told(name: str) -> None:
    refusal = refusal_of(BODIES[name])
    assert refusal is not None
    assert "ead before it" in refusal.details[0].hint


def test_a_hostile_body_takes_no_longer_than_an_honest_one() -> None:
    """Two megabytes of one-byte containers, then a break: bounded by the size, not by what could be suspected."""
    deep = b"\x91" * 40_000 + b"\xc1"
    wide = b"\xdd\x00\x00\x20\x00" + b"\x81\xa1a\x90" * 8_191 + b"\xc1"
    many = b"\xdf\x00\x00\xa0\x00" + b"\xa1a\x01" * 40_000
    scalars = b"\xdd\x00\xff\xff\xff" + bytes(1_000_000)
    started = time.thread_time()
    for body in (deep, wide, many, scalars):
        refusal = explain(body)
        assert refusal.error == "invalid_msgpack"
        assert sum(len(problem.hint) for problem in refusal.details) < 4_000
    assert time.thread_time() - started < 10
