"""All levels of a workspace with what is known of each: what was played there, and what it is shown with. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.columns import numbers, text
from console.messages import Application, Columns, LevelModel
from console.messages.levels import LevelFacts
from console.telemetry.coordinates import metres_per_unit
from console.telemetry.events import UNASSIGNED_LEVEL
from console.telemetry.level_names import same_level
from console.ui.widgets.formatting import byte_size, day_and_time, decimal, plural


@dataclass(frozen=True)
class LevelEntry:
    """One level of one application.

    `model_name` is whose models show it: its own name unless a person said otherwise. `versions` are of that name,
    the newest first; `suggestion` is the name of models that are probably of this level, where it has none itself.
    `last_us` is None where nobody played, `assigned` counts the sessions that a person placed here.
    """

    app_id: str
    app_name: str
    level_id: str
    model_name: str
    versions: tuple[LevelModel, ...] = ()
    suggestion: str | None = None
    sessions: int = 0
    samples: int = 0
    events: int = 0
    last_us: int | None = None
    assigned: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.app_id, self.level_id

    @property
    def active(self) -> LevelModel | None:
        """The version that is shown."""
        return next((version for version in self.versions if version.active), None)

    @property
    def is_unassigned(self) -> bool:
        """Whether these are the sessions without a level."""
        return self.level_id == UNASSIGNED_LEVEL

    @property
    def played(self) -> str:
        """`12 sessions`, and below it `48,211 samples · 310 events`."""
        if not self.sessions:
            return "nobody played here yet"
        return f"{plural(self.sessions, 'session')}\n{plural(self.samples, 'sample')} · {plural(self.events, 'event')}"


@dataclass(frozen=True)
class _Played:
    sessions: int
    samples: int
    events: int
    last_us: int


def level_entries(
    levels: Columns, models: Sequence[LevelModel], facts: LevelFacts, applications: Iterable[Application]
) -> list[LevelEntry]:
    """Every level that was played or has a model, by application and name; those without a level last.

    Models that only show levels of other names are in no line of their own.
    """
    names = {application.app_id: application.name for application in applications}
    played = _played(levels)
    mapped = {(name.app_id, name.level_id): name.level_name for name in facts.names}
    assigned = {(count.app_id, count.level_id): count.sessions for count in facts.assigned}
    versions: dict[tuple[str, str], list[LevelModel]] = {}
    for model in models:
        versions.setdefault((model.app_id, model.level_name), []).append(model)
    shown_by_others = {(app_id, name) for (app_id, _), name in mapped.items()}
    keys = played.keys() | mapped.keys() | (versions.keys() - shown_by_others)
    entries = []
    for app_id, level_id in keys:
        model_name = mapped.get((app_id, level_id), level_id)
        own = versions.get((app_id, model_name), [])
        others = [] if own or level_id == UNASSIGNED_LEVEL else [name for app, name in versions if app == app_id]
        what = played.get((app_id, level_id), _Played(0, 0, 0, 0))
        entries.append(
            LevelEntry(
                app_id=app_id,
                app_name=names.get(app_id, app_id),
                level_id=level_id,
                model_name=model_name,
                versions=tuple(sorted(own, key=lambda model: -model.version)),
                suggestion=same_level(level_id, others),
                sessions=what.sessions,
                samples=what.samples,
                events=what.events,
                last_us=what.last_us or None,
                assigned=assigned.get((app_id, level_id), 0),
            )
        )
    return sorted(
        entries, key=lambda entry: (entry.is_unassigned, entry.app_name.casefold(), entry.level_id.casefold())
    )


def owners(entries: Sequence[LevelEntry]) -> list[str]:
    """The application of each level whose name several applications have; "" where the name alone tells."""
    named = Counter(entry.level_id for entry in entries)
    return [entry.app_name if named[entry.level_id] > 1 else "" for entry in entries]


def model_names(models: Iterable[LevelModel], app_id: str) -> list[str]:
    """The names that an application's models have, by name."""
    return sorted({model.level_name for model in models if model.app_id == app_id}, key=str.casefold)


def version_words(model: LevelModel) -> str:
    """`Version 2 · 88,600 triangles · 3.1 MB · 2026-11-22 09:19`."""
    parts = [
        f"Version {model.version}" + (" (archived)" if model.archived_at_us is not None else ""),
        plural(model.triangles, "triangle"),
        byte_size(model.file_bytes),
        day_and_time(model.uploaded_at_us),
    ]
    return " · ".join(parts)


def facts_words(model: LevelModel) -> str:
    """What is known of a version, in lines that fit a narrow panel; its size also in metres, as it is shown."""
    low, high = model.bounds
    sides = [b - a for a, b in zip(low, high, strict=True)]
    scale = metres_per_unit(model.mesh_axes, model.calibration.mesh)
    lines = [
        f"{plural(model.triangles, 'triangle')} · {byte_size(model.file_bytes)}",
        f"{_sides([side * scale for side in sides])} m",
        f"uploaded {day_and_time(model.uploaded_at_us)}",
    ]
    if scale != 1:
        lines.insert(2, f"{_sides(sides)} units in the file")
    return "\n".join(lines)


def _sides(lengths: Iterable[float]) -> str:
    return " × ".join(decimal(length).removesuffix(".0") for length in lengths)


def _played(levels: Columns) -> dict[tuple[str, str], _Played]:
    if not levels.rows:
        return {}
    keys = zip(text(levels, "app_id"), text(levels, "level_id"), strict=True)
    counts = (numbers(levels, name).tolist() for name in ("sessions", "samples", "events", "last_us"))
    return {
        (app_id or "", level_id or UNASSIGNED_LEVEL): _Played(*map(int, row))
        for (app_id, level_id), row in zip(keys, zip(*counts, strict=True), strict=True)
    }
