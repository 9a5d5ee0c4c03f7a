import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.players import values as v
from console.players.values import InvalidValue

plain = (
    st.none()
    | st.booleans()
    | st.integers(v.MIN_INT, v.MAX_INT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
)


@settings(deadline=None)
@given(st.dictionaries(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=9), plain))
def test_whatever_json_can_say_within_bounds_is_taken(data: dict) -> None:
    assert v.properties(data, "$.properties") is data


def test_bounds_are_taken_to_the_last() -> None:
    v.properties({"text": "x" * 1_000, "list": [1] * 100, "deep": {"er": {"last": 1}}, "é" * 256: None}, "$")
    v.properties({f"k{n}": n for n in range(200)}, "$")


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        ([], "$.a", "expected an object, got an array"),
        (None, "$.a", "expected an object, got null"),
        ({"x": math.nan}, "$.a.x", "is not a finite number"),
        ({"x": [1, -math.inf]}, "$.a.x[1]", "is not a finite number"),
        ({"x": 2**63}, "$.a.x", "does not fit in 64 bits: send it as text"),
        ({"x": -(2**63) - 1}, "$.a.x", "does not fit in 64 bits: send it as text"),
        ({"x y": "a" * 1_001}, '$.a["x y"]', "is 1,001 characters long: at most 1,000 are taken"),
        ({"x": [0] * 101}, "$.a.x", "has 101 items: at most 100 are taken"),
        ({"x": {"y": {"z": {}}}}, "$.a.x.y.z", "is nested deeper than 3 levels"),
        ({"x": [[[]]]}, "$.a.x[0][0]", "is nested deeper than 3 levels"),
        ({str(n): n for n in range(201)}, "$.a", "has 201 keys: at most 200 are taken"),
        ({str(n): [0] * 100 for n in range(20)}, '$.a["19"][80]', "there are more than 2,000 values in all"),
        ({"": 1}, '$.a[""]', "a key has 1 to 256 characters, not 0"),
        ({"k" * 257: 1}, "$.a." + "k" * 60 + "…", "a key has 1 to 256 characters, not 257"),
        ({"x": "a\0b"}, "$.a.x", "contains the character U+0000"),
        ({"x\0": 1}, '$.a["x\\u0000"]', "contains the character U+0000"),
        ({"x": "\ud800"}, "$.a.x", "contains half of a character (U+D800, a lone surrogate)"),
        ({"\udfff": 1}, '$.a["?"]', "contains half of a character (U+DFFF, a lone surrogate)"),
        ({"x": b"raw"}, "$.a.x", "is no JSON value: bytes"),
        ({1: 1}, "$.a", "a key is a number, not text"),
    ],
)
def test_free_form_data_is_refused_with_its_path(data: object, path: str, message: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        v.properties(data, "$.a")
    if path.startswith("$.a.kkk"):
        assert raised.value.path.startswith('$.a["kkk') or raised.value.path.startswith("$.a.kkk")
    else:
        assert raised.value.path == path
    assert raised.value.message == message
    assert str(raised.value) == f"{raised.value.path}: {message}"


def test_ids() -> None:
    assert v.identifier("player 1/é", "$.external_id") == "player 1/é"
    assert v.identifier("x" * 256, "$") == "x" * 256
    for bad, message in [
        ("", "must not be empty"),
        ("x" * 257, "is longer than 256 characters"),
        (5, "expected text, got a number"),
        (True, "expected text, got true or false"),
        ("a\0", "contains the character U+0000"),
        ("\udc80", "contains half of a character (U+DC80, a lone surrogate)"),
    ]:
        with pytest.raises(InvalidValue) as raised:
            v.identifier(bad, "$.external_id")
        assert (raised.value.path, raised.value.message) == ("$.external_id", message)


def test_email_addresses() -> None:
    for good in ["a@b", "first.last+tag@studio.example", "ü@bücher.example", "x" * 64 + "@" + "y" * 255]:
        assert v.email_address(good, "$.email") == good
    for bad in ["", "a", "@", "a@", "@b", "a b@c", "a@b\n", "a@b@c", "x" * 65 + "@b", "x" * 321, None, 5, "a\0@b"]:
        with pytest.raises(InvalidValue, match=r"^\$\.email: "):
            v.email_address(bad, "$.email")


def test_player_ids_are_uuids_in_one_form() -> None:
    known = "550e8400-e29b-41d4-a716-446655440000"
    assert v.player_uuid(known) == known
    assert v.player_uuid(known.upper()) == known
    for bad in ["", "uuid-1", known[:-1], known + "0", "{" + known + "}", known.replace("-", ""), f" {known}", 5, None]:
        with pytest.raises(InvalidValue) as raised:
            v.player_uuid(bad)
        assert raised.value.message == "Invalid player_id format"


@settings(deadline=None)
@given(st.integers(1, v.MAX_AMOUNT_MINOR))
def test_amounts_are_exact(amount: int) -> None:
    assert v.amount_minor(f"{amount // 100}.{amount % 100:02}") == amount


def test_amounts_as_people_write_them() -> None:
    assert [v.amount_minor(text) for text in ["4.99", "5", "0.1", "0.01", "004.50", "1000000.00"]] == [
        499,
        500,
        10,
        1,
        450,
        100_000_000,
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is missing: say how much, like ?amount=4.99"),
        ("0", "must be more than 0"),
        ("0.00", "must be more than 0"),
        ("-4.99", "must be more than 0"),
        ("4.999", "has more than 2 decimals"),
        ("4,99", "a point separates the decimals, and nothing the thousands: 4.99"),
        ("1,000.00", "a point separates the decimals, and nothing the thousands: 4.99"),
        ("1000000.01", "is more than 1,000,000.00"),
        ("999999999999", "is more than 1,000,000.00"),
        *[
            (text, "is no amount: write digits with at most 2 decimals, like 4.99")
            for text in ["NaN", "inf", "1e3", "+1", "4.", ".5", "٤.٩٩", "0x10", "1_000", " 1", "1" * 5_000, "$5", "-"]
        ],
    ],
)
def test_amounts_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        v.amount_minor(text)
    assert (raised.value.path, raised.value.message) == ("$.amount", message)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_no_amount_raises_anything_else(text: str) -> None:
    try:
        assert 0 < v.amount_minor(text) <= v.MAX_AMOUNT_MINOR
    except InvalidValue as error:
        assert error.message  # noqa: PT017 - the point is that it is the one error


def test_durations() -> None:
    assert v.duration_secs(0, "$") == 0.0
    assert v.duration_secs(12.5, "$") == 12.5
    assert v.duration_secs(v.MAX_DURATION_SECS, "$") == v.MAX_DURATION_SECS
    for bad in [-1, -0.001, math.nan, math.inf, 1e300, 10**400, "5", True, None, []]:
        with pytest.raises(InvalidValue, match=r"^\$\.duration_seconds: "):
            v.duration_secs(bad, "$.duration_seconds")
