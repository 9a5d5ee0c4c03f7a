"""Values of flags: which a flag of a type can have, and when two are the same."""

import math
from typing import Any, Final

import msgspec

from console.players.definitions import Flag, FlagType, InvalidDefinition, Variant
from console.players.paths import step_text
from console.players.values import MAX_INT, MIN_INT, kind_of

MAX_TEXT_CHARS: Final = 10_000
MAX_JSON_DEPTH: Final = 16
MAX_JSON_BYTES: Final = 64 * 1024

_TYPE_WORDS: Final[dict[FlagType, str]] = {"boolean": "true or false", "string": "text", "number": "a number"}


def check_value(flag: Flag, value: object, path: str) -> None:
    """Whether a flag can have this value; of a multivariate flag it must be the value of a variant.

    Raises InvalidDefinition.
    """
    if flag.type != "multivariate":
        check_type(flag.type, value, path)
    elif variant_with(flag, value) is None:
        check_json(value, path)
        raise InvalidDefinition(path, "a multivariate flag has the values of its variants: this is none of them")


def check_type(flag_type: FlagType, value: object, path: str) -> None:
    """Whether a value is of a flag's type. Raises InvalidDefinition."""
    if not fits(flag_type, value):
        raise InvalidDefinition(path, f"a {flag_type} flag has {_TYPE_WORDS[flag_type]}, not {kind_of(value)}")
    check_json(value, path)


def fits(flag_type: FlagType, value: object) -> bool:
    """Whether a value is of a flag's type, as far as its kind goes."""
    if flag_type == "boolean":
        return type(value) is bool
    if flag_type == "string":
        return type(value) is str
    if flag_type == "number":
        return type(value) is int or type(value) is float
    return True


def check_json(value: object, path: str) -> None:
    """Whether a value is JSON that every client can read, of a reasonable size. Raises InvalidDefinition."""
    _check(value, path, 1)
    if len(msgspec.json.encode(value)) > MAX_JSON_BYTES:
        raise InvalidDefinition(path, f"is larger than {MAX_JSON_BYTES // 1024} KiB as JSON")


def _check(value: object, path: str, depth: int) -> None:
    if value is None or type(value) is bool:
        return
    if type(value) is str:
        check_text(value, path, MAX_TEXT_CHARS)
    elif type(value) is int:
        if not MIN_INT <= value <= MAX_INT:
            raise InvalidDefinition(path, "does not fit in 64 bits: write it as text")
    elif type(value) is float:
        if not math.isfinite(value):
            raise InvalidDefinition(path, "is not a finite number")
    elif type(value) is dict or type(value) is list:
        if depth > MAX_JSON_DEPTH:
            raise InvalidDefinition(path, f"is nested deeper than {MAX_JSON_DEPTH} levels")
        for step, item in value.items() if type(value) is dict else enumerate(value):
            if type(value) is dict:
                if type(step) is not str:
                    raise InvalidDefinition(path, f"a key is {kind_of(step)}, not text")
                check_text(step, path, MAX_TEXT_CHARS)
            _check(item, path + step_text(step), depth + 1)
    else:
        raise InvalidDefinition(path, f"is no JSON value: {type(value).__name__}")


def check_text(text: str, path: str, most: int) -> None:
    """Text of a bounded length that can be encoded. Raises InvalidDefinition."""
    if len(text) > most:
        raise InvalidDefinition(path, f"is {len(text):,} characters long: at most {most:,} are taken")
    if "\0" in text:
        raise InvalidDefinition(path, "contains the character U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidDefinition(path, "contains half of a character (a lone surrogate)") from None


def default_of(flag: Flag) -> Any:
    """The value of a flag when nothing else decides: a boolean one without any is false."""
    return False if flag.default_value is None and flag.type == "boolean" else flag.default_value


def variant_with(flag: Flag, value: object) -> Variant | None:
    """The first variant of this value."""
    return next((variant for variant in flag.variants if same_value(variant.value, value)), None)


def same_value(one: object, other: object) -> bool:
    """Equal as JSON: true is not 1, 1.0 is 1, and the order of keys does not matter."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    return one == other
