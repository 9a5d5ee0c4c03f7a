"""The store's own process: projects the journal, and answers questions that arrive on standard input.

Runs at a lower priority than the server: answers to games come first, and what is not stored yet is safe in the
journal. Ends when standard input does, so it never outlives its server.
"""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Lock
from typing import IO, Any

from console.messages.players import FlagPreview, PlayerPage, PlayerRow, SegmentPreview
from console.players.definitions import ChurnWindow
from console.players.profiles import Profile
from console.server.player_activity import ActivityProgress
from console.server.player_questions import IsWanted, NotWanted, PageQuestion, PlayerQuestions, PlayersAnswer
from console.server.store_frames import (
    ActivityNews,
    Answer,
    AnswersCounted,
    Ask,
    AskPlayers,
    Assigned,
    AssignLevels,
    Failed,
    FrameTooLarge,
    FrameWriter,
    GiveUp,
    Health,
    Logged,
    MembersCounted,
    News,
    PlayersListed,
    Question,
    ReadAhead,
    Reply,
    Said,
    question_decoder,
    read_frame,
)
from console.server.store_host import EmbeddedStore
from console.storage.event_store import EventStoreError, InvalidQuery
from console.storage.journal_reader import JournalReader
from console.storage.journal_records import JournalError
from console.storage.profile_reader import ProfileReader
from console.storage.sqlite_projection import ProjectionError

_log = logging.getLogger(__name__)

_QUESTIONS_AT_ONCE = 3
_NICENESS = 10


def main(arguments: list[str]) -> int:
    """The process's entry: `store-worker JOURNAL STORE PLAYERS ACTIVITY`."""
    parser = argparse.ArgumentParser(prog="store-worker", description=__doc__)
    parser.add_argument("journal", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("players", type=Path)
    parser.add_argument("activity", type=Path)
    args = parser.parse_args(arguments)
    # Ctrl+C and a stop of the whole process group reach this process too: the server decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):  # Windows: the priority is given at the start of the process
        os.nice(_NICENESS)
    with _frames_only() as output:
        serve(
            sys.stdin.buffer,
            output,
            journal=args.journal,
            store=args.store,
            players=args.players,
            activity=args.activity,
        )
    return 0


@contextmanager
def _frames_only() -> Iterator[IO[bytes]]:
    """The real standard output, for frames. Whatever else prints goes to standard error."""
    output = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno() if sys.stderr is None else 2, 1)
    try:
        yield output
    finally:
        with suppress(OSError):  # the server is gone, and with it who would read the rest
            output.close()


def serve(
    questions: IO[bytes], replies: IO[bytes], *, journal: Path, store: Path, players: Path, activity: Path
) -> None:
    """Project and answer until `questions` ends."""
    writer = FrameWriter(replies)

    def tell(reply: Reply) -> None:
        with suppress(OSError, ValueError):  # the server is gone: the end of its questions follows
            writer.write(reply)

    host = EmbeddedStore(journal, store, activity, on_progress=lambda progress: tell(News(progress)))
    profiles = _LateProfiles(players, activity, journal)
    with (
        closing(profiles),
        _logging_to(lambda record: tell(Logged(record.levelno, _format(record)))),
        ThreadPoolExecutor(_QUESTIONS_AT_ONCE, thread_name_prefix="question") as pool,
        # What is asked of all players never keeps other questions waiting, nor what is counted whoever scrolls.
        ThreadPoolExecutor(1, thread_name_prefix="counting") as counting,
        ThreadPoolExecutor(1, thread_name_prefix="listing") as listing,
    ):
        desk = _Desk(host, profiles, tell, pool=pool, counting=counting, listing=listing)
        host.watch_activity(desk.tell_activity)
        host.start()
        try:
            while (content := read_frame(questions)) is not None:
                desk.take(question_decoder.decode(content))
        finally:
            desk.close()
            host.close()  # breaks off what is under way, which the pool's end waits for


