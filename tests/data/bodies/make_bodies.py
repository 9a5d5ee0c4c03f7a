"""Makes `bodies.jsonl`, the corpus of request bodies: `python -m tests.data.bodies.make_bodies FOLDER`.

FOLDER holds `node_modules` with the packages named in README.md. The tests read only what this wrote.
"""

import gzip
import json
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgpack

from tests.telemetry.bodies import Pairs, Raw, funnel, gameplay, identity, pack, trajectory, without

HERE = Path(__file__).parent
Case = tuple[str, str, bytes]  # name, encoder, body

_PYTHON = f"msgpack-python {'.'.join(map(str, msgpack.version))}"
_CSHARP = "MessagePack-CSharp, by its documented layout"
_WRITER = "a hand-written encoder"


def javascript(folder: Path) -> list[Case]:
    """What the libraries of npm write."""
    events = {"gameplay": gameplay(), "trajectory": trajectory(), "funnel": funnel(), "identity": identity()}
    answer = subprocess.run(
        ["node", str(HERE / "encode.mjs")],
        input=json.dumps(events),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return [(name, encoder, bytes.fromhex(body)) for name, encoder, body in json.loads(answer.stdout)]


def python() -> Iterator[Case]:
    """What msgpack.packb writes, and what people do with it."""
    time = datetime(2026, 2, 12, 10, tzinfo=UTC)
    floats = struct.pack("<9f", *trajectory()["positions"])
    whole = msgpack.packb(gameplay())
    bodies = {
        "batch": msgpack.packb([gameplay(), trajectory(), funnel(), identity()]),
        "single-float": msgpack.packb(trajectory(), use_single_float=True),
        "datetime": msgpack.packb(gameplay(timestamp=time), datetime=True),
        "timestamp": msgpack.packb(gameplay(timestamp=msgpack.Timestamp.from_datetime(time))),
        "epoch": msgpack.packb(gameplay(timestamp=time.timestamp())),
        "date-only": msgpack.packb(gameplay(timestamp="2026-02-12")),
        "bytes-id": msgpack.packb(gameplay(player_id=b"player_01")),
        "bytes-keys": msgpack.packb({key.encode(): value for key, value in gameplay().items()}),
        "int-keys": msgpack.packb(gameplay(custom_data={1: "a", 2: "b"})),
        "raw-bytes": msgpack.packb(gameplay(custom_data={"icon": b"\xff\xd8\xff\xe0"}), use_bin_type=False),
        "infinity": msgpack.packb(trajectory(fps={"mean": float("inf")})),
        "negative-rate": msgpack.packb(trajectory(fps={"mean": -1.0})),
        "array-bytes": msgpack.packb(trajectory(positions=floats)),
        "samples": msgpack.packb(trajectory(positions=[{"x": 1, "y": 2, "z": 3}])),
        "two-numbers": msgpack.packb(trajectory(positions=[1.0, 2.0])),
        "position-2d": msgpack.packb(gameplay(position=[1.0, 2.0])),
        "numbers-as-text": msgpack.packb(gameplay(position=["1.0", "2.0", "3.0"])),
        "camel-case": msgpack.packb({"eventName": "Player_Jump", **without(gameplay(), "event_name")}),
        "other-names": msgpack.packb({"user_id": "u", **without(gameplay(), "player_id")}),
        "empty-name": msgpack.packb(gameplay(event_name="")),
        "two-kinds": msgpack.packb(gameplay(funnel_step_name="Tutorial")),
        "json-custom-data": msgpack.packb(gameplay(custom_data='{"weapon": "Sword"}')),
        "unreal-time": msgpack.packb(gameplay(timestamp="2026.02.12-10.00.00")),
        "ended-before-start": msgpack.packb(
            trajectory(timestamp_start=trajectory()["timestamp_end"], timestamp_end=trajectory()["timestamp_start"])
        ),
        "twice": msgpack.packb(msgpack.packb(gameplay())),
        "json-inside": msgpack.packb(json.dumps(gameplay())),
        "json": json.dumps(gameplay()).encode(),
        "json-utf-16": json.dumps(gameplay()).encode("utf-16"),
        "repr-of-bytes": repr(whole).encode(),
        "hex": whole.hex().encode(),
        "gzip": gzip.compress(whole, mtime=0),
        "zlib": zlib.compress(whole),
        "wrapped": msgpack.packb({"batch": [gameplay()]}),
        "stream": whole + whole,
        "deep": msgpack.packb(gameplay(custom_data={"a": [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]})),
        "empty-array": msgpack.packb([]),
        "scalar": msgpack.packb(5),
        "several-wrong": msgpack.packb(
            [gameplay(position=1), gameplay(), funnel(session_id=3), trajectory(positions=[])]
        ),
    }
    for name, body in bodies.items():
        yield f"python-{name}", _PYTHON, body


def csharp() -> Iterator[Case]:
    """Layouts of https://github.com/MessagePack-CSharp/MessagePack-CSharp#extensions, assembled."""
    event = gameplay()
    values = list(event.values())
    plain = pack(event)
    lz4 = b"\xf0" + bytes([len(plain) - 15 - 0]) + plain if len(plain) < 270 else plain  # stored, not compressed
    blit = struct.pack("<9f", *trajectory()["positions"])
    names = {key: "".join(part.capitalize() for part in key.split("_")) for key in event}
    ext = msgpack.ExtType
    bodies: dict[str, bytes] = {
        "string-keys": plain,
        "int-keys": pack(values),
        "int-keys-batch": pack([values, values]),
        "lz4-block": msgpack.packb(ext(99, b"\xd2" + len(plain).to_bytes(4, "big") + lz4)),
        "lz4-block-array": pack([ext(98, b"\xcd" + len(plain).to_bytes(2, "big")), lz4]),
        "lz4-block-array-of-four": pack([ext(98, b"\xce" + bytes(3)), lz4]),
        "typeless": msgpack.packb(ext(100, pack("Game.Event, Assembly-CSharp") + plain)),
        "date-time": pack(gameplay(timestamp=Raw(b"\xd6\xff" + (1_770_890_400).to_bytes(4, "big")))),
        "native-date-time": pack(gameplay(timestamp=5_250_000_000_000_000_000)),
        "date-time-offset": pack(gameplay(timestamp=[Raw(b"\xd6\xff" + bytes(4)), 60])),
        "blit-vectors": pack(trajectory(positions=ext(31, blit))),
        "blit-floats": pack(trajectory(positions=ext(38, blit))),
        "vectors": pack(trajectory(positions=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])),
        "enum": pack(trajectory(status=2)),
        "union": pack([0, event]),
        "pascal-case": pack({names[key]: value for key, value in event.items()}),
        "null-recogniser": pack({"positions": None, **event}),
    }
    for name, body in bodies.items():
        yield f"csharp-{name}", _CSHARP, body


