"""Tracks on the graphics card: only new samples are sent, and colour, time range and section cost nothing to change."""

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from console.ui.level.framing import WHOLE_HEIGHT
from console.ui.level.gl_item import Buffer, LevelItem, Program, attribute, disable_attributes, line_width
from console.ui.level.palette import RAMP_FPS, halo_colour, rgb
from console.ui.level.tracks import FIELDS, PLAYER, TIME, TrackStore, X, draw_lists, stride_for
from console.ui.theme import Tokens

_VERTEX = """
uniform mat4 u_mvp;
uniform mat4 u_world;
uniform float u_rates;          // 1: colour by frame rate, 0: by player
uniform vec3 u_ramp_fps;
uniform vec3 u_ramp[3];
uniform vec3 u_series[8];
uniform float u_series_count;
uniform vec3 u_none;
uniform vec3 u_halo;
uniform float u_is_halo;
uniform float u_lift;
IN vec3 a_position;
IN float a_time;
IN float a_value;
OUT vec3 v_color;
OUT float v_time;
OUT float v_height;
void main() {
    vec4 world = u_world * vec4(a_position, 1.0);
    v_height = world.z;
    v_time = a_time;
    if (u_rates > 0.5) {
        float bad = clamp((a_value - u_ramp_fps.x) / (u_ramp_fps.y - u_ramp_fps.x), 0.0, 1.0);
        float good = clamp((a_value - u_ramp_fps.y) / (u_ramp_fps.z - u_ramp_fps.y), 0.0, 1.0);
        v_color = a_value < 0.0 ? u_none : mix(mix(u_ramp[0], u_ramp[1], bad), u_ramp[2], good);
    } else {
        v_color = u_series[int(mod(a_value + 0.5, u_series_count))];
    }
    if (u_is_halo > 0.5) v_color = u_halo;
    gl_Position = u_mvp * (world + vec4(0.0, 0.0, u_lift, 0.0));
}
"""

_FRAGMENT = """
uniform vec2 u_time_range;
uniform vec2 u_section;
IN vec3 v_color;
IN float v_time;
IN float v_height;
void main() {
    if (v_time < u_time_range.x || v_time > u_time_range.y || v_height < u_section.x || v_height > u_section.y) discard;
    frag_color = vec4(v_color, 1.0);
}
"""

_VERTEX_BYTES = FIELDS * 4

# Chunk, stride, first vertices and counts of line strips.
DrawLists = list[tuple[int, int, NDArray[np.int32], NDArray[np.int32]]]
_EVER = 1e30

# Vertices drawn a frame. Software rendering stays fluent with this many, and while a person turns the level with the
# second number; a card has no trouble with more.
SOFTWARE_BUDGET = 40_000
SOFTWARE_MOVING_BUDGET = 12_000
HARDWARE_BUDGET = 2_000_000


