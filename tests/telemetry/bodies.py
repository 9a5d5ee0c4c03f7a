"""Events and bodies for the tests of the telemetry domain."""

from collections.abc import Iterable
from typing import Any

import msgpack
from hypothesis import strategies as st

APP_ID = "72ab8f81-ef36-4712-a046-399a62b9afaa"
START = "2026-02-12T10:00:00Z"
END = "2026-02-12T10:00:05Z"

_IDS = {"app_id": APP_ID, "build_id": "Win64_Shipping_1.0.2", "player_id": "player_01"}


def identity(**changes: Any) -> dict[str, Any]:
    hardware = {"gpu": "RTX 4090", "ram": "32GB"}
    return {
        "event_name": "Create_Player",
        **_IDS,
        "region": "EU-West",
        "hardware": hardware,
        "timestamp": START,
        **changes,
    }


def funnel(**changes: Any) -> dict[str, Any]:
    name = {"funnel_step_name": "Tutorial_Start"}
    return {**name, **_IDS, "session_id": "s-01", "level_id": "Training_Grounds", "timestamp": START, **changes}


def gameplay(**changes: Any) -> dict[str, Any]:
    return {
        "event_name": "Player_Jump",
        **_IDS,
        "session_id": "s-01",
        "level_id": "Level_1",
        "position": [10.5, 0.0, -5.2],
        "custom_data": {"weapon": "Sword", "ammo": 10},
        "input_method": "Gamepad",
        "timestamp": START,
        **changes,
    }


def trajectory(**changes: Any) -> dict[str, Any]:
    return {
        **_IDS,
        "session_id": "s-01",
        "status": "Gameplay",
        "input_method": "Gamepad",
        "fps": {"mean": 60, "low_5": 55, "low_1": 30},
        "positions": [10.0, 0.0, 1.0, 10.1, 0.0, 1.1, 10.2, 0.0, 1.2],
        "timestamp_start": START,
        "timestamp_end": END,
        **changes,
    }


KINDS = (identity, funnel, gameplay, trajectory)


def without(event: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in keys}


class Pairs:
    """A map in which a key may stand twice."""

    def __init__(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        self.pairs = list(pairs)

    def __repr__(self) -> str:
        return f"Pairs({self.pairs!r})"


def pack(value: Any) -> bytes:
    """MessagePack of anything, Pairs and given bytes of `Raw` among it."""
    if isinstance(value, Raw):
        return value.content
    if isinstance(value, Pairs):
        packed = msgpack.Packer().pack_map_header(len(value.pairs))
        return packed + b"".join(pack(key) + pack(item) for key, item in value.pairs)
    if isinstance(value, dict):
        return pack(Pairs(value.items()))
    if isinstance(value, list):
        return msgpack.Packer().pack_array_header(len(value)) + b"".join(map(pack, value))
    return msgpack.packb(value)


class Raw:
    """Bytes that stand for one value, right or wrong."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __repr__(self) -> str:
        return f"Raw({self.content!r})"


# ----------------------------------------------------------------------------------------------------------- hypothesis

good_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.binary(max_size=4)
)
bad_scalars = st.sampled_from(
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        Raw(b"\xca\x7f\xc0\x00\x00"),
        Raw(b"\xa2\xff\xfe"),
        Raw(b"\xa3\xed\xa0\x80"),
        Raw(b"\xd6\xff\x00\x00\x00\x00"),
        Raw(b"\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        Raw(b"\xd4\xff\x00"),
        Raw(b"\xc7\x0c\xff" + bytes(12)),
        Raw(b"\xc7\x00\x62"),
        msgpack.ExtType(31, b"x" * 12),
        msgpack.ExtType(100, b"x"),
        Raw(b"\xc1"),
        Raw(b""),
    ]
)
keys = st.sampled_from(["a", "b", "mean", "low_1", "event_name", "timestamp"]) | st.text(max_size=5)
bad_keys = st.sampled_from(
    [1, None, b"a", True, 1.5, Raw(b"\xa1\xff"), Raw(b"\x90"), Raw(b"\x81\x01\x02"), Raw(b"\x91\x80")]
)


def nested(scalars: st.SearchStrategy[Any], map_keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(map_keys, inner), max_size=4).map(Pairs),
        max_leaves=8,
    )


def levels(depth: int, innermost: Any = 1) -> Any:
    """Lists in lists."""
    for _ in range(depth):
        innermost = [innermost]
    return innermost


good_values = nested(good_scalars, keys)
bad_values = nested(good_scalars | bad_scalars, keys | bad_keys) | st.integers(10, 20).map(levels)
times = st.sampled_from(
    [
        START,
        END,
        "2026-02-12T10:00:00",
        "2026-02-12t10:00:00.123456789z",
        "2026-02-12 10:00:00+02:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.9999999Z",
        "2026-02-12",
        "2026.02.12-10.00.00",
        "1770890400",
        "1" * 400,
        "",
        "x",
    ]
)
field_names = st.sampled_from(
    sorted({key for kind in KINDS for key in kind()} | {"extra", "received_at", "seq", "session_id", "Event_Name"})
)


@st.composite
def events(draw: st.DrawFn, *, bad: bool = False) -> Pairs:
    """An event with entries put in, exchanged, repeated and taken out."""
    pairs: list[tuple[Any, Any]] = list(draw(st.sampled_from(KINDS))().items())
    for _ in range(draw(st.integers(0, 3))):
        values = (bad_values if bad else good_values) | good_values | times
        key: Any = draw(field_names | keys | bad_keys if bad else field_names | keys)
        pair = (key, draw(values))
        at = draw(st.integers(0, len(pairs)))
        action = draw(st.sampled_from(["insert", "exchange", "remove"]))
        if action == "insert" or at == len(pairs):
            pairs.insert(at, pair)
        elif action == "exchange":
            pairs[at] = (pairs[at][0], pair[1])
        else:
            del pairs[at]
    return Pairs(pairs)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """One event or a batch, good or bad in meaning."""
    some = events() | events(bad=True)
    if draw(st.booleans()):
        return pack(draw(some))
    return pack(draw(st.lists(some | bad_values, max_size=3) | st.lists(some, min_size=1, max_size=4)))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A body with bytes cut off, exchanged, put in or taken out."""
    body = bytearray(draw(bodies()))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.sampled_from(["cut", "exchange", "insert", "remove"])):
            case "cut":
                del body[at:]
            case "exchange":
                body[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "insert":
                body[at:at] = draw(st.binary(min_size=1, max_size=5))
            case "remove":
                del body[at : at + draw(st.integers(1, 3))]
    return bytes(body)
