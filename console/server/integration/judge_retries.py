"""Whether an SDK comes back when it was told to, for either API."""

from console.messages.integration import IntegrationLine, Part, Verdict
from console.server.integration.retries import Retries
from console.server.integration.words import count, length

_TITLE = "After 429 and 503"


def line(
    retries: Retries, last_us: int, recent_us: int, *, topic: str = "retries", part: Part = "sending"
) -> IntegrationLine:
    """`last_us` is when the SDK's newest request came; what is `recent_us` older than that is history."""

    def made(
        verdict: Verdict, found: str, reason: str, mend: str = "", request_id: int | None = None
    ) -> IntegrationLine:
        return IntegrationLine(
            topic=topic,
            part=part,
            title=_TITLE,
            verdict=verdict,
            found=found,
            reason=reason,
            mend=mend,
            request_id=request_id,
        )

    if not retries.refusals:
        return made(
            "unknown",
            "never refused",
            "The server never asked this client to come back later, so nothing is known of its back-off.",
            "Try it: choose a low rate limit or tier, or inject answers of 503.",
        )
    refusals = count(retries.refusals, "refusal")
    if retries.early and last_us - retries.last_early_us <= recent_us:
        kept = f"kept {count(retries.waited, 'time')}" if retries.waited else "never kept"
        return made(
            "bad" if retries.broken >= retries.waited else "warn",
            f"{count(retries.early, 'request')} too early",
            f"After {refusals} the pause that Retry-After asked for was {kept}; the worst request came "
            f"{length(retries.earliest_us)} too early.",
            "Send nothing until the seconds in Retry-After have passed, and add some jitter; queue events meanwhile.",
            retries.last_early_request,
        )
    if retries.pending and not retries.waited:
        return made(
            "unknown",
            "not back yet",
            f"It was answered {retries.last_status}, and sent nothing since.",
            "If this lasts, look whether a refused batch ends the sender: it should be kept and sent again.",
        )
    return made(
        "good",
        "waits for Retry-After",
        f"After {refusals} it kept every pause lately, {count(retries.waited, 'pause')} in all.",
    )
