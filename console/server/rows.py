"""Requests and what they recorded as the rows that tables and plots show."""

import sys
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from console.messages import EventRow, RequestRow, TrajectoryRow
from console.players.commands import Command, decode_recorded, line_of
from console.storage.journal import Committed, IngestRequest, JournaledIngest
from console.telemetry.decoding import decode_events
from console.telemetry.events import (
    Event,
    EventKind,
    FrameRates,
    FunnelStep,
    GameplayEvent,
    PlayerIdentity,
    Trajectory,
    epoch_us,
)

_NO_FRAME_RATES = FrameRates()


class SessionLevels:
    """The level each session was last seen in, for the most recently active sessions.

    A trajectory names no level; its session's other events do. The event store answers exactly, by time; this is
    the same rule in order of arrival, cheap enough for the live view.
    """

    def __init__(
        self,
        max_sessions: int = 10_000,
        *,
        older: "SessionLevels | None" = None,
        assigned: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """`older` is asked for sessions that were not seen here, `assigned` for those that named no level at all."""
        self._max_sessions = max_sessions
        self._older = older
        self._levels: OrderedDict[tuple[str, str], str] = OrderedDict()
        self.assigned = assigned or {}  # replaced whole, so that any thread may look

    def __len__(self) -> int:
        return len(self._levels)

    def note(self, app_id: str, session_id: str, level_id: str) -> None:
        """The session is in this level now. The longest unseen session is forgotten when there are too many."""
        key = (app_id, session_id)
        levels = self._levels
        levels[key] = level_id
        levels.move_to_end(key)
        if len(levels) > self._max_sessions:
            levels.popitem(last=False)

    def note_all(self, app_id: str, events: list[Event]) -> None:
        """The levels named by a batch, for events that are not turned into rows."""
        for event in events:
            if not isinstance(event, PlayerIdentity) and event.level_id is not None:
                self.note(app_id, event.session_id, event.level_id)

    def of(self, app_id: str, session_id: str) -> str:
        """The session's level: the one it named last, else the one it is assigned to; "" when none is known."""
        return self._named(app_id, session_id) or self.assigned_to(app_id, session_id)

    def assigned_to(self, app_id: str, session_id: str) -> str:
        """The level that a person placed the session in, "" for one that named a level itself."""
        if self._older is not None:
            return "" if self._named(app_id, session_id) else self._older.assigned_to(app_id, session_id)
        level = self.assigned.get((app_id, session_id), "") if self.assigned else ""
        return "" if level and self._named(app_id, session_id) else level

    def _named(self, app_id: str, session_id: str) -> str:
        level = self._levels.get((app_id, session_id), "")
        return self._older._named(app_id, session_id) if not level and self._older is not None else level

    def add_older(self, levels: dict[tuple[str, str], str]) -> None:
        """What was known before the first `note`: never replaces newer knowledge, and is forgotten first."""
        for key in reversed(levels):
            if len(self._levels) >= self._max_sessions:
                return
            if key not in self._levels:
                self._levels[key] = levels[key]
                self._levels.move_to_end(key, last=False)


PlayerNames = Callable[[str], str]


def _nameless(player_id: str) -> str:
    return ""


class RowBuilder:
    """Turns events into rows, one batch at a time, in the order they were committed."""

    def __init__(self, levels: SessionLevels, names: PlayerNames | None = None) -> None:
        """`names` gives the game's own id of a player, "" for one without."""
        self._levels = levels
        self._names = names or _nameless
        self.events: list[EventRow] = []
        self.trajectories: list[TrajectoryRow] = []

    def add(
        self,
        events: list[Event],
        *,
        first_seq: int,
        first_index: int,
        request_id: int,
        received_at_us: int,
        app_id: str,
    ) -> None:
        """Append rows of `events`, the first of which has the sequence number and the index in its body given."""
        levels = self._levels
        append = self.events.append
        seq = first_seq
        index = first_index
        for event in events:
            if isinstance(event, Trajectory):
                level = event.level_id
                if level is None:
                    level = levels.of(app_id, event.session_id)
                else:
                    levels.note(app_id, event.session_id, level)
                self._add_trajectory(event, level, seq, index, request_id, received_at_us, app_id)
            elif isinstance(event, GameplayEvent):
                level = event.level_id
                if level is None:
                    level = levels.assigned_to(app_id, event.session_id)
                else:
                    levels.note(app_id, event.session_id, level)
                x, y, z = event.position or (None, None, None)
                append(
                    EventRow(
                        seq, request_id, index, received_at_us, epoch_us(event.timestamp), EventKind.GAMEPLAY,
                        event.event_name, app_id, event.build_id, event.player_id, event.session_id,
                        level, x, y, z, None, None, None, 0, 0, "",
                    )
                )  # fmt: skip
            elif isinstance(event, FunnelStep):
                level = event.level_id
                if level is None:
                    level = levels.assigned_to(app_id, event.session_id)
                else:
                    levels.note(app_id, event.session_id, level)
                append(
                    EventRow(
                        seq, request_id, index, received_at_us, epoch_us(event.timestamp), EventKind.FUNNEL,
                        event.funnel_step_name, app_id, event.build_id, event.player_id, event.session_id,
                        level, None, None, None, None, None, None, 0, 0, "",
                    )
                )  # fmt: skip
            else:
                append(
                    EventRow(
                        seq, request_id, index, received_at_us, epoch_us(event.timestamp), EventKind.IDENTITY,
                        event.event_name, app_id, event.build_id, event.player_id, "",
                        "", None, None, None, None, None, None, 0, 0, "",
                    )
                )  # fmt: skip
            seq += 1
            index += 1

    def add_request(self, request: JournaledIngest) -> None:
        """Append rows of a journaled request of either API. Raises NeedsDiagnosis, msgspec.MsgspecError."""
        if request.commands:
            self.add_commands(
                decode_recorded(request.commands).commands,
                first_seq=request.first_seq,
                first_index=0,
                request_id=request.request_id,
                received_at_us=request.received_at_us,
                app_id=request.app_id,
            )
        else:
            self.add(
                decode_events(request.body).events,
                first_seq=request.first_seq,
                first_index=0,
                request_id=request.request_id,
                received_at_us=request.received_at_us,
                app_id=request.app_id,
            )

    def add_commands(
        self,
        commands: Sequence[Command],
        *,
        first_seq: int,
        first_index: int,
        request_id: int,
        received_at_us: int,
        app_id: str,
    ) -> None:
        """Append rows of what a request of the player API did; numbered as the events of `add` are."""
        for offset, command in enumerate(commands):
            line = line_of(command, received_at_us)
            self.events.append(
                EventRow(
                    first_seq + offset, request_id, first_index + offset, received_at_us, line.time_us,
                    EventKind.PLAYER_API, line.name, app_id, "", line.player_id, line.session_id,
                    "", None, None, None, None, None, None, 0, 0, "", self._names(line.player_id),
                )
            )  # fmt: skip

    def _add_trajectory(
        self, event: Trajectory, level: str, seq: int, index: int, request_id: int, received_at_us: int, app_id: str
    ) -> None:
        positions = event.positions
        start_us = epoch_us(event.timestamp_start)
        end_us = epoch_us(event.timestamp_end)
        fps = event.fps or _NO_FRAME_RATES
        self.events.append(
            EventRow(
                seq, request_id, index, received_at_us, start_us, EventKind.TRAJECTORY, "", app_id,
                event.build_id, event.player_id, event.session_id, level, positions[0], positions[1], positions[2],
                fps.mean, fps.low_5, fps.low_1, len(positions) // 3, end_us - start_us, event.status or "",
            )
        )  # fmt: skip
        self.trajectories.append(
            TrajectoryRow(
                seq, app_id, event.build_id, event.player_id, event.session_id, level, start_us, end_us,
                fps.mean, fps.low_5, fps.low_1, pack_positions(positions),
            )
        )  # fmt: skip


def pack_positions(positions: list[float]) -> bytes:
    """Little-endian float32. What float32 cannot hold becomes an infinity, which viewers leave out."""
    packed = array("f", positions)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def request_row(commit: Committed) -> RequestRow:
    """The row of a request that was just committed. An accepted one was answered when it was on disk."""
    request, receipt, committed_at_us = commit
    if isinstance(request, IngestRequest):
        took_us: int | None = max(0, committed_at_us - request.received_at_us)
        status, error, first_error = request.status, "", ""
    else:
        took_us, status, error, first_error = request.took_us, request.status, request.error, request.first_error
    return RequestRow(
        receipt.request_id, request.received_at_us, request.method, request.route, status, request.events,
        len(request.body), took_us, request.app_id, request.key_label, request.peer, _plain(request.client), error,
        first_error, request.injected,
    )  # fmt: skip


def _plain(text: str) -> str:
    """Header bytes that are not UTF-8 arrive as lone surrogates, which cannot be sent on."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
