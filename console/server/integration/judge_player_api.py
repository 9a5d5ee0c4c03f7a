"""What an SDK does with the player API, as far as it uses it."""

from typing import Final

from console.messages.integration import IntegrationLine, Verdict
from console.players.definitions import Tier
from console.server.integration import judge_retries
from console.server.integration.facts import SdkFacts
from console.server.integration.judge_sending import RECENT_US
from console.server.integration.words import count
from console.server.player_api.tiers import TIERS

_NEAR_LIMIT: Final = 0.8
# These need a player that was registered before.
_NEED_PLAYER: Final = ("flags", "segments", "session", "purchase", "events")


def lines(facts: SdkFacts, tier: Tier, now_us: int) -> list[IntegrationLine]:
    """`tier` is the application's."""
    return [
        _registered(facts),
        _sessions(facts),
        _flags(facts),
        _stream(facts),
        _rate(facts, tier, now_us),
        _retries(facts),
    ]


def _line(topic: str, title: str, verdict: Verdict, found: str, reason: str, mend: str = "") -> IntegrationLine:
    return IntegrationLine(
        topic=topic, part="player_api", title=title, verdict=verdict, found=found, reason=reason, mend=mend
    )


def _registered(facts: SdkFacts) -> IntegrationLine:
    title, uses = "Players registered", facts.player_uses
    if uses["register"]:
        return _line(
            "registered", title, "good", "yes", f"{count(uses['register'], 'registration')} accepted since it was seen."
        )
    if facts.player_refusals["register"]:
        return _line(
            "registered",
            title,
            "bad",
            "refused",
            f"{count(facts.player_refusals['register'], 'registration')} refused, none accepted.",
            "POST /v1/players/players with external_id or device_id; the last rejection says what is wrong.",
        )
    others = [use for use in _NEED_PLAYER if uses[use] or facts.player_refusals[use]]
    if others:
        return _line(
            "registered",
            title,
            "warn",
            "not by this client",
            f"It uses {', '.join(others)} without registering a player in this time.",
            "Register the player at every start: POST /v1/players/players updates one that is there already.",
        )
    return _unused("registered", title)


def _sessions(facts: SdkFacts) -> IntegrationLine:
    title, uses, refusals = "Sessions and events", facts.player_uses, facts.player_refusals
    done = [f"{uses[use]:,} {use}" for use in ("session", "purchase", "events") if uses[use]]
    refused = sum(refusals[use] for use in ("session", "purchase", "events"))
    if refused and not done:
        return _line(
            "sessions", title, "bad", "refused", f"{count(refused, 'request')} refused, none accepted.", _SEE_REQUESTS
        )
    if done:
        return _line(
            "sessions",
            title,
            "warn" if refused else "good",
            ", ".join(done),
            f"Accepted requests by purpose; {refused:,} refused.",
            _SEE_REQUESTS if refused else "",
        )
    return _unused("sessions", title)


def _flags(facts: SdkFacts) -> IntegrationLine:
    title, uses, refusals = "Flags and segments", facts.player_uses, facts.player_refusals
    done, refused = uses["flags"] + uses["segments"], refusals["flags"] + refusals["segments"]
    if refused and refused >= done:
        return _line(
            "flags",
            title,
            "bad",
            f"{refused:,} refused",
            f"{count(done, 'evaluation')} answered, {refused:,} refused.",
            "Evaluate with the id that the registration answered, and for keys that exist under Flags & segments.",
        )
    if done:
        return _line(
            "flags",
            title,
            "warn" if refused else "good",
            f"{done:,} evaluated",
            f"{uses['flags']:,} requests for flags, {uses['segments']:,} for segments; {refused:,} refused.",
            _SEE_REQUESTS if refused else "",
        )
    return _unused("flags", title)


def _stream(facts: SdkFacts) -> IntegrationLine:
    title = "Event stream"
    opened, refused = facts.player_uses["stream"], facts.player_refusals["stream"]
    if opened:
        return _line("stream", title, "good", f"opened {count(opened, 'time')}", "The stream was answered.")
    if refused:
        return _line(
            "stream",
            title,
            "bad",
            "refused",
            f"{count(refused, 'attempt')} refused, none answered.",
            "The stream needs a secret key in X-API-Key: it is for servers and tools, not for games.",
        )
    return _unused("stream", title)


def _rate(facts: SdkFacts, tier: Tier, now_us: int) -> IntegrationLine:
    title, limits = "Rate tier", TIERS[tier]
    lately = facts.player_pace.lately(now_us)
    if not facts.player_uses and not facts.player_refusals:
        return _unused("tier", title)
    reason = f"{count(lately, 'request')} to the player API in the last minute."
    if limits is None:
        return _line("tier", title, "good", f"{tier}: no limit", reason)
    share = lately / limits.requests_per_minute
    return _line(
        "tier",
        title,
        "warn" if share > _NEAR_LIMIT else "good",
        f"{100 * share:.0f} % of {tier}",
        f"{reason} The tier {tier} allows {limits.requests_per_minute:,} for each key.",
        "Evaluate several flags in one request, and send events in batches." if share > _NEAR_LIMIT else "",
    )


def _retries(facts: SdkFacts) -> IntegrationLine:
    if not facts.player_uses and not facts.player_refusals:
        return _unused("player_retries", "After 429 and 503")
    return judge_retries.line(facts.player_retries, facts.last_us, RECENT_US, topic="player_retries", part="player_api")


_SEE_REQUESTS: Final = "The Requests view shows what was refused, and why."


def _unused(topic: str, title: str) -> IntegrationLine:
    return _line(topic, title, "unknown", "not used", "Nothing of this kind was sent to the player API.")
