"""What a test of a game expects of its telemetry: waiting for it, and saying what is missing."""

import asyncio
from collections import Counter

from msgspec import Struct

from console.client import ConsoleClient
from console.messages.counts import Counts, Mark
from console.messages.requests import FailureReport

_POLL_SECS = 0.25
_LATEST_EVENTS = 1_000
_MOST_NAMED = 8
_MOST_EXAMPLES = 3


class Expectation(Struct, frozen=True, kw_only=True):
    """How many events match a filter: at least `min`, and at most `max` where there is one."""

    filter: str
    min: int = 1
    max: int | None = None


class Wanted(Struct, frozen=True, kw_only=True):
    """All that is expected, of one application or of all, since a mark or since the one that was set last."""

    expectations: list[Expectation]
    no_rejects: bool = False
    app_id: str | None = None
    since: Mark | None = None


class Found(Struct, frozen=True, kw_only=True):
    """An expectation, and how many events match it."""

    expected: Expectation
    events: int

    @property
    def missing(self) -> int:
        """How many more there must be."""
        return max(0, self.expected.min - self.events)

    @property
    def surplus(self) -> int:
        """How many there are too many."""
        return 0 if self.expected.max is None else max(0, self.events - self.expected.max)


class Example(Struct, frozen=True, kw_only=True):
    """A rejected request that stands for its equals: what was wrong first, and what to write instead, "" if unknown."""

    request_id: int
    message: str
    hint: str


class CheckReport(Struct, frozen=True, kw_only=True):
    """What was found. `problems` are sentences, none when all is as expected.

    `requests`, `events` and `rejected` are of the application that was asked for, `rejected` with those of unknown
    senders: a wrong key is what a test must notice. `examples` are of the groups with the newest rejections. `seen` is
    the most frequent names among the latest events, told when some are missing: one of them may be misspelt. `since`
    is the mark's text.
    """

    ok: bool
    problems: list[str]
    expectations: list[Found]
    requests: int
    events: int
    rejected: int
    failures: FailureReport | None
    examples: list[Example]
    seen: dict[str, int]
    since: str
    seconds: float


async def check(client: ConsoleClient, wanted: Wanted, *, within_secs: float = 0.0) -> CheckReport:
    """Look until everything that is expected is there, at most `within_secs`; what can only fail ends it at once.

    A most and `no_rejects` are judged at that moment: what comes later is not waited for. Raises ConsoleUnavailable or
    ConsoleRefused.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    since = wanted.since if wanted.since is not None else await client.mark()
    events = [0] * len(wanted.expectations)
    seen_to = [since.seq] * len(events)
    while True:
        looked = loop.time()
        for index, expected in enumerate(wanted.expectations):
            count = await client.count_events(expected.filter, after_seq=seen_to[index], app_id=wanted.app_id)
            events[index] += count.events
            seen_to[index] = count.upto_seq
        counts = await client.counts(since)  # after the events: what was rejected before them is counted
        found = [Found(expected=one, events=number) for one, number in zip(wanted.expectations, events, strict=True)]
        _, _, rejected = totals(counts, wanted.app_id)
        failed = (wanted.no_rejects and rejected > 0) or any(one.surplus for one in found)
        now = loop.time()
        if failed or now - began >= within_secs or not any(one.missing for one in found):
            break
        # A look at very much takes its time: the server gets as much of a rest.
        await asyncio.sleep(min(max(_POLL_SECS, now - looked), within_secs - (now - began)))
    return await _report(client, wanted, counts, found, loop.time() - began)


def totals(counts: Counts, app_id: str | None) -> tuple[int, int, int]:
    """Accepted requests, events, rejected requests: all, or an application's and what unknown senders had rejected."""
    if app_id is None:
        return counts.requests, counts.events, counts.rejected
    own = [one for one in counts.applications if one.app_id == app_id]
    rejected = sum(one.rejected for one in counts.applications if one.app_id in ("", app_id))
    return sum(one.requests for one in own), sum(one.events for one in own), rejected


def problems_of(found: list[Found], rejected: int, *, no_rejects: bool) -> list[str]:
    """What is not as expected, a sentence each."""
    problems = []
    for one in found:
        what = f"{_number(one.events, 'event', 'events')} matched {one.expected.filter or 'any event'}"
        if one.missing:
            problems.append(f"{what}: expected at least {one.expected.min:,}, so {_number(one.missing, 'is')} missing.")
        if one.surplus:
            problems.append(f"{what}: expected at most {one.expected.max:,}, so {_number(one.surplus, 'is')} too many.")
    if no_rejects and rejected:
        problems.append(f"{_number(rejected, 'request was', 'requests were')} rejected: expected none.")
    return problems


async def _report(
    client: ConsoleClient, wanted: Wanted, counts: Counts, found: list[Found], seconds: float
) -> CheckReport:
    requests, events, rejected = totals(counts, wanted.app_id)
    problems = problems_of(found, rejected, no_rejects=wanted.no_rejects)
    since = counts.since
    failures = await client.failure_report(app_id=wanted.app_id, since_us=since.at_us) if rejected else None
    return CheckReport(
        ok=not problems,
        problems=problems,
        expectations=found,
        requests=requests,
        events=events,
        rejected=rejected,
        failures=failures,
        examples=await _examples(client, failures) if failures is not None else [],
        seen=await _seen(client, wanted.app_id, since.seq) if events and any(one.missing for one in found) else {},
        since=since.text,
        seconds=round(seconds, 3),
    )


async def _examples(client: ConsoleClient, failures: FailureReport) -> list[Example]:
    kept = [group.newest_id for group in failures.groups if group.newest_id is not None]
    examples = []
    async for _, page in client.request_details(kept[:_MOST_EXAMPLES]):
        for detail in page:
            hint = detail.details[0].hint if detail.details else ""
            examples.append(Example(request_id=detail.row.request_id, message=detail.row.first_error, hint=hint))
    return examples


async def _seen(client: ConsoleClient, app_id: str | None, after_seq: int) -> dict[str, int]:
    rows = await client.events(limit=_LATEST_EVENTS, app_id=app_id)
    names = Counter(row.name or row.kind.label for row in rows if row.seq > after_seq)
    return dict(names.most_common(_MOST_NAMED))


def _number(number: int, one: str, many: str = "are") -> str:
    return f"{number:,} {one if number == 1 else many}"
