"""What a client of the player API may send as a value, and the sentence for what it may not.

Every check raises InvalidValue with the JSON path of the value, so that whoever reads the answer need not search.
"""

import re
from typing import Any

from console.players.paths import Path, path_text

# The documented message, word for word.
INVALID_PLAYER_ID = "Invalid player_id format"

MAX_ID_CHARS = 256
MAX_TEXT_CHARS = 1_000
MAX_EMAIL_CHARS = 320
MAX_KEYS = 200
MAX_ITEMS = 100
MAX_DEPTH = 3
MAX_VALUES = 2_000
MIN_INT = -(2**63)
MAX_INT = 2**63 - 1
MAX_AMOUNT_MINOR = 100_000_000
MAX_DURATION_SECS = 30 * 86_400.0


class InvalidValue(ValueError):
    """A value that is refused. `path` leads to it in the request; `message` says what is wrong with it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def identifier(value: object, path: str) -> str:
    """An id or a name: 1 … 256 characters of text."""
    if type(value) is not str:
        raise InvalidValue(path, f"expected text, got {kind_of(value)}")
    if not value:
        raise InvalidValue(path, "must not be empty")
    if len(value) > MAX_ID_CHARS:
        raise InvalidValue(path, f"is longer than {MAX_ID_CHARS} characters")
    _check_characters(value, path)
    return value


# Something, one @, something: more than that only a mail can tell (RFC 5321 bounds the whole to 64 + 1 + 255).
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,255}")


def email_address(value: object, path: str) -> str:
    """An e-mail address that can be one, of at most 320 characters."""
    if type(value) is not str:
        raise InvalidValue(path, f"expected an e-mail address, got {kind_of(value)}")
    if len(value) > MAX_EMAIL_CHARS:
        raise InvalidValue(path, f"is longer than {MAX_EMAIL_CHARS} characters")
    _check_characters(value, path)
    if not _EMAIL.fullmatch(value):
        raise InvalidValue(path, "is no e-mail address")
    return value


_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def player_uuid(value: object) -> str:
    """A player's id in its one form, lower case. The message is the documented one, without a path."""
    if type(value) is str and _UUID.fullmatch(value):
        return value.lower()
    raise InvalidValue("$.player_id", INVALID_PLAYER_ID)


def properties(value: object, path: str) -> dict[str, Any]:
    """Free-form data: attributes of a player, properties of an event.

    Text of at most 1,000 characters, integers of 64 bits, finite numbers, arrays of at most 100 items, maps of at most
    200 keys, the map itself and two levels below it, 2,000 values in all.
    """
    if type(value) is not dict:
        raise InvalidValue(path, f"expected an object, got {kind_of(value)}")
    _check_map(value, (None, path), 1, MAX_VALUES)
    return value


def _check_map(value: dict[Any, Any], path: Path, depth: int, left: int) -> int:
    if len(value) > MAX_KEYS:
        raise InvalidValue(path_text(path), f"has {len(value):,} keys: at most {MAX_KEYS} are taken")
    for key, item in value.items():
        if type(key) is not str:
            raise InvalidValue(path_text(path), f"a key is {kind_of(key)}, not text")
        if not 0 < len(key) <= MAX_ID_CHARS:
            raise InvalidValue(path_text((path, key)), f"a key has 1 to {MAX_ID_CHARS} characters, not {len(key):,}")
        if not (key.isascii() and key.isprintable()):
            _check_characters(key, path_text((path, key)))
        left = _check_value(item, path, key, depth, left)
    return left


def _check_value(item: Any, path: Path, step: str | int, depth: int, left: int) -> int:
    """Check what stands at `step` of a container; returns how many more values there may be."""
    kind = type(item)
    if kind is not dict and kind is not list:
        wrong = _scalar_problem(item, kind)
    elif depth < MAX_DEPTH:
        check = _check_map if kind is dict else _check_list
        return check(item, (path, step), depth + 1, left - 1)
    else:
        wrong = f"is nested deeper than {MAX_DEPTH} levels"
    if left <= 0:
        wrong = f"there are more than {MAX_VALUES:,} values in all"
    if wrong:
        raise InvalidValue(path_text((path, step)), wrong)
    return left - 1


def _scalar_problem(item: Any, kind: type) -> str:
    if kind is str:
        if len(item) > MAX_TEXT_CHARS:
            return f"is {len(item):,} characters long: at most {MAX_TEXT_CHARS:,} are taken"
        return "" if item.isascii() and "\0" not in item else _bad_characters(item)
    if kind is int:
        return "" if MIN_INT <= item <= MAX_INT else "does not fit in 64 bits: send it as text"
    if kind is float:
        return "" if item - item == 0.0 else "is not a finite number"  # NaN or an infinity, without a call
    return "" if item is None or kind is bool else f"is no JSON value: {kind.__name__}"


def _check_list(value: list[Any], path: Path, depth: int, left: int) -> int:
    if len(value) > MAX_ITEMS:
        raise InvalidValue(path_text(path), f"has {len(value):,} items: at most {MAX_ITEMS} are taken")
    for index, item in enumerate(value):
        left = _check_value(item, path, index, depth, left)
    return left


def _check_characters(text: str, path: str) -> None:
    if wrong := _bad_characters(text):
        raise InvalidValue(path, wrong)


def _bad_characters(text: str) -> str:
    if "\0" in text:
        return "contains the character U+0000"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"contains half of a character (U+{ord(text[error.start]):04X}, a lone surrogate)"
    return ""


_AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
_NEGATIVE = re.compile(r"-[0-9]+(?:\.[0-9]*)?")
_MANY_DECIMALS = re.compile(r"[0-9]+\.[0-9]{3,}")


def amount_minor(text: str, path: str = "$.amount") -> int:
    """Money as decimal text, in hundredths: `4.99` → 499. More than 0, at most 1,000,000.00.

    Read as text, never as a binary fraction, so that sums are exact.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise InvalidValue(path, _bad_amount(text))
    amount = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if amount == 0:
        raise InvalidValue(path, "must be more than 0")
    if amount > MAX_AMOUNT_MINOR:
        raise InvalidValue(path, f"is more than {MAX_AMOUNT_MINOR // 100:,}.00")
    return amount


def _bad_amount(text: str) -> str:
    if not text:
        return "is missing: say how much, like ?amount=4.99"
    if _NEGATIVE.fullmatch(text):
        return "must be more than 0"
    if _MANY_DECIMALS.fullmatch(text):
        return "has more than 2 decimals"
    if "," in text:
        return "a point separates the decimals, and nothing the thousands: 4.99"
    return "is no amount: write digits with at most 2 decimals, like 4.99"


def duration_secs(value: object, path: str) -> float:
    """How long a session was, in seconds: 0 … 30 days."""
    if type(value) is not int and type(value) is not float:
        raise InvalidValue(path, f"expected a number of seconds, got {kind_of(value)}")
    if not value >= 0:
        raise InvalidValue(path, "must be 0 or more")
    if value > MAX_DURATION_SECS:
        raise InvalidValue(path, f"is longer than 30 days ({MAX_DURATION_SECS:,.0f} s)")
    return float(value)


_KINDS: dict[type, str] = {
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "an array",
    type(None): "null",
}


def kind_of(value: object) -> str:
    """What a value is, in JSON's words."""
    return _KINDS.get(type(value), type(value).__name__)
