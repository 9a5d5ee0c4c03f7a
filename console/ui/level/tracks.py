"""The samples of one level in the layout the graphics card draws: bounded, append-only, no Qt and no OpenGL.

Vertices live in chunks of a fixed size, so that neither memory nor a vertex buffer is ever copied to grow. Space is
given out in blocks of 256 vertices: a session that plays now owns the block it writes to, a history is packed without
gaps. What is drawn is a list of runs, `(first vertex, count)`, each one line strip. When all blocks are in use the
oldest is used again, and its samples are counted as dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from console.ui.level.runs import RunTable
from console.ui.level.session_table import SessionTable
from console.ui.level.track_bounds import TrackBounds
from console.ui.level.track_lines import JOIN_GAP_US, joins, jumps

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# One vertex: position as sent, seconds since `TrackStore.base_us`, the session's number, three frame rates in fps
# (mean, lowest 5 %, lowest 1 %), and the speed in the game's units a second; UNKNOWN for a rate or speed not known.
FIELDS = 9
X, TIME, SESSION, MEAN, LOW_5, LOW_1, SPEED = 0, 3, 4, 5, 6, 7, 8
UNKNOWN = -1.0

BLOCK = 256
CHUNK = 1024 * BLOCK
MAX_SAMPLES = 2_000_000
_FORGET_SHARE = 64  # of all blocks so many parts: the table of strips is gone through once a part, not once a block

# Trajectories come some seconds late, and no two clocks are alike: for so long a player is still there.
PRESENT_S = 60


def speeds(positions: Floats, steps_s: NDArray[np.float64], starts: Ints) -> Floats:
    """Units a second at each of `positions` `(n, 3)`, from the sample before it, `steps_s` `(n - 1,)` earlier.

    The first of a line, at `starts`, has the speed of the second; UNKNOWN where there is none.
    """
    way = np.linalg.norm(np.diff(positions.astype(np.float64), axis=0), axis=1)
    result = np.full(len(positions), UNKNOWN, dtype=np.float32)
    # Client clocks that stand still for a sample must not make anybody infinitely fast.
    result[1:] = np.minimum(way / np.maximum(steps_s, 1e-3), 1e30)
    result[starts] = UNKNOWN
    begins = starts[starts < len(positions) - 1]
    result[begins] = result[begins + 1]
    return result


@dataclass
class Head:
    """Where a session, by its number, was last seen: `vertex` in the game's own axes and units."""

    session: int
    player_id: str
    vertex: Floats
    time_us: int
    block: int = -1  # the block this session writes to, −1 for none
    used: int = 0  # vertices used of it
    run: int = -1  # the run that its next sample continues


# Frame rates: mean, lowest 5 %, lowest 1 %.
Rates = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class LiveTracks:
    """Trajectories as they come, none empty.

    Of each its session's number, its player, time and frame rates, and how many of the `positions` `(n, 3)` are its
    own: they are spread evenly over its time.
    """

    sessions: Sequence[int]
    players: Sequence[str]
    starts_us: Sequence[int]
    ends_us: Sequence[int]
    counts: Sequence[int]
    positions: Floats
    rates: Sequence[Rates]


@dataclass(frozen=True)
class PackedTracks:
    """Many sessions' samples at once: `vertices` `(n, FIELDS)`, `starts` where a line begins (ascending, 0 first)."""

    vertices: Floats
    starts: Ints
    heads: list[Head]


