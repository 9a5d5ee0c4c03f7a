"""Tracks on the graphics card: only new samples are sent; colour, time, section and sessions cost nothing to change."""

import time

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from console.ui.level.colouring import DEFAULT, Colouring, Ramp, ramp, scale_of
from console.ui.level.framing import WHOLE_HEIGHT
from console.ui.level.gl_item import (
    SLICE_BYTES,
    Buffer,
    LevelItem,
    Program,
    attribute,
    disable_attributes,
    line_width,
)
from console.ui.level.palette import halo_colour, people, rgb
from console.ui.level.session_texture import SessionTexture
from console.ui.level.track_lists import DrawList, DrawPlan, plan
from console.ui.level.track_shaders import FRAGMENT, STOPS, VERTEX, Look
from console.ui.level.tracks import BLOCK, FIELDS, SESSION, SPEED, TIME, TrackStore, X
from console.ui.theme import Tokens

_VERTEX_BYTES = FIELDS * 4
_EVER = 1e30
# What a frame sends at most: a history comes in slices, and none of them is felt.
_SLICE_VERTICES = 4 * SLICE_BYTES // _VERTEX_BYTES
_HIGHLIGHT_PX = 1.5


class TrajectoryItem(LevelItem):
    """Draws a TrackStore. Past the budget, old lines are drawn over every n-th sample; the newest stay whole."""

    def __init__(self, tracks: TrackStore, tokens: Tokens) -> None:
        super().__init__()
        self.budget = 40_000
        self.width = 2.0
        self.section = WHOLE_HEIGHT
        self.world: NDArray[np.float64] = np.eye(4)
        self.trail_s = 0.0
        self.bytes_sent = 0
        self.seconds = 0.0  # what drawing the last frame's tracks took
        self.preparing_seconds = 0.0  # sending new samples and choosing what is drawn, before that
        self.plan = DrawPlan()
        self._meaning = DEFAULT
        self._ramp = ramp(DEFAULT, tokens, 1.0)
        self._time_range = (-_EVER, _EVER)
        self._tracks = tracks
        self._tokens = tokens
        self._buffers: dict[int, Buffer] = {}  # by chunk
        self._plan_key: object = None
        self._pending: list[tuple[int, int]] = []  # vertices that are not on the card yet

    @property
    def time_range_s(self) -> tuple[float, float]:
        """What is seen, in seconds since the store's base: the end of the range, and the trail before it."""
        start, end = self._time_range
        return (max(start, end - self.trail_s) if self.trail_s else start), end

    def set_tracks(self, tracks: TrackStore) -> None:
        """Draw another store: its vertices are sent anew, into the buffers that are there."""
        self._tracks = tracks
        self._plan_key = None
        tracks.take_dirty()
        self._resend = True
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def set_colouring(self, meaning: Colouring, values: Ramp) -> None:
        """What colours mean; `values` for those that are no groups."""
        self._meaning, self._ramp = meaning, values
        self.update()

    def set_time_range(self, start_us: int | None, end_us: int | None) -> None:
        """Show only samples of this time from the next frame on; None is open."""
        base = self._tracks.base_us
        start = -_EVER if start_us is None else (start_us - base) / 1e6
        end = _EVER if end_us is None else (end_us - base) / 1e6
        self._time_range = (start, end)

    def create(self) -> None:
        self._programs: dict[Look, Program] = {}
        self._texture = SessionTexture()
        self._buffers = {}
        self._resend = True

    def destroy(self) -> None:
        for program in self._programs.values():
            program.delete()
        self._programs = {}
        self._texture.delete()
        for buffer in self._buffers.values():
            buffer.delete()
        self._buffers = {}

    def draw(self) -> None:
        GL.glFinish()  # else what was drawn before is counted here
        began = time.perf_counter()
        self._send()
        self._make_plan()
        prepared = time.perf_counter()
        self.preparing_seconds = prepared - began
        if self.plan.strips:
            self._draw_plan()
            GL.glFinish()
        self.seconds = time.perf_counter() - prepared

    def _draw_plan(self) -> None:
        GL.glEnable(GL.GL_DEPTH_TEST)
        if self.trail_s:
            GL.glEnable(GL.GL_BLEND)
            GL.glBlendFunc(GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA)
        else:
            GL.glDisable(GL.GL_BLEND)
        self._texture.bind(self._tracks.sessions, self._meaning, people(self._tokens))
        # A rim in the ground's colour keeps lines apart from the level and from each other.
        if self.plan.vertices * 2 <= self.budget:
            self._strips(self.plan.strips, self.width + 2.0, halo=True)
        self._strips(self.plan.strips, self.width, halo=False)
        if self.plan.highlighted:
            self._strips(self.plan.highlighted, self.width + 2.0 + _HIGHLIGHT_PX, halo=True)
            self._strips(self.plan.highlighted, self.width + _HIGHLIGHT_PX, halo=False)
        GL.glDisable(GL.GL_BLEND)
        line_width(1.0)
        disable_attributes(4)
        self._texture.release()

    def _use_program(self, look: Look) -> None:
        program = self._programs.get(look)
        if program is None:
            attributes = ("a_position", "a_time", "a_session", "a_value")
            program = Program(look.defines + VERTEX, look.defines + FRAGMENT, attributes)
            self._programs[look] = program
        program.use()
        tokens, values, meaning = self._tokens, self._ramp, self._meaning
        stops, colours = list(values.stops), [rgb(colour) for colour in values.colours]
        missing = STOPS - len(stops)
        since_entered = meaning.field == TIME
        program.set(
            u_mvp=self.mvpMatrix(),
            u_world=self.world,
            u_sessions_size=self._texture.size,
            u_value_scale=scale_of(self.world) if meaning.field == SPEED else 1.0,
            u_since_entered=1.0 if since_entered else 0.0,
            u_entered_from=(self._texture.origin_us - self._tracks.base_us) / 1e6,
            u_stops=np.array(stops + stops[-1:] * missing),
            u_ramp=np.array(colours + colours[-1:] * missing),
            u_unknown=rgb(tokens.dim),
            u_ground=rgb(tokens.panel),
            u_halo=halo_colour(tokens),
            u_lift=0.04 + 0.001 * self.view().opts["distance"],
            u_time_range=self._time_range,
            u_trail=self.trail_s,
            u_section=(self.section.low, self.section.high),
        )

    def _strips(self, lists: list[DrawList], width: float, *, halo: bool) -> None:
        cut = self.plan.cut or self.trail_s > 0 or self.section != WHOLE_HEIGHT
        self._use_program(Look(ramp=not self._meaning.group, cut=cut, halo=halo))
        line_width(width * self.pixel_ratio())
        value = SESSION if self._meaning.group else self._meaning.field
        for chunk, stride, first, count in lists:
            self._buffers[chunk].bind()
            step = stride * _VERTEX_BYTES
            attribute(0, 3, step, X * 4)
            attribute(1, 1, step, TIME * 4)
            attribute(2, 1, step, SESSION * 4)
            attribute(3, 1, step, value * 4)
            GL.glMultiDrawArrays(GL.GL_LINE_STRIP, first, count, len(first))

    def _send(self) -> None:
        tracks = self._tracks
        self._pending += tracks.take_dirty()
        if self._resend:
            self._resend = False
            first, count = tracks.runs()
            self._pending = []
            for number in range(len(tracks.chunks)):
                used = first // tracks.chunk == number
                if used.any():
                    end = int((first[used] + count[used]).max())
                    self._pending.append((number * tracks.chunk, end))
        left = _SLICE_VERTICES
        pending, self._pending = merged(self._pending, tracks.chunk), []
        # What is played now comes in short ranges: it does not wait for a long history.
        for start, end in sorted(pending, key=lambda span: span[1] - span[0]):
            stop = min(end, start + left)
            if stop > start:
                content = tracks.vertices(start, stop)
                self._buffer(start // tracks.chunk).write(start % tracks.chunk * _VERTEX_BYTES, content)
                self.bytes_sent += content.nbytes
                left -= stop - start
            if stop < end:
                self._pending.append((stop, end))
        if self._pending:
            self.update()

    def _buffer(self, chunk: int) -> Buffer:
        if chunk not in self._buffers:
            size = self._tracks.chunk * _VERTEX_BYTES
            self._buffers[chunk] = Buffer(GL.GL_ARRAY_BUFFER, size=size, stream=True)
        return self._buffers[chunk]

    def _missing(self) -> NDArray[np.bool_] | None:
        """For every block of vertices, whether some of it is not on the card yet; None when all is."""
        if not self._pending:
            return None
        missing = np.zeros(len(self._tracks.chunks) * self._tracks.chunk // BLOCK, dtype=np.bool_)
        for start, end in self._pending:
            missing[start // BLOCK : -(-end // BLOCK)] = True
        return missing

    def _make_plan(self) -> None:
        tracks = self._tracks
        clip = np.array(self.mvpMatrix().data(), dtype=np.float64).reshape(4, 4).T @ self.world
        waiting = tuple(self._pending)
        state = tracks.revision, tracks.sessions.revision, waiting
        key = (id(tracks), state, self.budget, self.time_range_s, clip.tobytes())
        if key != self._plan_key:
            self._plan_key = key
            self.plan = plan(
                tracks,
                self.budget,
                time_range_s=self.time_range_s,
                clip=clip,
                missing=self._missing(),
            )


def merged(ranges: list[tuple[int, int]], chunk: int) -> list[tuple[int, int]]:
    """Ranges in order, those that touch within a chunk as one: fewer calls, the same bytes."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1] and start % chunk:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
