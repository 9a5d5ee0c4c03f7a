"""What a person chooses of the tracks: their colours, how long a trail is, which sessions stand out or are hidden."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject

from console.columns import numbers
from console.telemetry.coordinates import transformed
from console.ui.context import ViewContext
from console.ui.level.canvas import LevelCanvas, TrackHit
from console.ui.level.colouring import Colouring, colouring, nice_end, nice_time, ramp, scale_of
from console.ui.level.legend import Legend
from console.ui.level.model import LevelScene
from console.ui.level.overlay import MAX_DOTS, Label
from console.ui.level.palette import people
from console.ui.level.session_table import HIDDEN, UNKNOWN_US
from console.ui.level.track_heads import heads_at
from console.ui.level.tracks import SPEED, TIME, UNKNOWN
from console.ui.navigation import LevelMomentSubject
from console.ui.selection import Picked

# Samples that the end of the speed ramp is judged from.
_ESTIMATE_SAMPLES = 20_000
_LEGEND_ROWS = 8
_SLOWEST_END, _SHORTEST_END_S = 1.0, 10.0


class TrackView(QObject):
    """Keeps canvas, legend and settings in step with what is chosen."""

    def __init__(
        self,
        context: ViewContext,
        scene: LevelScene,
        legend: Legend,
        canvas: Callable[[], LevelCanvas],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._scene = scene
        self._legend = legend
        self._canvas = canvas
        self._meaning = colouring(context.settings.value("level/colouring", ""))
        self._trail_s = float(str(context.settings.value("level/trail", 0.0)))
        self._wanted: tuple[str, str] | None = None  # a session to highlight as soon as its tracks are there
        self._ramp_key: object = None
        legend.group_toggled.connect(self._toggle_group)
        legend.folded.connect(self._fold_legend)
        legend.fold(folded=bool(context.settings.value("level/legend_folded", False, bool)))
        context.clock.state_changed.connect(self.use_clock)

    @property
    def meaning(self) -> Colouring:
        """What colours mean."""
        return self._meaning

    @property
    def trail_s(self) -> float:
        """How long trails are, in seconds; 0: all of a track."""
        return self._trail_s

    # what a person does

    def colour_by(self, name: str) -> None:
        """Give colours another meaning; it is remembered."""
        self._meaning = colouring(name)
        self._context.settings.setValue("level/colouring", self._meaning.name)
        self.refresh_colours()

    def set_trail(self, seconds: float) -> None:
        """Show only the last seconds before the moment that is looked at; 0: everything."""
        self._trail_s = seconds
        self._context.settings.setValue("level/trail", seconds)
        self._canvas().set_trail(seconds)
        self.use_clock()

    def take_hit(self, hit: TrackHit | None) -> None:
        """A click on a track lets its session stand out, and picks the trajectory it was on; beside all, nothing."""
        self.highlight(None if hit is None else hit.session)
        if hit is not None:
            self._context.tasks.start(self._pick(hit), "Find the trajectory")

    def activate(self, hit: object) -> None:
        """A double click on a track: to the moment somebody was there."""
        if isinstance(hit, TrackHit):
            self._context.clock.seek(hit.time_us)

    def highlight(self, session: int | None) -> None:
        """Let a session stand out from the others, by its number; None: none."""
        self._wanted = None
        self._scene.sessions.highlight(session)
        self._canvas().refresh()

    def end_highlight(self) -> bool:
        """Let no session stand out any more; whether one did."""
        found = self._scene.sessions.highlighted is not None
        self.highlight(None)
        return found

    def show_moment(self, subject: LevelMomentSubject) -> None:
        """Let the session of a moment stand out, now or when its tracks are loaded."""
        self._wanted = (subject.app_id, subject.session_id) if subject.session_id else None
        self._highlight_wanted()

    def _highlight_wanted(self) -> None:
        if self._wanted is not None:
            number = self._scene.sessions.find(*self._wanted)
            if number is not None:
                self.highlight(number)

    def _fold_legend(self, folded: bool) -> None:
        self._legend.fold(folded=folded)
        self._context.settings.setValue("level/legend_folded", folded)

    def _toggle_group(self, group: int, shown: bool) -> None:
        if self._meaning.group:
            self._scene.sessions.set_hidden(self._meaning.group, group, not shown)
            self._canvas().refresh()

    async def _pick(self, hit: TrackHit) -> None:
        facts = self._scene.sessions[hit.session]
        answer = await self._context.client.query(
            "trajectory_at", app_id=facts.app_id, session_id=facts.session_id, time_us=hit.time_us
        )
        if answer.rows == 0 or self._scene.sessions.highlighted != hit.session:
            return  # not stored yet, or another was clicked meanwhile
        request_id, seq, index = (int(numbers(answer, name)[0]) for name in ("request_id", "seq", "index"))
        self._context.selection.pick(
            Picked(
                request_id,
                seq,
                index,
                time_us=hit.time_us,
                app_id=facts.app_id,
                session_id=facts.session_id,
                level_id=self._scene.level or "",
                place=hit.place,
            )
        )

    # to the canvas

    def adopt_canvas(self) -> None:
        """The picture is drawn by another canvas."""
        self._ramp_key = None
        self._canvas().set_trail(self._trail_s)
        self.refresh_colours()
        self.use_clock()

    def use_clock(self) -> None:
        """Show the time that the clock shows. A trail needs an end: the newest sample, while that is followed."""
        clock = self._context.clock
        start, end = clock.shown
        if end is None and self._trail_s:
            end = self._scene.tracks.newest_us()
        self._canvas().set_playing(clock.playing)
        self._canvas().set_time_range(start, end)

    def labels(self) -> list[Label]:
        """Where each player is at the moment that is looked at; who plays twice at once stands at the newer place."""
        scene, clock = self._scene, self._context.clock
        if clock.following or clock.cursor_us is None:
            emphasis = scene.sessions.emphasis()
            found = [head for head in scene.tracks.heads(MAX_DOTS) if emphasis[head.session] != HIDDEN]
        else:
            found = heads_at(scene.tracks, clock.cursor_us, MAX_DOTS)
        heads = {head.player_id: head for head in found}
        if not heads:
            return []
        points = np.array([head.vertex[:3] for head in heads.values()], dtype=np.float64)
        places = transformed(scene.transforms.telemetry, points)
        series = people(self._context.theme.tokens)
        colours = scene.sessions.colours(self._meaning.group or "player")
        return [
            Label(player, x, y, z, series[int(colours[head.session]) % len(series)])
            for (player, head), (x, y, z) in zip(heads.items(), places.tolist(), strict=True)
        ]

    def refresh_colours(self) -> None:
        """What is told more slowly than it changes: where ramps end, and the legend."""
        self._highlight_wanted()
        tokens = self._context.theme.tokens
        values = ramp(self._meaning, tokens, self._highest())
        key = (id(self._canvas()), self._meaning, values)
        if key != self._ramp_key:
            self._ramp_key = key
            self._canvas().set_colouring(self._meaning, values)
        if self._meaning.group:
            self._show_groups()
        else:
            self._legend.show_ramp(self._meaning.title, self._meaning.unit, values)

    def _highest(self) -> float:
        scene = self._scene
        if self._meaning.field == SPEED:
            speeds = scene.tracks.sampled(_ESTIMATE_SAMPLES)[:, SPEED]
            return nice_end(speeds[speeds != UNKNOWN] * scale_of(scene.transforms.telemetry), least=_SLOWEST_END)
        if self._meaning.field == TIME:
            strips, entered = scene.tracks.strips, scene.sessions.entered_us
            if len(strips):
                since_s = strips.end_s - (entered[strips.session] - scene.tracks.base_us) / 1e6
                known = since_s[entered[strips.session] != UNKNOWN_US]
                return nice_time(max(_SHORTEST_END_S, float(known.max(initial=0.0))))
        return _SHORTEST_END_S

    def _show_groups(self) -> None:
        sessions, by = self._scene.sessions, self._meaning.group
        here = np.unique(self._scene.tracks.strips.session)
        groups, first = np.unique(sessions.groups(by)[here], return_index=True)
        colours = dict(zip(groups.tolist(), sessions.colours(by)[here[first]].tolist(), strict=True))
        # Names cost a little each: of thousands only the first in order of appearance are told.
        named = sorted((sessions.group_name(by, group), group) for group in groups[: 4 * _LEGEND_ROWS].tolist())
        rows = [(name, group, colours[group]) for name, group in named[:_LEGEND_ROWS]]
        hidden = {group for group in groups.tolist() if group in sessions.hidden(by)}
        rows += [(name, group, colours[group]) for name, group in named[_LEGEND_ROWS:] if group in hidden]
        self._legend.show_groups(self._meaning.title, rows, hidden, more=len(groups) - len(rows))
