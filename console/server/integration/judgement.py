"""What the facts of an SDK come to: a line for each thing that can be right or wrong, with what to do about it."""

from typing import Final

from msgspec import Struct

from console.messages.integration import VERDICTS, IntegrationLine, Verdict
from console.players.definitions import Tier
from console.server.integration import judge_events, judge_player_api, judge_sending
from console.server.integration.facts import SdkFacts
from console.server.integration.words import count, length

_QUIET_US: Final = 5 * 60_000_000
_SILENT_US: Final = 60 * 60_000_000
_KEY_ERRORS: Final = frozenset({"missing_token", "invalid_token", "forbidden", "app_scope_mismatch"})
_WORKS_AGAIN: Final = 20  # accepted requests after which a rejection is history

_KEY_MENDS: Final = {
    "missing_token": "Send the application's public key in the header x-public-token.",
    "invalid_token": "Copy a key that is active from Applications & keys.",
    "forbidden": "Use the public key (pk_…) in games, and the secret key (sk_…) only in tools.",
    "app_scope_mismatch": "Send the app_id of the application that the key belongs to.",
}
_MENDS: Final = {
    "rate_limited": "Send fewer, larger batches, and wait as long as Retry-After says.",
    "storage_unavailable": "Keep the batch, wait as long as Retry-After says, and send it again.",
    "unsupported_media_type": "Encode with MessagePack, and send Content-Type: application/msgpack.",
    "payload_too_large": "Split the batch: at most 8 MiB and 10,000 events a request.",
    "batch_too_large": "Split the batch into smaller ones.",
    "not_found": "Compare the path with GET /docs.",
}
_OPEN_IT: Final = "Open the request: its inspector shows what is wrong, where, and what to write instead."


class Limits(Struct, frozen=True):
    """What the server allows now: `rate_limit` is requests/s of an address, 0 for any number."""

    rate_limit: float
    tier: Tier


def judge(facts: SdkFacts, limits: Limits, now_us: int) -> list[IntegrationLine]:
    """Every line, in the order in which people look for them."""
    return [
        _key(facts),
        _rejections(facts, now_us),
        _last_event(facts, now_us),
        *judge_events.lines(facts),
        *judge_sending.lines(facts, limits.rate_limit, now_us),
        *judge_player_api.lines(facts, limits.tier, now_us),
    ]


def worst(lines: list[IntegrationLine]) -> Verdict:
    """The verdict over all lines: the worst there is, and "unknown" only when nothing else is.

    That an SDK is silent counts for nothing: most games are not running now.
    """
    found = {line.verdict for line in lines if (line.topic, line.verdict) != ("last_event", "warn")} - {"unknown"}
    return next((verdict for verdict in VERDICTS if verdict in found), "unknown")


def _key(facts: SdkFacts) -> IntegrationLine:
    last = facts.last_rejection
    if last is not None and last.error in _KEY_ERRORS and not facts.accepted_since_rejection:
        return IntegrationLine(
            topic="key",
            part="connection",
            title="Key",
            verdict="bad",
            found=f"{last.status}: {last.error.replace('_', ' ')}",
            reason=last.first_error or "The newest request was refused for its key.",
            mend=_KEY_MENDS[last.error],
            request_id=last.request_id,
        )
    if not facts.accepted:
        return IntegrationLine(
            topic="key",
            part="connection",
            title="Key",
            verdict="unknown",
            found="not known yet",
            reason="No request was accepted so far, so nothing tells whether the key is right.",
        )
    return IntegrationLine(
        topic="key",
        part="connection",
        title="Key",
        verdict="good",
        found="accepted",
        reason=f"{count(facts.accepted, 'request')} came with a key of the application.",
    )


def _rejections(facts: SdkFacts, now_us: int) -> IntegrationLine:
    last = facts.last_rejection
    if last is None:
        return IntegrationLine(
            topic="rejections",
            part="connection",
            title="Last rejection",
            verdict="good" if facts.accepted else "unknown",
            found="none",
            reason=f"All of {count(facts.requests, 'request')} were accepted."
            if facts.accepted
            else "No request was judged yet.",
        )
    codes = ", ".join(f"{code or 'error'} × {number:,}" for code, number in facts.errors.most_common(3))
    since = count(facts.accepted_since_rejection, "request")
    if facts.accepted_since_rejection >= _WORKS_AGAIN:
        verdict: Verdict = "good"
        reason = f"{since} were accepted after it. In all: {codes}."
    elif facts.accepted_since_rejection:
        verdict, reason = "warn", f"{since} accepted after it. In all: {codes}. {_ended(last.first_error)}".strip()
    else:
        verdict, reason = "bad", _ended(last.first_error) or f"Nothing was accepted since. In all: {codes}."
    return IntegrationLine(
        topic="rejections",
        part="connection",
        title="Last rejection",
        verdict=verdict,
        found=f"{last.status} {last.error}, {length(now_us - last.received_at_us)} ago",
        reason=reason,
        mend="" if verdict == "good" else _MENDS.get(last.error) or _KEY_MENDS.get(last.error) or _OPEN_IT,
        request_id=last.request_id,
    )


def _last_event(facts: SdkFacts, now_us: int) -> IntegrationLine:
    if not facts.last_event_us:
        return IntegrationLine(
            topic="last_event",
            part="connection",
            title="Last event",
            verdict="bad" if facts.telemetry_requests else "unknown",
            found="none yet",
            reason="Requests came, but none of them recorded an event."
            if facts.telemetry_requests
            else "Nothing was sent to /api/events.",
            mend="See the last rejection for the reason." if facts.telemetry_requests else "",
        )
    silence = now_us - facts.last_event_us
    fruitless = facts.last_us - facts.last_event_us
    mend = ""
    if fruitless > _QUIET_US:
        verdict: Verdict = "bad"
        reason = f"Requests still come, but for {length(fruitless)} none recorded an event."
        mend = "See the last rejection for the reason."
    else:
        reason = f"{count(facts.events, 'event')} recorded in all."
        verdict = "good" if silence < _QUIET_US else "warn" if silence < _SILENT_US else "unknown"
        if verdict == "warn":
            mend = (
                "If the game is running, look for a queue that is never flushed, or a failed send that ends its loop."
            )
    return IntegrationLine(
        topic="last_event",
        part="connection",
        title="Last event",
        verdict=verdict,
        found=f"{length(silence)} ago",
        reason=reason,
        mend=mend,
    )


def _ended(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