def engines() -> Iterator[Case]:
    """Other formats, and what small encoders written for one engine get wrong."""
    event = gameplay()
    whole = pack(event)
    app = pack("app_id") + pack(event["app_id"])
    at = whole.index(app) + len(pack("app_id"))  # the app_id's head: d9 24
    keys = [pack(key) + pack(value) for key, value in event.items()]
    name, umlaut = pack("event_name"), pack(gameplay(event_name="Größe_ändern"))
    cut = umlaut.index("Größe".encode()) - 1
    bodies: dict[str, bytes] = {
        "length-byte-dropped": whole[: at + 1] + whole[at + 2 :],
        "head-byte-dropped": whole[:at] + whole[at + 1 :],
        "length-one-short": whole[:at] + b"\xd9\x23" + whole[at + 2 :],
        "length-one-long": whole[:at] + b"\xd9\x25" + whole[at + 2 :],
        "key-one-short": whole.replace(name, b"\xa9event_name"),
        "characters-counted": umlaut[:cut] + bytes([0xA0 | len("Größe_ändern")]) + umlaut[cut + 1 :],
        "little-endian-str": pack({**event, "custom_data": {"note": Raw(b"\xda\x2c\x01" + b"x" * 300)}}),
        "little-endian-array": pack(trajectory(positions=Raw(b"\xdc\x1e\x00" + b"\x01" * 30))),
        "fixstr-of-36": whole.replace(b"\xd9\x24", bytes([0xA0 | 36 & 0x1F])),
        "count-too-small": bytes([0x80 | len(keys) - 1]) + b"".join(keys),
        "count-too-large": bytes([0x80 | len(keys) + 1]) + b"".join(keys),
        "no-root": b"".join(keys),
        "never-used": pack(gameplay(level_id=Raw(b"\xc1"))),
        "repeated-keys": pack(Pairs([*event.items(), ("player_id", "player_02")])),
        "length-prefixed": len(whole).to_bytes(4, "little") + whole,
        "grpc-framed": b"\0" + len(whole).to_bytes(4, "big") + whole,
        "zero-terminated": whole + b"\0",
        "buffer-of-512": whole.ljust(512, b"\0"),
        "cut-at-4096": pack([trajectory(positions=[1.5] * 900)])[:4096],
        "godot-4": b"\x1b\0\0\0" + len(event).to_bytes(4, "little") + b"\x04\0\0\0\x0a\0\0\0event_name\0\0" + bytes(16),
        "godot-3": b"\x12\0\0\0" + len(event).to_bytes(4, "little") + b"\x04\0\0\0\x0a\0\0\0event_name\0\0" + bytes(16),
        "cbor": b"\xa2\x6aevent_name\x6bPlayer_Jump\x66app_id\x61x",
        "cbor-batch": b"\x81\xa2\x6aevent_name\x6bPlayer_Jump\x66app_id\x61x",
        "bson": (32 + 0).to_bytes(4, "little") + b"\x02event_name\0\x0c\0\0\0Player_Jump"[: 32 - 5] + b"\0",
        "ubjson": b"{i\x0aevent_nameSi\x0bPlayer_Jump}",
        "protobuf": b"\x0a\x0bPlayer_Jump\x12\x0472ab",
        "zstd": b"\x28\xb5\x2f\xfd" + whole,
        "lz4-frame": b"\x04\x22\x4d\x18" + whole,
        "form": b"event_name=Player_Jump&app_id=72ab",
        "multipart": b'--boundary\r\nContent-Disposition: form-data; name="event"\r\n\r\n' + whole,
        "html": b"<!doctype html><title>Sign in</title>",
        "double-in-float": pack(gameplay(position=Raw(b"\x93" + b"\xca" + struct.pack(">d", 10.5) + b"\x00\x00"))),
    }
    for name_, body in bodies.items():
        yield f"engine-{name_}", _WRITER, body


def damaged(good: dict[str, bytes]) -> Iterator[Case]:
    """Real bodies cut short, with bits flipped, and with bytes lost. The same at every run."""
    source = random.Random(2026)
    for name, body in good.items():
        for size in sorted(source.sample(range(1, len(body)), 8)):
            yield f"cut-{name}-{size}", "cut short", body[:size]
        for _ in range(12):
            at, bit = source.randrange(len(body)), source.randrange(8)
            yield f"flip-{name}-{at}.{bit}", "a flipped bit", body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
        for _ in range(8):
            at = source.randrange(len(body))
            yield f"lost-{name}-{at}", "a lost byte", body[:at] + body[at + 1 :]


def main() -> None:
    made = [*javascript(Path(sys.argv[1])), *python(), *csharp(), *engines()]
    by_name = {name: body for name, _, body in made}
    good = {name: by_name[name] for name in ("official-batch", "msgpackr-pack", "lite-batch", "python-single-float")}
    made += damaged(good)
    lines = [json.dumps({"name": name, "encoder": encoder, "body": body.hex()}) for name, encoder, body in made]
    (HERE / "bodies.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
