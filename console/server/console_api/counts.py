"""What came in since a mark, and the mark itself."""

import asyncio

from console.messages.counts import Counts, Mark, read_mark
from console.server.console_api.call import Call, Refused
from console.server.counts import UnknownMark, counts_since, mark_now, settled


async def mark(call: Call) -> Mark:
    """The mark that was set last."""
    return await asyncio.to_thread(call.services.catalog.mark.get)


async def set_mark(call: Call) -> Mark:
    """Count from now on: nothing is deleted."""
    journal = call.services.journal
    await settled(journal)
    found = mark_now(journal, call.services.clock() // 1000)
    await asyncio.to_thread(call.services.catalog.mark.set, found)
    return found


async def counts(call: Call) -> Counts:
    """What came in since a mark, or since the one that was set last."""
    given = call.text("since")
    since = await mark(call) if given is None else read_mark(given)
    if since is None:
        raise Refused(400, "invalid_parameter", f"since must be a mark, not {given!r:.60}.", "Set one to get one.")
    await settled(call.services.journal)
    try:
        return await asyncio.to_thread(counts_since, call.services.journal, since)
    except UnknownMark:
        hint = "It is of another workspace, or the recording was replaced: set it again."
        raise Refused(409, "unknown_mark", "The mark is behind the end of what was recorded.", hint) from None
