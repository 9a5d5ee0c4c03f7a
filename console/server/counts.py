"""What came in since a mark: accepted and rejected, by application."""

import asyncio
from collections import Counter

from console.messages.counts import AppCounts, Counts, Mark
from console.storage.journal import Journal

_POLL_SECS = 0.01
_SETTLING_POLLS = 50


class UnknownMark(Exception):
    """The mark is behind the journal's end: it is of another workspace."""


async def settled(journal: Journal) -> None:
    """Wait, at most half a second, until what was answered is written down: rejections are answered before that."""
    for _ in range(_SETTLING_POLLS):
        if not journal.pending:
            break
        await asyncio.sleep(_POLL_SECS)


def mark_now(journal: Journal, now_us: int) -> Mark:
    """The end of what is written down."""
    end = journal.counters
    return Mark(request_id=end.last_request_id, seq=end.last_seq, rejected=end.rejected, at_us=now_us)


def counts_since(journal: Journal, since: Mark) -> Counts:
    """Counts of all that is written down behind a mark.

    To be called in a thread. Raises UnknownMark or JournalError.
    """
    end = journal.counters
    if since.request_id > end.last_request_id or since.seq > end.last_seq or since.rejected > end.rejected:
        raise UnknownMark
    accepted = {app_id: (requests, events) for app_id, requests, events in journal.accepted_after(since.request_id)}
    rejected: Counter[str] = Counter()
    for line in journal.rejections(since.at_us):
        rejected[line.app_id] += line.count
    applications = []
    for app_id in sorted(accepted.keys() | rejected.keys()):
        requests, events = accepted.get(app_id, (0, 0))
        applications.append(AppCounts(app_id=app_id, requests=requests, events=events, rejected=rejected[app_id]))
    return Counts(
        since=since,
        requests=sum(one.requests for one in applications),
        events=sum(one.events for one in applications),
        rejected=end.rejected - since.rejected,
        applications=applications,
    )
