"""Where values lie: against msgpack's own reader."""

import io
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.layout import (
    Broken,
    Form,
    describe,
    find_break,
    head_at,
    key_text,
    path_text,
    scalar_at,
    skip,
)
from tests.telemetry.bodies import bad_keys, bad_scalars, good_scalars, keys, nested, pack


@pytest.mark.parametrize(
    ("body", "form", "label", "value"),
    [
        (b"\x05", Form.INT, "fixint", 5),
        (b"\xff", Form.INT, "fixint", -1),
        (b"\xcc\xff", Form.INT, "uint8", 255),
        (b"\xcd\xff\xff", Form.INT, "uint16", 65_535),
        (b"\xce\xff\xff\xff\xff", Form.INT, "uint32", 2**32 - 1),
        (b"\xcf" + b"\xff" * 8, Form.INT, "uint64", 2**64 - 1),
        (b"\xd0\x80", Form.INT, "int8", -128),
        (b"\xd1\x80\x00", Form.INT, "int16", -32_768),
        (b"\xd2\x80\x00\x00\x00", Form.INT, "int32", -(2**31)),
        (b"\xd3\x80" + b"\x00" * 7, Form.INT, "int64", -(2**63)),
        (b"\xca\x3f\xc0\x00\x00", Form.FLOAT, "float32", 1.5),
        (b"\xcb\x3f\xf8" + b"\x00" * 6, Form.FLOAT, "float64", 1.5),
        (b"\xc0", Form.NIL, "nil", None),
        (b"\xc2", Form.BOOL, "bool", False),
        (b"\xc3", Form.BOOL, "bool", True),
        (b"\xa1x", Form.STR, "str", "x"),
        (b"\xd9\x01x", Form.STR, "str", "x"),
        (b"\xda\x00\x01x", Form.STR, "str", "x"),
        (b"\xdb\x00\x00\x00\x01x", Form.STR, "str", "x"),
        (b"\xc4\x01x", Form.BIN, "bin", b"x"),
        (b"\xc5\x00\x01x", Form.BIN, "bin", b"x"),
        (b"\xc6\x00\x00\x00\x01x", Form.BIN, "bin", b"x"),
        (b"\xd4\x05x", Form.EXT, "ext", b"x"),
        (b"\xd8\xff" + b"x" * 16, Form.EXT, "ext", b"x" * 16),
        (b"\xc7\x01\x05x", Form.EXT, "ext", b"x"),
        (b"\xc8\x00\x01\x05x", Form.EXT, "ext", b"x"),
        (b"\xc9\x00\x00\x00\x01\x05x", Form.EXT, "ext", b"x"),
    ],
)
def test_scalars(body: bytes, form: Form, label: str, value: Any) -> None:
    head = head_at(body, 0)
    assert (head.form, head.label, head.end) == (form, label, len(body))
    assert scalar_at(body, 0, head) == value
    assert skip(body, 0) == len(body)
    assert skip(b"\x93" + body * 3, 0) == 1 + 3 * len(body)
    for end in range(len(body)):
        with pytest.raises(Broken):
            head_at(body[:end], 0)
        with pytest.raises(Broken):
            skip(body[:end], 0)


@pytest.mark.parametrize(
    ("body", "form", "children"),
    [
        (b"\x93", Form.ARRAY, 3),
        (b"\xdc\x01\x00", Form.ARRAY, 256),
        (b"\xdd\x00\x01\x00\x00", Form.ARRAY, 65_536),
        (b"\x83", Form.MAP, 6),
        (b"\xde\x01\x00", Form.MAP, 512),
        (b"\xdf\x00\x01\x00\x00", Form.MAP, 131_072),
    ],
)
def test_containers(body: bytes, form: Form, children: int) -> None:
    head = head_at(body, 0)
    assert (head.form, head.children, head.end, head.content) == (form, children, len(body), len(body))
    with pytest.raises(TypeError):
        scalar_at(body, 0, head)
    assert skip(body + b"\xc0" * children + b"rest", 0) == len(body) + children


def test_extension_types_are_signed() -> None:
    assert head_at(b"\xd4\xffx", 0).code == -1
    assert head_at(b"\xc7\x01\x62x", 0).code == 98


@given(nested(good_scalars, keys))
def test_good_values_have_no_break(value: Any) -> None:
    body = pack(value)
    assert skip(body, 0) == len(body)
    assert find_break(body) is None
    assert find_break(body + b"\x00") is not None


@given(nested(good_scalars | bad_scalars, keys | bad_keys) | st.binary(max_size=30))
def test_any_bytes_break_where_msgpack_breaks(value: Any) -> None:
    body = value if type(value) is bytes else pack(value)
    reader = msgpack.Unpacker(io.BytesIO(body))
    try:
        reader.skip()
        readable = reader.tell() == len(body)
    except (ValueError, msgpack.OutOfData):
        readable = False
    broken = find_break(body)
    assert (broken is None) is readable
    if broken is not None:
        assert 0 <= broken.start <= broken.end <= len(body)
        assert broken.message
        assert broken.hint


def test_depth_costs_nothing() -> None:
    body = b"\x91" * 200_000 + b"\xc0"
    assert skip(body, 0) == len(body)
    assert find_break(body) is None
    broken = find_break(body[:-1])
    assert broken is not None
    assert path_text(broken.path).endswith("[0]…")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", 'str "x"'),
        ('a"\n', 'str "a\\"\\n"'),
        ("é" * 50, 'str "' + "é" * 40 + '…"'),
        ("é" * 500, 'str "' + "é" * 40 + '…"'),
        (5, "int 5"),
        (1.5, "float64 1.5"),
        (float("-inf"), "-Infinity"),
        (None, "nil"),
        (True, "bool true"),
        (b"xy", "bin of 2 bytes"),
        ([1, 2], "array of 2"),
        ({"a": 1}, "map of 1"),
        (msgpack.ExtType(5, b"x"), "ext type 5 of 1 bytes"),
    ],
)
def test_describe(value: Any, text: str) -> None:
    assert describe(pack(value), 0) == text


def test_paths() -> None:
    assert path_text(None) == "$"
    assert path_text((((None, 3), "position"), 1)) == "$[3].position[1]"
    assert path_text(((None, "a b"), 'q"')) == '$["a b"]["q\\""]'
    assert path_text((None, "x" * 100)) == '$["' + "x" * 60 + '…"]'
    assert key_text(pack("é"), 0) == "é"
    assert key_text(pack(5), 0) == "int 5"
    assert key_text(b"\xa1\xff", 0) == "\ufffd"


def test_a_break_says_whether_something_follows_a_whole_value() -> None:
    behind, inside = find_break(b"\x01" * 2), find_break(b"\x92\x01")
    assert behind is not None
    assert behind.trailing
    assert inside is not None
    assert not inside.trailing
