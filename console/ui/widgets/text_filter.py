"""The simple text filter: words that must, and words that must not, stand in a row's text.

A filter is compiled to a predicate over rows, and tables know nothing but the predicate: a richer query language
takes the place of `compile_filter` without touching them.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

R = TypeVar("R")
Predicate = Callable[[R], bool]

# An optional minus, then a quoted phrase (its closing quote may still be missing while one types) or a bare word.
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


class TextFilter(Struct, frozen=True):
    """Case-folded terms: all `words` must occur, none of `excluded` may."""

    words: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def matches(self, folded: str) -> bool:
        """Whether case-folded text passes."""
        for word in self.words:
            if word not in folded:
                return False
        return not any(word in folded for word in self.excluded)

    def __bool__(self) -> bool:
        return bool(self.words or self.excluded)


def parse_filter(text: str) -> TextFilter:
    """Terms of what a person typed. Every text is a filter: a lone `-` or `""` says nothing yet."""
    words: list[str] = []
    excluded: list[str] = []
    for minus, phrase, word in _TERM.findall(text):
        term = (phrase or word).casefold()
        if term and not (term == "-" and not minus):
            (excluded if minus else words).append(term)
    return TextFilter(tuple(words), tuple(excluded))


def compile_filter(text: str, text_of: Callable[[R], str]) -> Predicate[R] | None:
    """A predicate over rows, or None when the filter lets everything pass.

    `text_of` gives everything a row shows, in one string.
    """
    terms = parse_filter(text)
    if not terms:
        return None
    matches = terms.matches

    def predicate(row: R) -> bool:
        return matches(text_of(row).casefold())

    return predicate
