"""What the level view shows, without Qt or OpenGL: which level, its tracks and markers, and what to say of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.columns import numbers, text
from console.messages import Axes, Columns, EventRow, FeedRows, LevelModel, TrajectoryRow
from console.messages.levels import LevelFacts
from console.telemetry.coordinates import Transforms, share_inside, transformed
from console.telemetry.events import UNASSIGNED_LEVEL, EventKind
from console.ui.colours import Colours
from console.ui.level.framing import Bounds, bounds_of, core, roomy
from console.ui.level.markers import Marker, MarkerStore
from console.ui.level.model_notes import model_note, samples_note
from console.ui.level.session_table import SessionTable
from console.ui.level.tracks import LiveTracks, TrackStore
from console.ui.recent_rows import RecentRows
from console.ui.selection import Scope
from console.ui.widgets.formatting import percent, plural, visible

# Points that the share inside the level is estimated from, and how far outside of the mesh a body may be, in metres.
ESTIMATE_POINTS = 20_000
INSIDE_MARGIN_M = 0.5
_PLACE_BYTES = 12  # three floats of a row's positions


@dataclass(frozen=True)
class LevelSummary:
    """One level of the `levels` query: `samples` decides which is followed, `played` whose it is."""

    level_id: str
    samples: int
    played: Mapping[str, int] = field(default_factory=dict)  # by application: when it was last, in µs


@dataclass(frozen=True)
class History:
    """A level's past.

    `entries` tells when each session, by its number, entered the level; `window` from when to when was asked for.
    """

    tracks: TrackStore
    markers: list[Marker]
    last_track_seq: int
    last_marker_seq: int
    truncated: bool
    entries: Sequence[tuple[int, int]] = ()
    window: tuple[int | None, int | None] = (None, None)

    def last_seq_of(self, row: TrajectoryRow | EventRow) -> int:
        """The newest `seq` of this row's kind that the history can hold."""
        return self.last_track_seq if isinstance(row, TrajectoryRow) else self.last_marker_seq


