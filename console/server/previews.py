"""What a segment or a flag would do to the players there are: counted over all of them, saved or not.

A preview looks at every profile once and keeps none but its sample.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from console.messages.players import FlagCount, FlagPreview, PlayerRow, SegmentPreview
from console.players.definitions import ChurnWindow, Flag, Override, Segment
from console.players.profiles import Profile

SAMPLE_PLAYERS = 20
_PROBE_ID = "preview"


class SegmentQuestion(Struct, frozen=True, kw_only=True, tag=True):
    """Who of an application's players meets a condition at an instant."""

    app_id: str
    conditions: dict[str, Any]
    now_us: int
    window: ChurnWindow


class FlagQuestion(Struct, frozen=True, kw_only=True, tag=True):
    """What an application's players would get of a flag at an instant, with the other definitions as they are."""

    app_id: str
    flag: Flag
    flags: list[Flag]
    segments: list[Segment]
    overrides: list[Override]
    now_us: int
    window: ChurnWindow


RowOf = Callable[[Profile, int, ChurnWindow], PlayerRow]


def preview_segment(question: SegmentQuestion, profiles: Iterable[Profile], row_of: RowOf) -> SegmentPreview:
    """Count the members. Raises InvalidDefinition for a condition that was not checked."""
    from console.players.evaluation import Definitions  # takes a while to import

    now_us, window = question.now_us, question.window
    segment = Segment(segment_id=_PROBE_ID, name=_PROBE_ID, conditions=question.conditions)
    definitions = Definitions([], [segment], [])
    total = members = 0
    latest: list[tuple[int, int, Profile]] = []  # a heap of the members who were seen last
    for profile in profiles:
        total += 1
        if not definitions.membership(_PROBE_ID, profile, now_us, window).is_member:
            continue
        members += 1
        entry = (profile.last_seen_us, -members, profile)  # the number decides between equals: profiles have no order
        if len(latest) < SAMPLE_PLAYERS:
            heapq.heappush(latest, entry)
        elif entry > latest[0]:
            heapq.heapreplace(latest, entry)
    sample = [row_of(profile, now_us, window) for _, _, profile in sorted(latest, reverse=True)]
    return SegmentPreview(members=members, total=total, sample=sample)


def preview_flag(question: FlagQuestion, profiles: Iterable[Profile]) -> FlagPreview:
    """Count who gets what, the most frequent first."""
    from console.players.evaluation import Definitions

    flag, now_us, window = question.flag, question.now_us, question.window
    flags = [flag, *(other for other in question.flags if other.key != flag.key)]
    definitions = Definitions(flags, question.segments, question.overrides)
    answers: dict[tuple[bytes, str | None, str], FlagCount] = {}
    players: Counter[tuple[bytes, str | None, str]] = Counter()
    for profile in profiles:
        got = definitions.evaluate(flag.key, profile, now_us, window)
        answer = (_json.encode(got.value), got.variant_key, got.reason)
        players[answer] += 1
        if answer not in answers:
            answers[answer] = FlagCount(value=got.value, variant_key=got.variant_key, reason=got.reason, players=0)
    counts = [replace(answers[answer], players=count) for answer, count in players.most_common()]
    return FlagPreview(total=players.total(), counts=counts)


_json = msgspec.json.Encoder()
