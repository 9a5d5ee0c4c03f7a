"""What equal failures have in common: a table's line without what differs from one request to the next."""

import re
from typing import Final

MAX_PATTERN_CHARS: Final = 240
_MAX_LINE_CHARS: Final = 600  # a line of the server's own is shorter; whatever a client put into it is cut

# One alternative a kind of detail. Each is linear in the line, which is short.
_DETAIL: Final = re.compile(
    r"""
    (?P<index>    \[\d+\] )
  | (?P<double>   "(?:[^"\\]|\\.)*" )
  | (?P<single>   (?<!\w)'(?:[^'\\]|\\.)*'(?!\w) )
  | (?P<key>      \b[ps]k_(?:live|test)_\S* )
  | (?P<uuid>     \b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b )
  | (?P<address>  (?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w)
                  | (?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){1,6}:[0-9a-fA-F]{1,4}\b )
  | (?P<path>     (?<=\broute\ )/\S*? (?=[:;?,]?(?:\s|$)) )
  | (?P<number>   (?<![\w.$])(?<!\bext\ )[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w]) )
    """,
    re.VERBOSE,
)
_SHOWN: Final = {
    "index": "[*]",
    "double": '"…"',
    "single": "'…'",
    "key": "…",
    "uuid": "…",
    "address": "…",
    "path": "/…",
    "number": "#",
}


def failure_pattern(first_error: str) -> str:
    """The line with indices as `[*]`, numbers as `#` and quoted text, keys, ids and addresses as `…`.

    Requests that one mistake of an SDK made have the same pattern: `$[*].position: expected # numbers, got #`. The
    number of a MessagePack extension type stays: it tells the mistakes apart.
    """
    pattern = _DETAIL.sub(_shown, first_error[:_MAX_LINE_CHARS])
    return pattern if len(pattern) <= MAX_PATTERN_CHARS else pattern[: MAX_PATTERN_CHARS - 1] + "…"


def _shown(match: "re.Match[str]") -> str:
    assert match.lastgroup is not None
    return _SHOWN[match.lastgroup]
