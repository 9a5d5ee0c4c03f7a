"""A first look at a filter's text: the slips that a grammar can only call a syntax error.

Every one is answered with its place, a sentence and the text that was meant. What passes is left to the parser.
"""

import re
from typing import Final, NamedTuple

from console.telemetry.filter_problems import bad, quoted

_TOKENS: Final = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<phrase>"(?:[^\\"]|\\.)*")
  | (?P<regex>/(?:[^\\/]|\\.)*/)
  | (?P<compare>[<>]=?)
  | (?P<colon>:)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<sign>[-+])
  | (?P<lucene>[~^][0-9.]*)
  | (?P<term>(?:[^\s:^~(){}\[\]/"'+\-\\<>]|\\.)(?:[^\s:^\\~(){}\[\]]|\\.|(?<=T\d\d):\d\d(?::\d\d)?)*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING: Final = {"(": ")", "[": "]{}", "{": "]{}"}
_WORDS: Final = frozenset({"AND", "OR", "NOT"})
_MAX_DEPTH: Final = 30
_UNTIL_SPACE: Final = re.compile(r"[^\s()]*")


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def check_slips(text: str) -> None:
    """Raises BadFilter for the first slip."""
    tokens = [_Token(match.lastgroup or "", match[0], match.start(), match.end()) for match in _TOKENS.finditer(text)]
    _check_quotes(text, tokens)
    for number, token in enumerate(tokens):
        before = tokens[number - 1] if number else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        _check_slashes(text, token, after)
        _check_negative(text, token, tokens[number + 1 : number + 3])
        _check_colons(text, tokens, number)
        if token.kind == "lucene":
            what = "Fuzzy search" if token.text[0] == "~" else "A weight"
            raise bad(text, token.start, token.end, f"{what} ({token.text}) has no meaning here: leave it out.", "")
        if token.kind == "other":
            put = f"\\{token.text}" if token.text != "\\" else "\\\\"
            raise bad(text, token.start, token.end, f"{token.text} has no meaning here: write {put}.", put)
        if token.kind == "compare" and (before is None or before.kind != "colon"):
            raise bad(text, token.start, token.end, f"{token.text} stands behind a field and a colon: x:{token.text}5.")
    _check_brackets(text, tokens)
    _check_words(text, [token for token in tokens if token.kind != "space"])


def _check_quotes(text: str, tokens: list[_Token]) -> None:
    for token in tokens:
        if token.kind != "other":
            continue
        if token.text == '"':
            raise bad(text, token.start, len(text), "This quotation mark is not closed.", text[token.start :] + '"')
        if token.text == "'":
            end = text.find("'", token.end)
            if end > 0:
                put = quoted(text[token.end : end])
                raise bad(text, token.start, end + 1, "Text is quoted with \", not with '.", put)


def _check_slashes(text: str, token: _Token, after: _Token | None) -> None:
    """A path reads as a regular expression as far as its second slash."""
    unclosed = token.kind == "other" and token.text == "/"
    followed = token.kind == "regex" and after is not None and after.kind in ("term", "regex", "other", "sign")
    if unclosed or followed:
        match = _UNTIL_SPACE.match(text, token.start)
        end = match.end() if match else token.end
        put = quoted(text[token.start : end])
        message = f"What begins with / reads as a regular expression: quote a path, {put}."
        raise bad(text, token.start, end, message, put)


def _check_negative(text: str, token: _Token, following: list[_Token]) -> None:
    if token.kind == "compare" and len(following) > 1 and following[0].kind == "sign" and following[1].kind == "term":
        start, end = following[0].start, following[1].end
        put = quoted(text[start:end])
        raise bad(text, start, end, f"A sign behind {token.text} needs quotes: {token.text}{put}.", put)
    if token.kind == "compare" and (not following or following[0].kind not in ("term", "phrase", "sign")):
        raise bad(text, token.start, token.end, f"A value is missing behind {token.text}.")


def _check_colons(text: str, tokens: list[_Token], number: int) -> None:
    """`field:a:b` would read as a field in a field."""
    token = tokens[number]
    if token.kind != "colon":
        return
    if number == 0 or tokens[number - 1].kind != "term":
        raise bad(text, token.start, token.end, "A field's name is missing before this colon.")
    after = next((other for other in tokens[number + 1 :] if other.kind != "space"), None)
    if after is None or after.kind == "close" or after.text in _WORDS - {"NOT"}:
        name = tokens[number - 1]
        message = f"A value is missing behind {name.text}: (* is any value)."
        raise bad(text, name.start, token.end, message, f"{name.text}:*" + ("" if after is None else " "))
    if number > 2 and tokens[number - 2].kind == "colon":
        first = tokens[number - 1]
        match = _UNTIL_SPACE.match(text, first.start)
        end = match.end() if match else token.end
        put = quoted(text[first.start : end])
        raise bad(text, first.start, end, f"A value with a colon in it needs quotes: {put}.", put)


def _check_brackets(text: str, tokens: list[_Token]) -> None:
    opened: list[_Token] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token)
            if len(opened) > _MAX_DEPTH:
                raise bad(text, token.start, token.end, f"At most {_MAX_DEPTH} parentheses may be nested.")
        elif token.kind == "close":
            if not opened or token.text not in _CLOSING[opened[-1].text]:
                raise bad(text, token.start, token.end, f"Nothing is open that this {token.text} could close.", "")
            opened.pop()
        elif opened and opened[-1].text != "(" and token.text == "to":
            raise bad(text, token.start, token.end, "The word between two bounds is TO, in capitals.", "TO")
    if opened:
        token = opened[-1]
        put = text[token.start :] + _CLOSING[token.text][0]
        what = "parenthesis" if token.text == "(" else "bracket"
        raise bad(text, token.start, len(text), f"This {what} is not closed.", put)


def _check_words(text: str, tokens: list[_Token]) -> None:
    """Words that join: there is something on both sides, and they are in capitals."""
    inside = 0
    for number, token in enumerate(tokens):
        before = tokens[number - 1] if number else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        if token.text in ("[", "{"):
            inside += 1
        elif token.text in ("]", "}"):
            inside -= 1
        if token.kind != "term" or inside:
            continue
        starts = before is None or before.kind in ("colon", "compare", "sign") or before.text == "("
        ends = after is None or after.kind == "colon" or after.text == ")"
        if token.text in ("and", "or") and not starts and not ends:
            word = token.text.upper()
            message = (
                f'{token.text} in lower case is a word to look for: write {word} to join, "{token.text}" to find it.'
            )
            raise bad(text, token.start, token.end, message, word)
        if token.text in _WORDS and not (after is not None and after.kind == "colon"):
            joins = token.text != "NOT"
            empty_before = joins and (before is None or before.text == "(" or before.text in _WORDS)
            if empty_before or after is None or after.text == ")":
                side = "before" if empty_before else "behind"
                raise bad(text, token.start, token.end, f"Something is missing {side} {token.text}.", "")
        if token.text == "&&" or token.text == "||":
            word = "AND" if token.text == "&&" else "OR"
            raise bad(text, token.start, token.end, f"Terms are joined with {word}.", word)
