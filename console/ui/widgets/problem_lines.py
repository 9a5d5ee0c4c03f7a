"""Problems of a rejected request as lines for people. Pure."""

import re
from typing import Final

from msgspec import Struct

from console.messages import ErrorDetail, RequestDetail
from console.ui.widgets.formatting import visible
from console.ui.widgets.hex_layout import Span

MESSAGE_CHARS: Final = 600
_ITEM: Final = re.compile(r"^\$\[(\d+)\]\.?")


class ProblemLine(Struct, frozen=True):
    """One thing wrong, in the parts a person reads."""

    where: str
    path: str
    message: str
    hint: str
    span: Span | None

    @property
    def sentence(self) -> str:
        """`Item 3, position[1]: expected a number, got str "x"`."""
        place = ", ".join(part for part in (self.where, self.path) if part)
        return f"{place}: {self.message}" if place else self.message


def problem_lines(detail: RequestDetail) -> list[ProblemLine]:
    """Everything that is wrong, the first one first; the answer's own message when there is no list."""
    if detail.row.status < 400:
        return []
    if not detail.details:
        message = detail.error_message or detail.row.first_error or detail.row.error or "no reason was recorded"
        return [ProblemLine(where="", path="", message=visible(message, MESSAGE_CHARS), hint="", span=None)]
    return [_line(problem) for problem in detail.details]


def _line(problem: ErrorDetail) -> ProblemLine:
    match = _ITEM.match(problem.path)
    path = problem.path[match.end() :] if match else problem.path.removeprefix("$").removeprefix(".")
    number = problem.index if problem.index is not None else (int(match[1]) if match else None)
    has_bytes = problem.start is not None and problem.end is not None
    return ProblemLine(
        where="" if number is None else f"Item {number}",
        path=visible(path, MESSAGE_CHARS),
        message=visible(problem.message, MESSAGE_CHARS),
        hint=visible(problem.hint, MESSAGE_CHARS),
        span=Span(problem.start or 0, problem.end or 0) if has_bytes else None,
    )
