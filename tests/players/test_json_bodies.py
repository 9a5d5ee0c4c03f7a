import json
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from console.players.json_bodies import decode_json
from console.players.values import InvalidValue


class Item(Struct, forbid_unknown_fields=True):
    name: str | None = None
    numbers: list[int] = []
    data: dict[str, Any] = {}


class Body(Struct):
    player_id: str
    items: Annotated[list[Item], msgspec.Meta(max_length=3)] = []
    kind: Literal["a", "b"] = "a"


def test_a_body_is_read_into_its_type() -> None:
    body = decode_json(b'{"player_id": "p", "items": [{"name": null, "data": {"x": [1.5, {}]}}], "more": 1}', Body)
    assert body == Body(player_id="p", items=[Item(data={"x": [1.5, {}]})])


CUT = "the body is not JSON: it ends in the middle of a value, or holds half of a surrogate pair"
HALF = "contains half of a character (a lone surrogate)"
RANGE = "is a number out of range"
NO_JSON = "is not JSON: send null, or leave it out"


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        (b"", "$", "the body is empty: send a JSON object"),
        (b" \n", "$", "the body is empty: send a JSON object"),
        (b"[]", "$", "expected an object, got an array"),
        (b"{}", "$.player_id", "is missing"),
        (b'{"player_id":7}', "$.player_id", "expected text, got an integer"),
        (b'{"items":[{},{"name":[]}]}', "$.items[1].name", "expected text or null, got an array"),
        (b'{"items":[{"numbers":[1,"2"]}]}', "$.items[0].numbers[1]", "expected an integer, got text"),
        (b'{"items":[{"nmae":1}]}', "$.items[0].nmae", "is no key that is known here"),
        (b'{"items":[{},{},{},{}]}', "$.items", "expected an array of length <= 3"),
        (b'{"kind":"c"}', "$.kind", "invalid enum value 'c'"),
        (b'{"items":[{"data":{"a b":[0,1e999]}}]}', '$.items[0].data["a b"][1]', RANGE),
        (b'{"items":[{"data":{"n":' + b"9" * 5_000 + b"}}]}", "$.items[0].data.n", RANGE),
        (b'{"player_id":"\\ud83d!"}', "$.player_id", HALF),
        (b'{"items":[{"data":{"\\udc00":1}}]}', '$.items[0].data["?"]', HALF),
        (b'{"player_id":"\xff"}', "$", "the body is not UTF-8: byte 0xff at byte 14 (line 1, column 15)"),
        (b"\x81\xa1a\x01", "$", "the body is not UTF-8: byte 0x81 at byte 0 (line 1, column 1)"),
        (b"\xef\xbb\xbf{}", "$", "the body starts with a byte order mark: send UTF-8 without one"),
        (b'{"player_id":NaN}', "$.player_id", f"NaN {NO_JSON}"),
        (b'{"items":[{"data":{"x":[-Infinity]}}]}', "$.items[0].data.x[0]", f"-Infinity {NO_JSON}"),
        (b'{"player_id":"p"', "$", CUT),
        (b'{"player_id":"p"} {}', "$", "the body is not JSON: trailing characters at byte 18 (line 1, column 19)"),
        (b"{'a':1}", "$", "the body is not JSON: object keys must be strings at byte 1 (line 1, column 2)"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "$.a[0][0][0][0][0]…", "is nested too deeply"),
        (b'{"a":[1,{"b}":"{"},' + b'{"k":' * 50_000, "$.a[2].k.k.k.k…", "is nested too deeply"),
    ],
)
def test_every_other_body_is_refused_with_path_and_place(body: bytes, path: str, message: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        decode_json(body, Body)
    assert (raised.value.path, raised.value.message) == (path, message)


def test_a_large_body_is_not_looked_through_again() -> None:
    body = b'{"player_id":"p","items":[{"data":{"a":[' + b"0," * 100_000 + b"1e999]}}]}"
    with pytest.raises(InvalidValue) as raised:
        decode_json(body, Body)
    assert raised.value.path == "$.items[0].data[...][100000]"


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    try:
        decode_json(body, Body)
    except InvalidValue as error:
        assert error.path.startswith("$")  # noqa: PT017 - the point is that it is the one error


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_values, st.integers(0, 200), st.sampled_from([b"", b"\\", b'"', b"}", b"\xed\xa0\x80", b"1e999"]))
def test_no_damaged_json_raises_anything_else(value: Any, at: int, damage: bytes) -> None:
    body = json.dumps({"player_id": "p", "items": [{"data": {"x": value}}]}).encode("utf-8", "surrogatepass")
    body = body[:at] + damage + body[at:]
    try:
        decode_json(body, Body)
    except InvalidValue as error:
        assert error.path.startswith("$")  # noqa: PT017 - the point is that it is the one error
        str(error).encode()