class TrackStore:
    """Blocks of vertices, the runs in them, and the last place of every session.

    `sessions` tells whose the vertices are. `revision` grows with every change; `base_us` is the zero of the times.
    """

    def __init__(
        self,
        sessions: SessionTable | None = None,
        *,
        max_samples: int = MAX_SAMPLES,
        chunk: int = CHUNK,
        base_us: int = 0,
    ) -> None:
        if chunk % BLOCK:
            raise ValueError(f"a chunk holds whole blocks of {BLOCK}, not {chunk} vertices")
        self.sessions = SessionTable() if sessions is None else sessions
        self.chunk = chunk
        self.base_us = base_us
        self.chunks: list[Floats] = []
        self.samples = 0
        self.dropped = 0
        self.revision = 0
        self.metres_per_unit = 1.0
        self._blocks_per_chunk = chunk // BLOCK
        wanted = -(-max_samples // BLOCK)
        self._max_blocks = -(-wanted // self._blocks_per_chunk) * self._blocks_per_chunk
        self._room_up_to = self._max_blocks  # as `_next`: the next block up to there holds nothing
        self._next = 0  # how many blocks were ever given out; the next one is this modulo the number of blocks
        self._block_samples = np.zeros(self._max_blocks, dtype=np.int64)
        self._block_age = np.full(self._max_blocks, -1, dtype=np.int64)
        self.strips = RunTable()
        self._bounds = TrackBounds(chunk)
        self._heads: dict[int, Head] = {}
        self._writers: dict[int, Head] = {}
        self._dirty: list[tuple[int, int]] = []

    # reading

    def heads(self, limit: int) -> list[Head]:
        """The last places of up to `limit` sessions that somebody plays; the one heard of last comes last.

        Who sent nothing for `PRESENT_S` before the newest sample of all has left.
        """
        since_us = (self.newest_us() or 0) - PRESENT_S * 1_000_000
        present = (head for head in reversed(self._heads.values()) if head.time_us >= since_us)
        return list(islice(present, limit))[::-1]

    def runs(self) -> tuple[Ints, Ints]:
        """First vertex and count of every line strip; none crosses a chunk."""
        return self.strips.first, self.strips.count

    def bounds(self) -> TrackBounds:
        """Boxes around the vertices as they are now."""
        self._bounds.refresh(self.chunks)
        return self._bounds

    def gathered(self, index: Ints) -> Floats:
        """A copy of the vertices of these indices, `(n, FIELDS)`."""
        return self._gathered(index, self.chunks, (FIELDS,))

    def gathered_times(self, index: Ints) -> Floats:
        """The times of the vertices of these indices, `(n,)`."""
        return self._gathered(index, [chunk[:, TIME] for chunk in self.chunks], ())

    def _gathered(self, index: Ints, chunks: list[Floats], shape: tuple[int, ...]) -> Floats:
        if len(chunks) == 1:
            return chunks[0][index]
        out = np.empty((len(index), *shape), dtype=np.float32)
        owner, within = np.divmod(index, self.chunk)
        for number in np.flatnonzero(np.bincount(owner)).tolist():
            here = np.flatnonzero(owner == number)
            out[here] = chunks[number][within[here]]
        return out

    def newest_us(self) -> int | None:
        """When somebody was last seen; None while nobody was."""
        return max((head.time_us for head in self._heads.values()), default=None)

    def ages(self, first: Ints) -> Ints:
        """When the block of each of these vertices was given out, as a number that grows with time."""
        ages: Ints = self._block_age[first // BLOCK]
        return ages

    def newest_age(self) -> int:
        """The age of the block given out last."""
        return self._next - 1

    def take_dirty(self) -> list[tuple[int, int]]:
        """Vertex ranges written since the last call, each inside one chunk."""
        dirty, self._dirty = self._dirty, []
        return dirty

    def vertices(self, first: int, end: int) -> Floats:
        """A view of vertices of one chunk."""
        chunk, start = divmod(first, self.chunk)
        return self.chunks[chunk][start : start + end - first]

    def sampled(self, limit: int) -> Floats:
        """Up to about `limit` vertices, evenly picked from all: for estimates."""
        first, count = self.runs()
        total = int(count.sum())
        if total == 0:
            return np.empty((0, FIELDS), dtype=np.float32)
        step = max(1, total // limit)
        picked = np.arange(0, total, step)
        ends = np.cumsum(count)
        run = np.searchsorted(ends, picked, side="right")
        index = first[run] + picked - (ends[run] - count[run])
        return self.gathered(index)

    # writing

    def add(
        self,
        session: int,
        player_id: str,
        start_us: int,
        end_us: int,
        positions: Floats,
        rates: Rates,
    ) -> None:
        """One live trajectory of the session of that number: `positions` `(n, 3)`, spread evenly over start … end."""
        if len(positions):
            self.add_live(
                LiveTracks([session], [player_id], [start_us], [end_us], [len(positions)], positions, [rates])
            )

    def add_live(self, live: LiveTracks) -> None:
        """Live trajectories, in the order in which they came: what can be said of all is said of all at once."""
        vertices, lines = self._vertices(live)
        ends = np.cumsum(live.counts).tolist()
        joined = self._joined(live, vertices, ends).tolist()
        cuts = np.searchsorted(lines, ends).tolist()
        start = line = 0
        for row, (session, player_id) in enumerate(zip(live.sessions, live.players, strict=True)):
            head = self._heads.pop(session, None)
            if head is None:
                head = Head(session, player_id, vertices[start], live.starts_us[row])
            self._heads[session] = head
            goes_on = joined[row]
            for begin in lines[line + 1 : cuts[row]].tolist():
                self._write(head, vertices[start:begin], goes_on)
                start, goes_on = begin, False
            self._write(head, vertices[start : ends[row]], goes_on)
            start, line = ends[row], cuts[row]
            # A copy: a head would keep all that came with it.
            head.vertex, head.time_us = vertices[start - 1].copy(), live.ends_us[row]
        self.samples += start
        self.revision += 1

    def _vertices(self, live: LiveTracks) -> tuple[Floats, Ints]:
        """The vertices of trajectories, `(n, FIELDS)`, and where lines begin: each trajectory, and after each jump."""
        count = np.array(live.counts, dtype=np.int64)
        first = np.cumsum(count) - count
        whose = np.repeat(np.arange(len(count)), count)
        start_us, end_us = np.array(live.starts_us, dtype=np.int64), np.array(live.ends_us, dtype=np.int64)
        step_s = (end_us - start_us) / 1e6 / np.maximum(count - 1, 1)
        vertices = np.empty((len(whose), FIELDS), dtype=np.float32)
        vertices[:, X : X + 3] = live.positions
        vertices[:, TIME] = ((start_us - self.base_us) / 1e6)[whose] + (np.arange(len(whose)) - first[whose]) * step_s[
            whose
        ]
        vertices[:, SESSION] = np.array(live.sessions)[whose]
        rates = [[UNKNOWN if rate is None else rate for rate in three] for three in live.rates]
        vertices[:, MEAN : LOW_1 + 1] = np.array(rates, dtype=np.float32)[whose]
        way = np.linalg.norm(np.diff(vertices[:, X : X + 3].astype(np.float64), axis=0), axis=1)
        way[first[1:] - 1] = np.nan  # from one trajectory to the next is no way
        steps_s = step_s[whose[1:]]
        lines = np.union1d(first, np.flatnonzero(jumps(way * self.metres_per_unit, steps_s)) + 1)
        vertices[:, SPEED] = speeds(vertices[:, X : X + 3], steps_s, lines)
        return vertices, lines

    def _joined(self, live: LiveTracks, vertices: Floats, ends: list[int]) -> NDArray[np.bool_]:
        """For each trajectory, whether it continues the one before it of its session."""
        here: dict[int, int] = {}
        before, gaps_us = [], []
        for row, session in enumerate(live.sessions):
            start_us, head = live.starts_us[row], self._heads.get(session)
            if (last := here.get(session)) is not None:
                before.append(vertices[ends[last] - 1])
                gaps_us.append(start_us - live.ends_us[last])
            elif head is not None:
                before.append(head.vertex)
                gaps_us.append(start_us - head.time_us)
            else:
                before.append(vertices[ends[row] - 1])
                gaps_us.append(JOIN_GAP_US + 1)
            here[session] = row
        first = np.array(ends) - live.counts
        step = vertices[first, :3].astype(np.float64) - np.array(before)[:, :3]
        return joins(np.array(gaps_us), np.linalg.norm(step, axis=1) * self.metres_per_unit)

    def add_packed(self, packed: PackedTracks) -> None:
        """A history, without a gap between its lines."""
        total = len(packed.vertices)
        cursor = 0
        while cursor < total:
            room = self._blocks_per_chunk - self._next % self._blocks_per_chunk
            end = min(total, cursor + room * BLOCK)
            self._place(packed, cursor, end)
            # A line that goes on in the next chunk starts there with the vertex it ended with here.
            continues = end < total and packed.starts[np.searchsorted(packed.starts, end, side="right") - 1] != end
            cursor = end - 1 if continues else end
            self.samples -= int(continues)
            self._block_samples[(self._next - 1) % self._max_blocks] -= int(continues)
        for head in packed.heads:
            self._heads.pop(head.session, None)
            self._heads[head.session] = head
        self.revision += 1

    def _place(self, packed: PackedTracks, start: int, end: int) -> None:
        blocks = [self._take_block() for _ in range(-(-(end - start) // BLOCK))]
        base = blocks[0] * BLOCK
        chunk, offset = divmod(base, self.chunk)
        self.chunks[chunk][offset : offset + end - start] = packed.vertices[start:end]
        self._note(base, base + end - start)
        self.samples += end - start
        sizes = np.full(len(blocks), BLOCK)
        sizes[-1] = end - start - BLOCK * (len(blocks) - 1)
        self._block_samples[blocks] = sizes
        # A run a block, so that the oldest block can go alone; it reaches one vertex into the next block, whose
        # first vertex is its neighbour in memory and is overwritten later than this run is forgotten.
        lines = packed.starts[(packed.starts > start) & (packed.starts < end)] - start
        cuts = np.union1d(np.arange(0, end - start, BLOCK), lines)
        ends = np.append(cuts[1:], end - start)
        broken = np.isin(ends, lines) | (ends == end - start)
        lasts = ends - cuts + ~broken
        here = packed.vertices[start : end + 1]
        times = here[:, TIME]
        self.strips.extend(
            cuts + base, lasts, here[cuts, SESSION].astype(np.int64), times[cuts], times[cuts + lasts - 1]
        )

    def _write(self, head: Head, vertices: Floats, joined: bool) -> None:
        rest = vertices
        if not joined:
            head.run = -1
        while len(rest):
            if head.block < 0 or head.used == BLOCK:
                self._writers.pop(head.block, None)
                head.block, head.used, head.run = self._take_block(), 0, -1
                self._writers[head.block] = head
                if joined:  # the line goes on: its last vertex again, then the new ones
                    self._put(head, head.vertex[None, :])
            part = rest[: BLOCK - head.used]
            self._put(head, part)
            self._block_samples[head.block] += len(part)
            head.vertex, joined = part[-1], True
            rest = rest[len(part) :]

    def _put(self, head: Head, part: Floats) -> None:
        first = head.block * BLOCK + head.used
        chunk, offset = divmod(first, self.chunk)
        self.chunks[chunk][offset : offset + len(part)] = part
        times = part[:, TIME]
        if head.run < 0:
            one = np.array([first]), np.array([len(part)]), np.array([head.session])
            head.run = self.strips.extend(*one, times[:1], times[-1:])
        else:
            self.strips.lengthen(head.run, len(part), float(times[0]), float(times[-1]))
        head.used += len(part)
        self._note(first, first + len(part))

    def _note(self, first: int, end: int) -> None:
        self._dirty.append((first, end))
        self._bounds.note(first, end)

    def _take_block(self) -> int:
        block = self._next % self._max_blocks
        if self._next == self._room_up_to:
            count = min(max(1, self._max_blocks // _FORGET_SHARE), self._max_blocks - block)
            self._forget(block, block + count)
            self._room_up_to += count
        if self._next < self._max_blocks and block % self._blocks_per_chunk == 0:
            self.chunks.append(np.full((self.chunk, FIELDS), np.nan, dtype=np.float32))
        self._block_age[block] = self._next
        self._next += 1
        return block

    def _forget(self, start: int, end: int) -> None:
        """The oldest blocks, from `start` up to `end`."""
        gone = int(self._block_samples[start:end].sum())
        self.dropped += gone
        self.samples -= gone
        self._block_samples[start:end] = 0
        for block in range(start, end):
            if (writer := self._writers.pop(block, None)) is not None:
                writer.block, writer.run = -1, -1
        first = self.strips.first
        kept = np.flatnonzero((first < start * BLOCK) | (first >= end * BLOCK))
        moved = np.full(len(self.strips) + 1, -1, dtype=np.int64)  # the last entry stands for "no run"
        moved[kept] = np.arange(len(kept))
        self.strips.keep(kept)
        for head in self._writers.values():
            head.run = int(moved[head.run])
