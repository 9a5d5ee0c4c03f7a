"""What is wrong with a filter's text: where, why, and the text that was probably meant."""

from msgspec import Struct


class FilterProblem(Struct, frozen=True):
    """The characters `position … end` are wrong; `mend` is the whole text put right, "" where nobody can tell."""

    position: int
    end: int
    message: str
    mend: str = ""


class BadFilter(ValueError):
    """Carries the problem out of the depth of a parser."""

    def __init__(self, problem: FilterProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def bad(text: str, start: int, end: int, message: str, put: str | None = None) -> BadFilter:
    """A problem of `text[start:end]`, which `put` in its place would mend."""
    mend = "" if put is None else (text[:start] + put + text[end:]).strip()
    return BadFilter(FilterProblem(start, end, message, mend))


def quoted(text: str) -> str:
    """Text as the language quotes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