class LevelScene:
    """One level in one scope.

    Rows that come while a history is loading wait in `_recent`, as do those that the event store may not have yet:
    `loaded` adds them when the history does not hold them.
    """

    def __init__(self, default_axes: tuple[Axes, Axes] = ("gltf", "unity"), colours: Colours | None = None) -> None:
        self.level: str | None = None
        self.chosen = False  # by a person: then nothing else is followed
        self.scope = Scope()
        self.levels: dict[str, LevelSummary] = {}
        self.models: list[LevelModel] = []
        self._model_names: dict[tuple[str, str], str] = {}  # of application and level, where it is not the level's
        self.sessions = SessionTable(colours)
        self.window: tuple[int | None, int | None] = (None, None)  # the time whose past is loaded
        self.tracks = TrackStore(self.sessions)
        self.markers = MarkerStore()
        self.known = False  # whether the server told which levels there are
        self.loading = False
        self.truncated = False
        self.transforms = Transforms(*default_axes)
        self.preview: Transforms | None = None  # what a person tries out
        self._default_axes = default_axes
        self._recent = RecentRows[TrajectoryRow | EventRow]()

    # which level

    def take_levels(self, answer: Columns, asked_about: Collection[str] = ()) -> None:
        """The `levels` query's answer. Of the levels heard of before it was asked for, those that it lacks are none.

        A row of the feed may name none, or another one, where the store knows better: after a server's restart, or
        since sessions were assigned.
        """
        self.known = True
        samples: dict[str, int] = {}
        played: dict[str, dict[str, int]] = {}
        if answer.rows:
            names, applications = text(answer, "level_id"), text(answer, "app_id")
            counts, last = numbers(answer, "samples").tolist(), numbers(answer, "last_us").tolist()
            for level_id, app_id, count, last_us in zip(names, applications, counts, last, strict=True):
                name = level_id or UNASSIGNED_LEVEL
                samples[name] = samples.get(name, 0) + int(count)
                played.setdefault(name, {})[app_id or ""] = int(last_us)
        for name in set(asked_about) - set(samples):
            self.levels.pop(name, None)
        self.levels |= {name: LevelSummary(name, count, played[name]) for name, count in samples.items()}

    def take_models(self, models: Sequence[LevelModel]) -> None:
        """The level models of every application."""
        self.models = list(models)
        self._use_axes()

    def take_facts(self, facts: LevelFacts) -> None:
        """Which levels are shown with the models of another name."""
        self._model_names = {(name.app_id, name.level_id): name.level_name for name in facts.names}
        self._use_axes()

    def level_ids(self) -> list[str]:
        """All levels heard of, by name; those without a level last."""
        shown_by_others = set(self._model_names.values())
        names = set(self.levels) | {model.level_name for model in self.models if model.archived_at_us is None}
        names -= shown_by_others - set(self.levels)
        if self.level is not None:
            names.add(self.level)
        return sorted(names, key=lambda name: (name == UNASSIGNED_LEVEL, name.lower()))

    def suggested(self) -> str | None:
        """The level with the most samples, else the one whose model came last."""
        played = [level for level in self.levels.values() if level.samples]
        if played:
            return max(played, key=lambda level: (level.level_id != UNASSIGNED_LEVEL, level.samples)).level_id
        if self.models:
            return max(self.models, key=lambda model: model.uploaded_at_us).level_name
        return next(iter(self.levels), None)

    def show(self, level: str | None, *, chosen: bool = False) -> None:
        """Turn to a level: empty until its history is loaded."""
        self.level = level
        self.chosen = self.chosen or chosen
        self.preview = None
        self._use_axes()
        self.clear()

    def set_scope(self, scope: Scope) -> None:
        self.scope = scope
        self._use_axes()
        self.clear()

    def clear(self) -> None:
        """Forget what is shown, not what is stored."""
        hidden = self.markers.hidden
        self.tracks = TrackStore(self.sessions)
        self.tracks.metres_per_unit = self.saved_transforms().metres_per_unit
        self.sessions.forget_entries()
        self.window = (None, None)
        self.markers = MarkerStore()
        self.markers.hidden = hidden
        self.truncated = False

    def app_id(self) -> str | None:
        """The application that the shown level is of; None where nobody played it and it has no model.

        Of several the one in scope, else the one that played it last, else the one whose model came last.
        """
        summary = self.levels.get(self.level or "")
        played = {} if summary is None else summary.played
        with_model = {model.app_id: model.uploaded_at_us for model in self.models if self._is_of_shown(model)}
        if self.scope.app_id in {*played, *with_model}:
            return self.scope.app_id
        found = played or with_model
        return max(found, key=lambda app_id: found[app_id], default=None)

    # the model

    def active_model(self) -> LevelModel | None:
        """The level's active model in scope; the newest when several applications have one."""
        found = [
            model
            for model in self.models
            if model.active and self._is_of_shown(model) and self.scope.app_id in (None, model.app_id)
        ]
        return max(found, key=lambda model: model.uploaded_at_us, default=None)

    def _is_of_shown(self, model: LevelModel) -> bool:
        return model.level_name == self._model_names.get((model.app_id, self.level or ""), self.level)

    def set_default_axes(self, axes: tuple[Axes, Axes]) -> None:
        """Axes of levels without a model."""
        self._default_axes = axes
        self._use_axes()

    def _use_axes(self) -> None:
        self.transforms = self.preview or self.saved_transforms()

    def saved_transforms(self) -> Transforms:
        """How the level lies without what is tried out."""
        model = self.active_model()
        if model is None:
            return Transforms(*self._default_axes)
        return Transforms(model.mesh_axes, model.telemetry_axes, model.calibration)

    def try_out(self, transforms: Transforms | None) -> None:
        """Show the level so, until it is saved, or another level is shown; None ends it."""
        self.preview = transforms
        self._use_axes()

    def joins_need_reload(self) -> bool:
        """Whether tracks were joined with another unit of length than the axes now have."""
        return self.tracks.metres_per_unit != self.saved_transforms().metres_per_unit

    # samples

    def query_params(self) -> dict[str, object]:
        """What every query of this level is narrowed to."""
        return {"level_id": self.level} | self.scope.params()

    def loaded(self, history: History) -> None:
        """Replace what is shown by a history, then add what came since."""
        self.clear()
        self.truncated = history.truncated
        self.window = history.window
        self.tracks = history.tracks
        for number, entered_us in history.entries:
            self.sessions.entered(number, entered_us)
        self.markers.add(history.markers)
        self.loading = False
        self._show_rows(self._recent.beyond(history.last_seq_of))

    def take_rows(self, rows: FeedRows, *, seen: bool = True) -> bool:
        """Live rows; those that nobody would see wait for `catch_up`. Whether something that is shown changed."""
        placed = [event for event in rows.events if event.kind is EventKind.GAMEPLAY and event.x is not None]
        fresh: list[TrajectoryRow | EventRow] = [*rows.trajectories, *placed]
        if not fresh:
            return False
        seen = seen and not self.loading  # a load that fails leaves them to be caught up on
        self._recent.add(fresh, seen=seen)
        for row in rows.trajectories:
            name = row.level_id or UNASSIGNED_LEVEL
            known = self.levels.get(name, LevelSummary(name, 0))
            played = {**known.played, row.app_id: row.end_us}
            self.levels[name] = LevelSummary(name, known.samples + len(row.positions) // _PLACE_BYTES, played)
        for event in placed:
            name = event.level_id or UNASSIGNED_LEVEL
            self.levels.setdefault(name, LevelSummary(name, 0, {event.app_id: event.time_us}))
        return seen and self._show_rows(fresh)

    def catch_up(self) -> bool | None:
        """Show what nobody saw. Whether there was anything; None: too much, a history is to be loaded instead."""
        if self.loading:
            return False  # what is being loaded brings them along
        rows = self._recent.catch_up()
        return None if rows is None else self._show_rows(rows)

    def _show_rows(self, rows: list[TrajectoryRow | EventRow]) -> bool:
        before = self.tracks.revision, self.markers.revision
        found, tracks = [], []
        for row in rows:
            if (row.level_id or UNASSIGNED_LEVEL) != self.level:
                continue
            if not self.scope.admits(row.app_id, row.build_id, row.session_id):
                continue
            if isinstance(row, TrajectoryRow):
                tracks.append(row)
            elif row.x is not None and row.y is not None and row.z is not None:
                place = (row.x, row.y, row.z)
                event = (row.seq, row.request_id, row.index, row.time_us, row.name, row.player_id)
                found.append(Marker(*event, *place, row.app_id, row.session_id))
        self._add_tracks(tracks)
        self.markers.add(found)
        return before != (self.tracks.revision, self.markers.revision)

    def _add_tracks(self, rows: list[TrajectoryRow]) -> None:
        numbers = []
        for row in rows:
            numbers.append(self.session_number(row.app_id, row.session_id, row.player_id, row.build_id))
            self.sessions.entered(numbers[-1], row.start_us)
        if rows and self.tracks.base_us == 0:
            self.tracks.base_us = rows[0].start_us
        found = [(number, row) for number, row in zip(numbers, rows, strict=True) if row.positions]
        if found:
            shown = [row for _, row in found]
            self.tracks.add_live(
                LiveTracks(
                    [number for number, _ in found],
                    [row.player_id for row in shown],
                    [row.start_us for row in shown],
                    [row.end_us for row in shown],
                    [len(row.positions) // _PLACE_BYTES for row in shown],
                    np.frombuffer(b"".join(row.positions for row in shown), dtype="<f4").reshape(-1, 3),
                    [(row.fps_mean, row.fps_low_5, row.fps_low_1) for row in shown],
                )
            )

    def session_number(self, app_id: str, session_id: str, player_id: str, build_id: str) -> int:
        """The number that tracks know a session by."""
        return self.sessions.number(app_id, session_id, player_id, build_id)

    # geometry

    def sample_points(self, limit: int = ESTIMATE_POINTS) -> NDArray[np.float64]:
        """About `limit` of the samples in the viewer's metres."""
        return transformed(self.transforms.telemetry, self.tracks.sampled(limit)[:, :3])

    def mesh_bounds(self) -> Bounds | None:
        """The active model's box in the viewer's metres."""
        model = self.active_model()
        if model is None:
            return None
        low, high = model.bounds
        corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        return bounds_of(transformed(self.transforms.mesh, corners))

    def bounds(self) -> Bounds | None:
        """What fit shows: the mesh, or the samples where there is none. A stray sample must not shrink a level."""
        return self.mesh_bounds() or self.sample_bounds()

    def sample_bounds(self) -> Bounds | None:
        """The box around all samples but the outermost percent, and those that are far away from all others."""
        points = self.sample_points()
        if len(points) == 0:
            return None
        found = bounds_of(np.percentile(points[core(points)], [0.5, 99.5], axis=0))
        return None if found is None else roomy(found)

    def share_far(self) -> float:
        """Estimated share of the samples far away from all others, 0 … 1: such as those of a broken game."""
        points = self.sample_points()
        return 1 - float(core(points).mean()) if len(points) else 0.0

    def share_inside(self) -> float | None:
        """Estimated share of the samples within the mesh's box, 0 … 1; None without either."""
        bounds = self.mesh_bounds()
        points = self.sample_points()
        if bounds is None or len(points) == 0:
            return None
        return share_inside(points, bounds, INSIDE_MARGIN_M)

    # words

    def advice(self) -> str:
        """What a person could do about what is missing; "" when nothing is."""
        if self.level is None or self.loading:
            return ""
        played = self.tracks.samples or len(self.markers)
        if not played:
            nobody = "Nobody has played here yet: tracks appear as soon as a game sends trajectories with this level."
            return " ".join(filter(None, (model_note(self.mesh_bounds()), nobody)))
        if far := samples_note(self.tracks.sampled(ESTIMATE_POINTS)[:, :3], self.transforms.metres_per_unit):
            return far
        if self.level != UNASSIGNED_LEVEL and self.active_model() is None:
            if any(self._is_of_shown(model) and self.scope.app_id in (None, model.app_id) for model in self.models):
                return "The model of this level is archived: restore it under Levels, or drop another mesh here."
            return "This level has no model yet: drop its mesh here, or upload it under Levels."
        if self.level == UNASSIGNED_LEVEL:
            return (
                "The sessions of these trajectories never named a level: send level_id with an event, or assign them "
                "under Levels."
            )
        return model_note(self.mesh_bounds())

    def status(self, share_inside: float | None) -> str:
        """One line: `Courtyard · 1,204 triangles · 99.2 % of samples inside`."""
        if self.level is None:
            return "No level yet" if self.known else "Loading the levels…"
        parts = [visible(self.level, 48)]
        model = self.active_model()
        parts.append("no model" if model is None else plural(model.triangles, "triangle"))
        if share_inside is not None:
            parts.append(f"{percent(share_inside)} of samples inside")
        else:
            parts.append(plural(self.tracks.samples, "sample"))
        if far := self.share_far():
            parts.append(f"{percent(far)} far away from all others")
        if self.tracks.dropped:
            parts.append(f"{self.tracks.dropped:,} older samples not shown")
        elif self.truncated:
            parts.append("older samples not shown")
        if self.markers.dropped:
            parts.append(f"{self.markers.dropped:,} older markers not shown")
        if self.loading:
            parts.append("loading…")
        return " · ".join(parts)
