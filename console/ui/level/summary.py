"""What the sessions in scope come to on one level, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.columns import numbers, text
from console.messages import Columns
from console.ui.level.marker_signs import is_deadly
from console.ui.widgets.formatting import day_and_time, local_time, plural, short_count


@dataclass(frozen=True)
class Played:
    """Of the `level_summary` query; times in µs."""

    sessions: int
    players: int
    first_us: int
    last_us: int
    played_us: int
    samples: int


@dataclass(frozen=True)
class Waits:
    """Events of one name, and the median time until one came, in µs."""

    name: str
    events: int
    median_us: int


def played_in(answer: Columns) -> Played:
    """From the answer of `level_summary`, which is one row."""
    names = ("sessions", "players", "first_us", "last_us", "played_us", "samples")
    return Played(*(int(numbers(answer, name)[0]) if answer.rows else 0 for name in names))


def waits_in(answer: Columns) -> list[Waits]:
    """From the answer of `level_waits`."""
    if not answer.rows:
        return []
    columns = (numbers(answer, "events").tolist(), numbers(answer, "median_us").tolist())
    return [Waits(name or "", *counts) for name, *counts in zip(text(answer, "name"), *columns, strict=True)]


def played_words(played: Played) -> list[str]:
    """`3 sessions of 2 players · 10:40:02 – 10:44:51`, then how long, and how many samples."""
    if not played.sessions:
        return ["Nobody in scope has played here"]
    who = f"{plural(played.sessions, 'session')} of {plural(played.players, 'player')}"
    start, end = local_time(played.first_us)[:8], local_time(played.last_us)[:8]
    if day_and_time(played.first_us)[:10] != day_and_time(played.last_us)[:10]:
        start, end = day_and_time(played.first_us), day_and_time(played.last_us)
    how_much = f"{seconds_words(played.played_us)} played · {short_count(played.samples)} samples"
    return [who, f"{start} – {end}", how_much]


def death_words(waits: Sequence[Waits]) -> list[str]:
    """Two lines for each name that tells of a death: `31 × Player_Death`, `median life 92 s`."""
    return [
        line
        for wait in waits
        if is_deadly(wait.name)
        for line in (
            f"{short_count(wait.events)} × {wait.name}",
            f"median life {seconds_words(wait.median_us)}",
        )
    ]


def seconds_words(us: int) -> str:
    """`9.4 s`, `1,284 s` up to an hour and a half, then `2.5 h`."""
    seconds = us / 1e6
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:,.0f} s" if seconds < 5_400 else f"{seconds / 3600:,.1f} h"
