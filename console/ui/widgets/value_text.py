"""JSON values as a person types them in one line, and back. Pure.

A number, `true`, `false`, `null`, a list and an object are written as in JSON; everything else is text and needs no
quotes. Text that would read as something else gets them: `"10"`.
"""

import json
import math
import re
from typing import Any

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
_OPENING, _CLOSING = "[{", "]}"


class NotAValue(ValueError):
    """What was typed is no value. The text says why, for people."""


def value_text(value: Any) -> str:
    """What a person would type for this value: `read_value` gives it back."""
    if isinstance(value, str):
        return _quoted(value) if _needs_quotes(value) else value
    return json.dumps(value, ensure_ascii=False)


def read_value(text: str) -> Any:
    """The value of typed text. Raises NotAValue for JSON that breaks off."""
    text = text.strip()
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text) or text[:1] in ('"', *_OPENING):
        return read_json(text)
    return text


def read_json(text: str) -> Any:
    """JSON of any kind. Raises NotAValue: with the line where it stops to be any, when there are several."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise NotAValue(f"not JSON: {error.msg.lower()} at {where}") from None
    except RecursionError:
        raise NotAValue("not JSON: nested too deep") from None
    except NotAValue:
        raise
    except ValueError:  # an integer of thousands of digits
        raise NotAValue("not JSON: a number is too long") from None


def list_text(values: list[Any]) -> str:
    """Values with commas between them, `read_list` gives them back; one JSON array where commas would not do."""
    if values and isinstance(values[0], list):
        return json.dumps(values, ensure_ascii=False)
    return ", ".join(_quoted(one) if isinstance(one, str) and _splits(one) else value_text(one) for one in values)


def read_list(text: str) -> list[Any]:
    """The values between commas; one JSON array is taken as the list. Raises NotAValue."""
    text = text.strip()
    if text.startswith("["):
        values: list[Any] = read_json(text)
        return values
    return [read_value(part) for part in _parts(text) if part.strip()]


def texts_text(values: list[Any]) -> str:
    """Texts with commas between them, quoted only where they must be: `read_texts` gives them back."""
    return ", ".join(_quoted(text) if _breaks(text) else text for text in map(str, values))


def read_texts(text: str) -> list[str]:
    """The texts between commas, whatever they look like. Raises NotAValue."""
    parts = [part.strip() for part in _parts(text) if part.strip()]
    return [str(read_json(part)) if part.startswith('"') else part for part in parts]


def kind_word(value: Any) -> str:
    """What a typed value was taken for, in one word."""
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    if value is None:
        return "nothing"
    return "list" if isinstance(value, list) else "object"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _needs_quotes(text: str) -> bool:
    return (
        text != text.strip()
        or text in _WORDS
        or _NUMBER.fullmatch(text) is not None
        or text[:1] in ('"', *_OPENING)
        or not text.isprintable()
    )


def _splits(text: str) -> bool:
    return _breaks(text) or _needs_quotes(text)


def _breaks(text: str) -> bool:
    return text != text.strip() or not text.isprintable() or not text or any(sign in text for sign in ',"[]{}')


def _parts(text: str) -> list[str]:
    parts, start, depth, quoted, escaped = [], 0, 0, False, False
    for at, sign in enumerate(text):
        if quoted:
            if sign == '"' and not escaped:
                quoted = False
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            quoted = True
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        elif sign == "," and depth <= 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotAValue(f"not JSON: {text} is too large a number")
    return number


def _refuse_constant(name: str) -> Any:
    raise NotAValue(f"not JSON: {name} is no number there")
