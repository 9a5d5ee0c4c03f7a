"""What the server and its store process say to each other, over the child's standard streams.

A frame is its length (four bytes, big-endian) and that many bytes of MessagePack.
"""

from threading import Lock
from typing import IO, Any

import msgspec
from msgspec import Struct

from console.messages import Check, Columns
from console.messages.players import FlagPreview, PlayerPage, SegmentPreview
from console.server.player_activity import ActivityProgress
from console.server.player_questions import PlayersQuestion
from console.server.projector import Progress
from console.storage.event_store import AssignedLevel

_LENGTH_BYTES = 4
# Larger than any answer of use; and no length begins like printed text, which is found out at once therefore.
MAX_FRAME_BYTES = 0x20000000


class Ask(Struct, frozen=True, tag=True):
    """A named question, its parameters already checked."""

    id: int
    name: str
    params: dict[str, Any]


class AskHealth(Struct, frozen=True, tag=True):
    id: int


class AskPlayers(Struct, frozen=True, tag=True):
    """A question to every player, already checked."""

    id: int
    question: PlayersQuestion


class AssignLevels(Struct, frozen=True, tag=True):
    """The sessions that a person placed, all of them. Questions behind this one see them."""

    id: int
    assigned: list[AssignedLevel]


class GiveUp(Struct, frozen=True, tag=True):
    """Nobody waits for the answer of this question any more."""

    id: int


class ReadAhead(Struct, frozen=True, tag=True):
    """Somebody looks at this application's players, and may ask about all of them. There is no answer."""

    app_id: str


Question = Ask | AskHealth | AskPlayers | AssignLevels
Said = Question | GiveUp | ReadAhead


class Answer(Struct, frozen=True, tag=True):
    id: int
    columns: Columns


class Health(Struct, frozen=True, tag=True):
    id: int
    checks: list[Check]


class MembersCounted(Struct, frozen=True, tag=True):
    id: int
    preview: SegmentPreview


class AnswersCounted(Struct, frozen=True, tag=True):
    id: int
    preview: FlagPreview


class PlayersListed(Struct, frozen=True, tag=True):
    id: int
    page: PlayerPage


class Assigned(Struct, frozen=True, tag=True):
    """The sessions were placed."""

    id: int


class Failed(Struct, frozen=True, tag=True):
    """The question has no answer. The text is for people; `invalid`: it is no question that the store can answer."""

    id: int
    message: str
    invalid: bool = False


class News(Struct, frozen=True, tag=True):
    progress: Progress


class ActivityNews(Struct, frozen=True, tag=True):
    progress: ActivityProgress


class Logged(Struct, frozen=True, tag=True):
    """A line for the server's log. `level` is one of the logging module's."""

    level: int
    text: str


Reply = (
    Answer | Health | MembersCounted | AnswersCounted | PlayersListed | Assigned | Failed | News | ActivityNews | Logged
)

question_decoder: msgspec.msgpack.Decoder[Said] = msgspec.msgpack.Decoder(Said)
reply_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class FrameTooLarge(Exception):
    """No answer may be as large."""


class FrameWriter:
    """Writes whole frames from any thread."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lock = Lock()

    def write(self, frame: Said | Reply) -> None:
        """Raises FrameTooLarge before anything is written, OSError or ValueError when the other side is gone."""
        content = msgspec.msgpack.encode(frame)
        if len(content) >= MAX_FRAME_BYTES:
            raise FrameTooLarge
        with self._lock:
            self._stream.write(len(content).to_bytes(_LENGTH_BYTES, "big"))
            self._stream.write(content)
            self._stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame's content, None at the end of the stream. Raises ValueError for what is no frame."""
    length = stream.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    expected = int.from_bytes(length, "big")
    if expected >= MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {expected:,} bytes")
    content = stream.read(expected)
    return content if len(content) == expected else None
