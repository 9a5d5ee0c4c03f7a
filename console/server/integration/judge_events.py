"""What the decoded bodies of an SDK tell: which events it sends, what it fills in, and its clock."""

from typing import Final

from console.messages.integration import IntegrationLine, Verdict
from console.server.integration.facts import SdkFacts
from console.server.integration.samples import OPTIONAL_FIELDS
from console.server.integration.words import count, length, listed
from console.telemetry.events import EventKind

_TELEMETRY: Final = (EventKind.IDENTITY, EventKind.FUNNEL, EventKind.GAMEPLAY, EventKind.TRAJECTORY)
_ENOUGH_EVENTS: Final = 50  # before it is worth a remark that a kind does not come
_AHEAD_US: Final = 2_000_000
_BEHIND_US: Final = 60_000_000
_FAR_US: Final = 300_000_000

_NAMES: Final = {
    EventKind.IDENTITY: "player identity",
    EventKind.FUNNEL: "funnel step",
    EventKind.GAMEPLAY: "gameplay event",
    EventKind.TRAJECTORY: "trajectory",
}
_ADD: Final = {
    EventKind.IDENTITY: "Send Create_Player once when a player starts: it brings region and hardware.",
    EventKind.GAMEPLAY: "Send an event_name for what happens in the game.",
    EventKind.TRAJECTORY: "Send positions every few seconds: Level draws its paths from them, Performance its lines.",
}
# Optional fields whose absence empties a view.
_MISSED: Final = {
    (EventKind.TRAJECTORY, "fps"): "Trajectories without fps leave the Performance view empty: add mean, low_5, low_1.",
    (
        EventKind.GAMEPLAY,
        "position",
    ): "Gameplay events without position cannot be placed in the Level view: add [x, y, z].",
    (EventKind.GAMEPLAY, "level_id"): "Events without level_id belong to no level: add it to gameplay events.",
    (EventKind.IDENTITY, "hardware"): "Create_Player without hardware tells nothing of slow machines: add a map.",
}


def lines(facts: SdkFacts) -> list[IntegrationLine]:
    """Kinds, optional fields, clock and time zone."""
    return [_kinds(facts), _fields(facts), _clock(facts), _zone(facts)]


def _kinds(facts: SdkFacts) -> IntegrationLine:
    seen = [kind for kind in _TELEMETRY if facts.kinds[kind]]
    if not seen:
        return _nothing(facts, "kinds", "Kinds of event")
    missing = [kind for kind in _ADD if kind not in seen]
    enough = sum(facts.kinds.values()) >= _ENOUGH_EVENTS
    shares = ", ".join(f"{_NAMES[kind]} × {facts.kinds[kind]:,}" for kind in seen)
    lacking = f" No {listed([_NAMES[kind] for kind in missing])} so far." if missing else ""
    return IntegrationLine(
        topic="kinds",
        part="events",
        title="Kinds of event",
        verdict="warn" if missing and enough else "good",
        found=listed([_NAMES[kind] for kind in seen]),
        reason=f"In {_sampled(facts)}: {shares}.{lacking}",
        mend=" ".join(_ADD[kind] for kind in missing) if enough else "",
    )


def _fields(facts: SdkFacts) -> IntegrationLine:
    used, unused, mends = [], [], []
    for kind in _TELEMETRY:
        if not (total := facts.kinds[kind]):
            continue
        for name in OPTIONAL_FIELDS[kind]:
            found = facts.fields[kind, name]
            if found:
                used.append(f"{_NAMES[kind]} {name} {100 * found // total} %")
            else:
                unused.append(f"{_NAMES[kind]} {name}")
                if (kind, name) in _MISSED:
                    mends.append(_MISSED[kind, name])
    if not used and not unused:
        return _nothing(facts, "fields", "Optional fields")
    parts = [f"Filled in: {', '.join(used)}." if used else "", f"Never: {', '.join(unused)}." if unused else ""]
    return IntegrationLine(
        topic="fields",
        part="events",
        title="Optional fields",
        verdict="warn" if mends else "good",
        found=f"{len(used)} of {len(used) + len(unused)} used",
        reason=" ".join(part for part in parts if part),
        mend=" ".join(mends),
    )


def _clock(facts: SdkFacts) -> IntegrationLine:
    """The least delay is the one with the least of batching and network in it, and so the closest to the clocks' own.

    The same idea as NTP's clock filter (RFC 5905, 10).
    """
    if not facts.delays_us:
        return _nothing(facts, "clock", "Clock")
    least, most = min(facts.delays_us), max(facts.delays_us)
    verdict: Verdict = "good"
    found, mend = f"newest event {length(least)} before its arrival", ""
    if least < -_AHEAD_US:
        verdict = "bad" if least < -_FAR_US else "warn"
        found = f"{length(least)} ahead"
        mend = "Take the time from a synchronised clock, in UTC: DateTime.UtcNow, not DateTime.Now labelled Z."
    elif least > _BEHIND_US:
        verdict = "bad" if least > _FAR_US else "warn"
        found = f"{length(least)} behind"
        mend = (
            "Set the clock, or send sooner: if batches wait this long on purpose, nothing is wrong with the clock. "
            "A whole number of hours means local time labelled as UTC."
        )
    return IntegrationLine(
        topic="clock",
        part="events",
        title="Clock",
        verdict=verdict,
        found=found,
        reason=f"Arrival less the newest time of the batch, over the last {count(len(facts.delays_us), 'sample')}: "
        f"{_range(least, most)}.",
        mend=mend,
    )


def _zone(facts: SdkFacts) -> IntegrationLine:
    if not facts.kinds:
        return _nothing(facts, "zone", "Time zone")
    odd = facts.zoneless or facts.offset
    parts = [
        f"{count(facts.zoneless, 'event')} named no zone and were read as UTC." if facts.zoneless else "",
        f"{count(facts.offset, 'event')} had an offset and were turned to UTC." if facts.offset else "",
    ]
    return IntegrationLine(
        topic="zone",
        part="events",
        title="Time zone",
        verdict="warn" if odd else "good",
        found="no zone" if facts.zoneless else "with offset" if facts.offset else "UTC",
        reason=" ".join(part for part in parts if part) or "Every time that was looked at is in UTC.",
        mend='Send UTC with a Z: 2026-02-12T10:00:00.000Z. C#: DateTime.UtcNow.ToString("o").' if odd else "",
    )


def _nothing(facts: SdkFacts, topic: str, title: str) -> IntegrationLine:
    return IntegrationLine(
        topic=topic,
        part="events",
        title=title,
        verdict="unknown",
        found="nothing seen yet",
        reason="Told from accepted bodies, and none was looked into so far."
        if facts.telemetry_requests
        else "Nothing was sent to /api/events.",
    )


def _sampled(facts: SdkFacts) -> str:
    return f"{count(facts.sampled, 'decoded request')} of {facts.batches.count:,}"


def _range(least_us: int, most_us: int) -> str:
    least, most = _signed(least_us), _signed(most_us)
    return least if least == most else f"{least} to {most}"


def _signed(us: int) -> str:
    return f"{'−' if us < 0 else ''}{length(us)}"
