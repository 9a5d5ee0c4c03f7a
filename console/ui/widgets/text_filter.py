"""The simple text filter: words that must, and words that must not, stand in a row's text.

For short lists that the window holds whole; what was recorded is asked for in the filter language.
"""

import re

from msgspec import Struct

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
