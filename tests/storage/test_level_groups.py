"""Questions about a level's sessions, against brute force over random events of two applications with equal ids."""

import random
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from msgspec.structs import replace

from console.storage.event_columns import columns_of
from console.storage.event_store import Position
from tests.storage.events import at_us, gameplay, journaled, opened, rows, trajectory

Move = tuple[str, str, str, str, int, int]  # application, build, player, session, first and last second
Deed = tuple[str, str, str, int]  # application, session, name, second
APPS = ("app a", "app b")
SCOPES: tuple[dict[str, Any], ...] = (
    {},
    {"app_id": "app b"},
    {"sessions": {"app a": ["s0", "s2"], "app b": ["s1"]}},
)
SPANS = ((None, None), (5, 20), (None, 12))


def events_of(choose: random.Random) -> tuple[list[dict[str, Any]], list[str], list[Move], list[Deed]]:
    """Messages and their applications, and which moves and deeds of them were in the level."""
    messages: list[dict[str, Any]] = []
    apps: list[str] = []
    moves: list[Move] = []
    deeds: list[Deed] = []
    for _ in range(80):
        app, session = choose.choice(APPS), f"s{choose.randrange(4)}"
        more = {
            "build_id": choose.choice("12"),
            "player_id": choose.choice("pq"),
            "level_id": choose.choice(["L", "L", "M"]),
        }
        start = choose.randrange(30)
        if choose.random() < 0.5:
            end = start + choose.randrange(4)
            messages.append(trajectory(session, start, end, [0.0] * 3 * (end - start + 1), **more))
            if more["level_id"] == "L":
                moves.append((app, more["build_id"], more["player_id"], session, start, end))
        else:
            name = choose.choice(["Jump", "Die"])
            level = more.pop("level_id")
            messages.append(gameplay(session, start, level, event_name=name, **more))
            if level == "L":
                deeds.append((app, session, name, start))
        apps.append(app)
    return messages, apps, moves, deeds


def is_in(scope: dict[str, Any], app: str, session: str) -> bool:
    chosen = scope.get("sessions")
    return scope.get("app_id") in (None, app) and (chosen is None or session in chosen[app])


def summed(moves: list[Move], low: float, high: float) -> tuple[int, ...]:
    """Sessions, players, microseconds from first to last, microseconds played, samples: one each second."""
    if not moves:
        return (0, 0, 0, 0, 0, 0)
    starts, ends = [max(m[4], low) for m in moves], [min(m[5], high) for m in moves]
    return (
        len({(m[0], m[3]) for m in moves}),
        len({(m[0], m[2]) for m in moves}),
        at_us(min(starts)),
        at_us(max(ends)),
        round(sum(end - start for start, end in zip(starts, ends, strict=True)) * 1_000_000),
        sum(low <= secs <= high for m in moves for secs in range(m[4], m[5] + 1)),
    )


def waited(moves: list[Move], deeds: list[Deed], low: float, high: float) -> set[tuple[str, int, int]]:
    """Each name, how often it came in the span, and the median wait in microseconds."""
    came: dict[tuple[str, str], int] = {}
    for app, session, at in [(m[0], m[3], m[4]) for m in moves] + [(d[0], d[1], d[3]) for d in deeds]:
        came[app, session] = min(at, came.get((app, session), at))
    times = defaultdict(list)
    for app, session, name, at in deeds:
        times[app, session, name].append(at)
    waits = defaultdict(list)
    for (app, session, name), instants in times.items():
        for before, at in pairwise([came[app, session], *sorted(instants)]):
            if low <= at <= high:
                waits[name].append((at - before) * 1_000_000)
    return {(name, len(found), round(median(found))) for name, found in waits.items()}


def test_levels_are_summed_up_as_by_brute_force(tmp_path: Path) -> None:
    messages, apps, moves, deeds = events_of(random.Random(5))
    event_store = opened(tmp_path / "events.duckdb")
    try:
        ingests = journaled(*messages)
        of_apps = [replace(ingest, app_id=app) for ingest, app in zip(ingests, apps, strict=True)]
        event_store.append(columns_of(of_apps, Position()))
        for scope in SCOPES:
            for from_secs, to_secs in SPANS:
                low = float("-inf") if from_secs is None else from_secs
                high = float("inf") if to_secs is None else to_secs
                asked: dict[str, Any] = {"level_id": "L"} | scope
                asked |= {} if from_secs is None else {"from_us": at_us(from_secs)}
                asked |= {} if to_secs is None else {"to_us": at_us(to_secs)}
                mine = [m for m in moves if is_in(scope, m[0], m[3])]
                inside = [m for m in mine if m[5] >= low and m[4] <= high]
                assert rows(event_store, "level_summary", **asked) == [summed(inside, low, high)]
                builds = {}
                for build in {m[1] for m in inside}:
                    sessions, players, first, last, played, samples = summed(
                        [m for m in inside if m[1] == build], low, high
                    )
                    builds[build] = (sessions, players, samples, played / 1e6, first, last)
                assert {row[0]: row[1:] for row in rows(event_store, "level_builds", **asked)} == builds
                done = [d for d in deeds if is_in(scope, d[0], d[1])]
                assert set(rows(event_store, "level_waits", **asked)) == waited(mine, done, low, high)
    finally:
        event_store.close()
