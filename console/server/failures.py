"""Equal failures together: what is wrong with the requests that were rejected, how often, and from whom."""

from collections import Counter

from console.messages.requests import FailureGroup, FailureKind, FailureReport
from console.storage.journal import Journal
from console.storage.unlisted import RejectionLine
from console.telemetry.failure_lines import failure_pattern

MAX_GROUPS = 200
_MOST_NAMED = 5


class _Group:
    """One group as it grows."""

    def __init__(self) -> None:
        self.requests = 0
        self.kept = 0
        self.peers: Counter[str] = Counter()
        self.routes: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.clients: Counter[str] = Counter()
        self.example = ""
        self.first_us = 0
        self.last_us = 0
        self.newest_id: int | None = None

    def add(self, line: RejectionLine) -> None:
        self.first_us = min(self.first_us, line.first_us) if self.requests else line.first_us
        self.last_us = max(self.last_us, line.last_us)
        self.requests += line.count
        for counter, value in (
            (self.peers, line.peer),
            (self.routes, line.route),
            (self.keys, line.key_label),
            (self.clients, line.client),
        ):
            if value:
                counter[value] += line.count
        if line.newest_id is not None:
            self.kept += line.count
            if self.newest_id is None or line.newest_id > self.newest_id:
                self.newest_id, self.example = line.newest_id, line.first_error
        elif not self.example:
            self.example = line.first_error

    def told(self, kind: FailureKind) -> FailureGroup:
        return FailureGroup(
            kind=kind,
            requests=self.requests,
            kept=self.kept,
            peers=_most(self.peers),
            peers_total=len(self.peers),
            routes=_most(self.routes),
            keys=_most(self.keys),
            clients=_most(self.clients),
            example=self.example,
            first_us=self.first_us,
            last_us=self.last_us,
            newest_id=self.newest_id,
        )


def failure_report(journal: Journal, *, app_id: str | None = None, since_us: int = 0) -> FailureReport:
    """What was rejected, the group with the newest request first; at most 200 groups are told.

    A request belongs to the group of its first failing value. Those whose application is not known count for every
    one: it is what their sender looks for. To be called in a thread. Raises JournalError.
    """
    total = journal.counters.rejected  # before the lines are read: what comes meanwhile is never missed twice
    groups: dict[FailureKind, _Group] = {}
    requests = 0
    for line in journal.rejections(since_us):
        if app_id is None or line.app_id in ("", app_id):
            kind = FailureKind(status=line.status, error=line.error, pattern=line.pattern)
            groups.setdefault(kind, _Group()).add(line)
            requests += line.count
    told = sorted((group.told(kind) for kind, group in groups.items()), key=_newest, reverse=True)
    return FailureReport(
        groups=told[:MAX_GROUPS],
        groups_total=len(told),
        requests=requests,
        forgotten=0 if app_id is not None or since_us else max(0, total - requests),
    )


def ids_of_failure(journal: Journal, kind: FailureKind, limit: int) -> list[int]:
    """The newest kept requests that failed in one way, the newest first. Raises JournalError."""
    found: list[int] = []
    for request_id, first_error in journal.rejected_lines(kind.status, kind.error):
        if failure_pattern(first_error) == kind.pattern:
            found.append(request_id)
            if len(found) >= limit:
                break
    return found


def _newest(group: FailureGroup) -> tuple[int, int]:
    return group.last_us, group.requests


def _most(counter: Counter[str]) -> list[str]:
    return [name for name, _ in counter.most_common(_MOST_NAMED)]