class TrajectoryItem(LevelItem):
    """Draws a TrackStore. Past the budget, old lines are drawn over every n-th sample; the newest stay whole."""

    def __init__(self, tracks: TrackStore, tokens: Tokens) -> None:
        super().__init__()
        self.budget = HARDWARE_BUDGET
        self.width = 2.0
        self.section = WHOLE_HEIGHT
        self.world: NDArray[np.float64] = np.eye(4)
        self.value = PLAYER
        self.bytes_sent = 0
        self.vertices_drawn = 0
        self._time_range = (-_EVER, _EVER)
        self._tracks = tracks
        self._tokens = tokens
        self._buffers: list[Buffer] = []
        self._lists: tuple[object, DrawLists] = (None, [])

    def set_tracks(self, tracks: TrackStore) -> None:
        """Draw another store: its vertices are sent anew, into the buffers that are there."""
        self._tracks = tracks
        self._lists = (None, [])
        tracks.take_dirty()
        self._resend = True
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def set_time_range(self, start_us: int | None, end_us: int | None) -> None:
        """Show only samples of this time; None is open."""
        base = self._tracks.base_us
        start = -_EVER if start_us is None else (start_us - base) / 1e6
        end = _EVER if end_us is None else (end_us - base) / 1e6
        self._time_range = (start, end)
        self.update()

    def create(self) -> None:
        self._program = Program(_VERTEX, _FRAGMENT, ("a_position", "a_time", "a_value"))
        self._buffers = []
        self._resend = True

    def destroy(self) -> None:
        self._program.delete()
        for buffer in self._buffers:
            buffer.delete()
        self._buffers = []

    def draw(self) -> None:
        self._send()
        lists = self._draw_lists()
        if not lists:
            return
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_BLEND)
        program, tokens = self._program, self._tokens
        series = np.zeros((8, 3))
        colours = [rgb(colour) for colour in tokens.series[:8]]
        series[: len(colours)] = colours
        program.use()
        program.set(
            u_mvp=self.mvpMatrix(),
            u_world=self.world,
            u_rates=0.0 if self.value == PLAYER else 1.0,
            u_ramp_fps=RAMP_FPS,
            u_ramp=np.array([rgb(colour) for colour in tokens.frame_rate]),
            u_series=series,
            u_series_count=float(len(colours)),
            u_none=rgb(tokens.dim),
            u_lift=0.04 + 0.001 * self.view().opts["distance"],
            u_time_range=self._time_range,
            u_section=(self.section.low, self.section.high),
            u_halo=halo_colour(tokens),
        )
        # A rim in the ground's colour keeps lines apart from the level and from each other.
        with_halo = self.vertices_drawn * 2 <= self.budget
        if with_halo:
            self._strips(lists, self.width + 2.0, halo=True)
        self._strips(lists, self.width, halo=False)
        line_width(1.0)
        disable_attributes(3)

    def _strips(self, lists: DrawLists, width: float, *, halo: bool) -> None:
        self._program.set(u_is_halo=1.0 if halo else 0.0)
        line_width(width * self.pixel_ratio())
        for chunk, stride, first, count in lists:
            self._buffers[chunk].bind()
            step = stride * _VERTEX_BYTES
            attribute(0, 3, step, X * 4)
            attribute(1, 1, step, TIME * 4)
            attribute(2, 1, step, self.value * 4)
            GL.glMultiDrawArrays(GL.GL_LINE_STRIP, first, count, len(first))

    def _send(self) -> None:
        tracks = self._tracks
        while len(self._buffers) < len(tracks.chunks):
            self._buffers.append(Buffer(GL.GL_ARRAY_BUFFER, size=tracks.chunk * _VERTEX_BYTES, stream=True))
        dirty = tracks.take_dirty()
        if self._resend:
            self._resend = False
            first, count = tracks.runs()
            dirty = []
            for number in range(len(tracks.chunks)):
                used = first // tracks.chunk == number
                if used.any():
                    end = int((first[used] + count[used]).max())
                    dirty.append((number * tracks.chunk, end))
        for start, end in merged(dirty, tracks.chunk):
            content = tracks.vertices(start, end)
            self._buffers[start // tracks.chunk].write(start % tracks.chunk * _VERTEX_BYTES, content)
            self.bytes_sent += content.nbytes

    def _draw_lists(self) -> DrawLists:
        tracks = self._tracks
        key = (id(tracks), tracks.revision, self.budget)
        if self._lists[0] != key:
            first, count = tracks.runs()
            total = int(count.sum())
            lists: DrawLists = []
            if total <= self.budget:
                parts = [(1, np.ones(len(first), dtype=np.bool_))]
            else:
                # A quarter of the budget for the newest blocks in full, the rest for everything older.
                recent = tracks.ages(first) > tracks.newest_age() - max(1, self.budget // 4 // 256)
                older = int(count[~recent].sum())
                parts = [(1, recent), (stride_for(older, self.budget * 3 // 4), ~recent)]
            for stride, which in parts:
                for chunk, start, number in draw_lists(first[which], count[which], chunk=tracks.chunk, stride=stride):
                    lists.append((chunk, stride, start, number))
            self._lists = (key, lists)
            self.vertices_drawn = sum(int(number.sum()) for *_, number in lists)
        return self._lists[1]


def merged(ranges: list[tuple[int, int]], chunk: int) -> list[tuple[int, int]]:
    """Ranges in order, those that touch within a chunk as one: fewer calls, the same bytes."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1] and start % chunk:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