class _Desk:
    """Takes questions as they come, has each answered by the thread for its kind, and tells the answers."""

    def __init__(
        self,
        host: EmbeddedStore,
        profiles: "_LateProfiles",
        tell: Callable[[Reply], None],
        *,
        pool: ThreadPoolExecutor,
        counting: ThreadPoolExecutor,
        listing: ThreadPoolExecutor,
    ) -> None:
        self._host = host
        self._profiles = profiles
        self._tell = tell
        self._pool, self._counting, self._listing = pool, counting, listing
        self._players = PlayerQuestions(profiles)
        self._wanted: set[int] = set()  # questions about players that somebody waits for
        self._asked: set[int] = set()  # the others
        self._closed = Event()

    def take(self, question: Said) -> None:
        """Called in the order in which they came."""
        match question:
            case GiveUp():
                self._forget(question.id)
            case ReadAhead():
                self._counting.submit(self._read_ahead, question.app_id)
            case AssignLevels():
                self._answer(question)  # before any question behind it
            case AskPlayers():
                self._wanted.add(question.id)
                listed = isinstance(question.question, PageQuestion)
                (self._listing if listed else self._counting).submit(self._answer, question)
            case _:
                self._asked.add(question.id)
                self._pool.submit(self._answer, question)

    def tell_activity(self, progress: ActivityProgress) -> None:
        """Called by the thread that sums up activity."""
        self._profiles.opened(progress.opened_us)
        self._tell(ActivityNews(progress))

    def close(self) -> None:
        """Break off what is asked of players."""
        self._closed.set()
        self._players.close()

    def _answer(self, question: Question) -> None:
        try:
            self._tell(_reply(self._host, self._players, question, lambda: self._is_wanted(question)))
        except FrameTooLarge:
            self._tell(Failed(question.id, "The answer is too large: ask for less of it."))
        finally:
            self._forget(question.id)

    def _is_wanted(self, question: Question) -> bool:
        return question.id in self._wanted or question.id in self._asked

    def _forget(self, number: int) -> None:
        self._wanted.discard(number)
        self._asked.discard(number)

    def _read_ahead(self, app_id: str) -> None:
        try:
            with suppress(NotWanted, ProjectionError, JournalError):  # whoever asks is told
                # It gives way to any question about players, which reads on itself when it needs to.
                self._profiles.read_ahead(app_id, lambda: not self._wanted and not self._closed.is_set())
        except Exception:
            _log.exception("reading the players ahead failed")


class _LateProfiles:
    """A profile reader that is opened when it is first asked: by then its files are there."""

    def __init__(self, players: Path, activity: Path, journal: Path) -> None:
        self._paths = (players, activity)
        self._journal = journal
        self._opening = Lock()
        self._reader: ProfileReader | None = None

    def close(self) -> None:
        """Idempotent."""
        if self._reader is not None:
            self._reader.close()

    def opened(self, activity_as_of_us: int) -> None:
        """Say when `activity.sqlite` was opened to be written: it may be another file since."""
        with self._opening:
            if self._reader is not None:
                self._reader.opened(activity_as_of_us)

    def all(self, app_id: str, is_wanted: IsWanted) -> Iterator[Profile]:
        """Raises ProjectionError, JournalError or NotWanted."""
        return self._opened().all(app_id, is_wanted)

    def page(self, app_id: str, **asked: Any) -> PlayerPage:
        """Raises ProjectionError, JournalError or NotWanted."""
        return self._opened().page(app_id, **asked)

    def row_of(self, profile: Profile, now_us: int, window: ChurnWindow) -> PlayerRow:
        """Raises ProjectionError or JournalError."""
        return self._opened().row_of(profile, now_us, window)

    def read_ahead(self, app_id: str, is_wanted: IsWanted) -> None:
        """Raises ProjectionError, JournalError or NotWanted."""
        self._opened().read_ahead(app_id, is_wanted)

    def _opened(self) -> ProfileReader:
        with self._opening:
            if self._reader is None:
                with closing(JournalReader(self._journal)) as journal:
                    self._reader = ProfileReader(*self._paths, journal.journal_id())
            return self._reader


class _TellingHandler(logging.Handler):
    def __init__(self, tell: Callable[[logging.LogRecord], None]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(record)


@contextmanager
def _logging_to(tell: Callable[[logging.LogRecord], None]) -> Iterator[None]:
    """Hand every log line to the server, which knows where logs are kept."""
    root, handler = logging.getLogger(), _TellingHandler(tell)
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


_format = logging.Formatter("%(message)s").format


def _reply(host: EmbeddedStore, players_asked: PlayerQuestions, question: Question, is_wanted: IsWanted) -> Reply:
    try:
        if isinstance(question, Ask):
            return Answer(question.id, host.query(question.name, question.params, is_wanted))
        if isinstance(question, AskPlayers):
            return _told(question.id, players_asked.answer(question.question, is_wanted))
        if isinstance(question, AssignLevels):
            host.assign_levels(question.assigned)
            return Assigned(question.id)
        return Health(question.id, host.health())
    except NotWanted:  # or the server is stopping
        return Failed(question.id, "The question was given up.")
    except InvalidQuery as error:
        return Failed(question.id, str(error), invalid=True)
    except (EventStoreError, ProjectionError, JournalError) as error:
        return Failed(question.id, str(error))
    except Exception as error:
        _log.exception("a question to the event store failed")
        return Failed(question.id, f"The event store cannot answer: {error or type(error).__name__}")


def _told(number: int, answer: PlayersAnswer) -> Reply:
    match answer:
        case SegmentPreview():
            return MembersCounted(number, answer)
        case FlagPreview():
            return AnswersCounted(number, answer)
        case PlayerPage():
            return PlayersListed(number, answer)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
