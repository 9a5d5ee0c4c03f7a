"""How an SDK sends: batches, pace, back-off, repetitions, compression."""

from typing import Final

from console.messages.integration import IntegrationLine, Verdict
from console.server.integration import judge_retries
from console.server.integration.facts import SdkFacts
from console.server.integration.pace import PEAK_SECONDS
from console.server.integration.repeats import MAX_REMEMBERED
from console.server.integration.words import count, size

RECENT_US: Final = 10 * 60_000_000  # of the SDK's own newest request: what is older is history
_FEW_EVENTS: Final = 2.0
_ENOUGH_REQUESTS: Final = 20
_BUSY_PER_MINUTE: Final = 60
_WORTH_COMPRESSING_BYTES: Final = 16_000
_NEAR_LIMIT: Final = 0.8


def lines(facts: SdkFacts, rate_limit: float, now_us: int) -> list[IntegrationLine]:
    """`rate_limit` is in requests/s, 0 for none."""
    return [
        _batches(facts, now_us),
        _rate(facts, rate_limit, now_us),
        judge_retries.line(facts.retries, facts.last_us, RECENT_US),
        _duplicates(facts),
        _refused_again(facts),
        _compression(facts),
    ]


def _line(
    topic: str,
    title: str,
    verdict: Verdict,
    found: str,
    reason: str,
    mend: str = "",
    request_id: int | None = None,
) -> IntegrationLine:
    return IntegrationLine(
        topic=topic,
        part="sending",
        title=title,
        verdict=verdict,
        found=found,
        reason=reason,
        mend=mend,
        request_id=request_id,
    )


def _batches(facts: SdkFacts, now_us: int) -> IntegrationLine:
    sizes = facts.batches
    if not sizes.count:
        return _line("batches", "Batch size", "unknown", "nothing seen yet", "No batch was accepted so far.")
    single = sizes.mean < _FEW_EVENTS and sizes.count >= _ENOUGH_REQUESTS
    busy = facts.pace.lately(now_us) >= _BUSY_PER_MINUTE
    return _line(
        "batches",
        "Batch size",
        "warn" if single and busy else "good",
        f"{sizes.mean:.1f} events a request",
        f"{_range(sizes.least, sizes.most)} in each of {count(sizes.count, 'request')}, "
        f"{size(facts.bodies.mean)} on average, {size(facts.bodies.most)} at most.",
        "Gather events for 1–2 seconds and send them as one array: up to 500 events or 512 KiB."
        if single and busy
        else "",
    )


def _range(least: int, most: int) -> str:
    return count(least, "event") if least == most else f"{least:,} to {count(most, 'event')}"


def _rate(facts: SdkFacts, limit: float, now_us: int) -> IntegrationLine:
    title = "Request rate"
    if not facts.telemetry_requests:
        return _line("rate", title, "unknown", "nothing seen yet", "Nothing was sent to /api/events.")
    lately, peak = facts.pace.lately(now_us), facts.pace.peak
    found = f"{peak} in the busiest second"
    reason = (
        f"{count(lately, 'request')} in the last minute; the busiest second of {PEAK_SECONDS // 60} min had {peak}."
    )
    refused = facts.errors["rate_limited"]
    if limit <= 0:
        return _line("rate", title, "good", found, f"{reason} No limit is set here: the documented one is 10 a second.")
    reason = f"{reason} The limit is {limit:g} a second for one address."
    if refused and _is_recent(facts, facts.retries.last_refusal_us):
        alone = peak > limit * _NEAR_LIMIT
        return _line(
            "rate",
            title,
            "bad" if alone else "warn",
            f"over the limit: {count(refused, 'refusal')}",
            reason if alone else f"{reason} All that is sent from there counts together.",
            "Gather events into one request every 1–2 seconds, also when much happens."
            if alone
            else "Look at the other SDKs of this address: together they send too often.",
        )
    if peak > limit * _NEAR_LIMIT:
        return _line("rate", title, "warn", found, reason, "Gather more events a request: this is close to the limit.")
    return _line("rate", title, "good", found, reason)


def _duplicates(facts: SdkFacts) -> IntegrationLine:
    title, repeats = "Duplicates", facts.duplicates
    if not repeats.looked_at:
        return _line("duplicates", title, "unknown", "nothing seen yet", "No body was accepted so far.")
    if repeats.count and _is_recent(facts, repeats.last_us):
        return _line(
            "duplicates",
            title,
            "bad",
            f"{count(repeats.count, 'body')} sent twice",
            f"Request {repeats.last_request} has the same bytes as request {repeats.first_request}, and both were "
            "accepted: its events are recorded twice.",
            "Take a batch out of the queue once it was answered 200; send it again only without an answer.",
            repeats.last_request,
        )
    earlier = f" {repeats.count} earlier, none in the last 10 minutes." if repeats.count else ""
    return _line(
        "duplicates",
        title,
        "good",
        "none",
        f"Each body was compared with the {MAX_REMEMBERED} accepted before it.{earlier}",
    )


def _refused_again(facts: SdkFacts) -> IntegrationLine:
    title, repeats = "Refused bodies", facts.refused_bodies
    if repeats.count and _is_recent(facts, repeats.last_us):
        return _line(
            "refused_again",
            title,
            "bad",
            f"sent again {count(repeats.count, 'time')}",
            f"Request {repeats.last_request} repeats request {repeats.first_request}, byte for byte, which was refused "
            "for what is in it. It will be refused every time.",
            "Do not send a batch again after 400, 403, 413 or 415: halve it to find the bad event, and drop that one.",
            repeats.last_request,
        )
    if not repeats.looked_at:
        return _line("refused_again", title, "good", "none", "No body was refused for what is in it.")
    return _line("refused_again", title, "good", "not sent again", "No refused body came a second time lately.")


def _compression(facts: SdkFacts) -> IntegrationLine:
    title = "Compression"
    if not facts.bodies.count:
        return _line("compression", title, "unknown", "nothing seen yet", "No body was accepted so far.")
    if facts.compressed:
        saved = 100 - 100 * facts.compressed_wire // max(1, facts.compressed_bytes)
        return _line(
            "compression",
            title,
            "good" if saved > 0 else "warn",
            f"{max(0, saved)} % saved" if saved > 0 else "larger than before",
            f"{facts.compressed:,} of {count(facts.bodies.count, 'body')} were compressed.",
            "" if saved > 0 else "Compress only batches of more than 1 kB: small ones grow.",
        )
    if facts.bodies.mean > _WORTH_COMPRESSING_BYTES:
        return _line(
            "compression",
            title,
            "warn",
            "none",
            f"Bodies have {size(facts.bodies.mean)} on average, uncompressed.",
            "Compress with gzip and send Content-Encoding: gzip: such batches shrink to a third or less.",
        )
    return _line("compression", title, "good", "none needed", f"Bodies have only {size(facts.bodies.mean)} on average.")


def _is_recent(facts: SdkFacts, at_us: int) -> bool:
    return bool(at_us) and facts.last_us - at_us <= RECENT_US
