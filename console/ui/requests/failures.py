"""Equal failures as the lines of a small table. Pure."""

from collections.abc import Callable

from console.messages import RequestRow
from console.messages.requests import FailureGroup, FailureKind, FailureReport
from console.telemetry.failure_lines import failure_pattern
from console.ui.requests.model import status_tone
from console.ui.widgets.formatting import ago, day_and_time, exact_time, plural, short_count, status_meaning, visible
from console.ui.widgets.small_table import Column, Line

COLUMN_KEYS = ("requests", "status", "wrong", "route", "from", "first", "last")
COLUMNS = (
    Column("Requests", 76, mono=True, right=True),
    Column("Status", 58, mono=True),
    Column("What is wrong", 0),
    Column("Route", 150, mono=True),
    Column("From", 150),
    Column("First", 104),
    Column("Last", 104),
)


def failure_line(group: FailureGroup, now_us: int) -> Line:
    """One group as a row."""
    kind = group.kind
    tone = status_tone(kind.status)
    return Line(
        key=kind,
        cells=(
            short_count(group.requests),
            str(kind.status),
            visible(failure_text(kind)),
            _first_of(group.routes, len(group.routes)),
            _first_of(group.peers, group.peers_total),
            ago(group.first_us, now_us),
            ago(group.last_us, now_us),
        ),
        hovers=(
            _requests_hover(group),
            status_meaning(kind.status),
            _wrong_hover(group),
            _all_of(group.routes, len(group.routes)),
            _from_hover(group),
            exact_time(group.first_us),
            exact_time(group.last_us),
        ),
        tones=(None, tone, None, None, None, None, None),
    )


def failure_text(kind: FailureKind) -> str:
    """Code and pattern in one line."""
    return f"{kind.error} {kind.pattern}".strip() or f"status {kind.status}"


def failure_predicate(kind: FailureKind) -> Callable[[RequestRow], bool]:
    """Whether a row failed in this way."""
    status, error, pattern = kind.status, kind.error, kind.pattern

    def failed_so(row: RequestRow) -> bool:
        return row.status == status and row.error == error and failure_pattern(row.first_error) == pattern

    return failed_so


def report_remark(report: FailureReport) -> str:
    """What the list leaves out; "" when nothing."""
    remarks = []
    if report.groups_total > len(report.groups):
        remarks.append(f"{plural(report.groups_total - len(report.groups), 'more kind')} of failure, older")
    if report.forgotten:
        remarks.append(f"{plural(report.forgotten, 'rejected request')} no longer kept")
    return " · ".join(remarks)


def _requests_hover(group: FailureGroup) -> str:
    text = plural(group.requests, "request")
    return text if group.kept == group.requests else f"{text}; {group.kept:,} kept, the others of a flood only counted"


def _wrong_hover(group: FailureGroup) -> str:
    return (
        f"The newest: {visible(group.example, 2_000)}\n"
        f"Routes: {_all_of(group.routes, len(group.routes), ', ')}\n"
        f"First: {day_and_time(group.first_us)}, last: {day_and_time(group.last_us)}"
    )


def _from_hover(group: FailureGroup) -> str:
    lines = [_all_of(group.peers, group.peers_total)]
    if group.keys:
        lines.append("Keys: " + _all_of(group.keys, len(group.keys), ", "))
    if group.clients:
        lines.append("Clients: " + _all_of(group.clients, len(group.clients), ", "))
    return "\n".join(lines)


def _first_of(values: list[str], total: int) -> str:
    if not values:
        return "–"
    return visible(values[0]) if total < 2 else f"{visible(values[0])} +{total - 1:,}"


def _all_of(values: list[str], total: int, between: str = "\n") -> str:
    shown = [visible(value) for value in values]
    return between.join(shown + ([f"and {total - len(values):,} more"] if total > len(values) else [])) or "unknown"
