"""Text with `*` and `?`: matched in steps that grow with the text, however many there are."""

from collections.abc import Callable, Sequence
from itertools import groupby


def wildcard_matcher(pieces: Sequence[tuple[str, bool]]) -> Callable[[str], bool]:
    """Whether the whole text is these pieces: text as it is, "*" for anything, "?" for one character.

    Between two "*" the first place that fits is as good as any later one, so nothing is ever tried again.
    """
    runs = [list(group) for star, group in groupby(pieces, key=lambda piece: piece == ("*", True)) if not star]
    parts = [_characters(run) for run in runs]
    open_start = bool(pieces) and pieces[0] == ("*", True)
    open_end = bool(pieces) and pieces[-1] == ("*", True)

    def matches(text: str) -> bool:
        start, end = 0, len(text)
        inner = parts
        if not open_start:
            if not inner:
                return not text
            first, inner = inner[0], inner[1:]
            if not _fits(first, text, 0):
                return False
            start = len(first)
            if not inner and not open_end:
                return start == end
        if not open_end and inner:
            last, inner = inner[-1], inner[:-1]
            end -= len(last)
            if end < start or not _fits(last, text, end):
                return False
        for part in inner:
            found = _find(part, text, start, end)
            if found < 0:
                return False
            start = found + len(part)
        return start <= end

    return matches


def _characters(run: list[tuple[str, bool]]) -> list[str | None]:
    return [None if wild else character for piece, wild in run for character in piece]


def _fits(part: list[str | None], text: str, at: int) -> bool:
    if at + len(part) > len(text):
        return False
    return all(wanted is None or text[at + offset] == wanted for offset, wanted in enumerate(part))


def _find(part: list[str | None], text: str, start: int, end: int) -> int:
    if None not in part:
        return text.find("".join(character or "" for character in part), start, end)
    return next((at for at in range(start, end - len(part) + 1) if _fits(part, text, at)), -1)
