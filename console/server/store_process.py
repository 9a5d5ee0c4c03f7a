"""The event store in a process of its own, started, watched and restarted by the server.

Projecting and answering are hours of Python and of DuckDB's threads. In the server's process every slice of it would
make the loop wait for the interpreter; beside it, at a lower priority, it takes what the loop leaves.
"""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any, assert_never

from msgspec.structs import replace

from console.messages import Check, Columns
from console.server.player_activity import ActivityProgress
from console.server.player_questions import IsWanted, NotWanted, PlayersAnswer, PlayersQuestion
from console.server.projector import Progress
from console.server.store_frames import (
    ActivityNews,
    Answer,
    AnswersCounted,
    Ask,
    AskHealth,
    AskPlayers,
    Assigned,
    AssignLevels,
    Failed,
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
    read_frame,
    reply_decoder,
)
from console.server.worker_command import PACKAGE_ROOT, worker_command
from console.storage.event_store import AssignedLevel, EventStoreError, InvalidQuery
from console.storage.named_queries import named_query

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECS = 0.5
_MAX_RETRY_SECS = 30.0
_STEADY_SECS = 60.0
_START_TIMEOUT_SECS = 30.0
_ANSWER_TIMEOUT_SECS = 300.0
_LOOK_SECS = 0.1
_END_TIMEOUT_SECS = 0.8
_ENDED = "The event store's process ended."


class StoreProcess:
    """A StoreHost; see the protocol. One thread reads what the process says and starts it again when it dies."""

    def __init__(self, journal_path: Path, store_path: Path, players_path: Path, activity_path: Path) -> None:
        self._paths = [str(path) for path in (journal_path, store_path, players_path, activity_path)]
        self._progress = Progress()
        self._activity = ActivityProgress()
        self._activity_told: Callable[[ActivityProgress], None] | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: FrameWriter | None = None
        self._waiting: dict[int, Future[Any]] = {}
        self._ids = count(1)
        self._read_ahead = ""  # the application that the process was told of
        self._assigned: list[AssignedLevel] = []  # what every process is told first

    @property
    def progress(self) -> Progress:
        return self._progress

    @property
    def activity(self) -> ActivityProgress:
        return self._activity

    def watch_activity(self, told: Callable[[ActivityProgress], None]) -> None:
        self._activity_told = told
        told(self._activity)

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        process = self._process
        return process.pid if process is not None else None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="store process", daemon=True)
        self._thread.start()

    def close(self) -> None:
        with self._changed:
            self._stop.set()
            self._changed.notify_all()
            process = self._process  # once `_stop` is set there is no other
            thread, self._thread = self._thread, None
        if process is not None:
            # One that does not listen, or whose end takes too long, is not waited for.
            killer = threading.Timer(_END_TIMEOUT_SECS, process.kill)
            killer.start()
            _hang_up(process)
        if thread is not None:
            thread.join()
        if process is not None:
            killer.cancel()
            killer.join()

    def query(self, name: str, params: Mapping[str, Any], is_wanted: IsWanted | None = None) -> Columns:
        bound = named_query(name).bind(params)
        try:
            answer = self._ask(lambda number: Ask(number, name, bound), is_wanted)
        except NotWanted:
            raise EventStoreError("The question was broken off.") from None
        assert isinstance(answer, Columns)
        return answer

    def ask_players(self, question: PlayersQuestion, is_wanted: IsWanted) -> PlayersAnswer:
        """Ask all players, as `PlayerQuestions.answer` does. Raises EventStoreError or NotWanted."""
        answer: PlayersAnswer = self._ask(lambda number: AskPlayers(number, question), is_wanted)
        return answer

    def read_ahead(self, app_id: str) -> None:
        """Have an application's players read before somebody asks about all of them: once for each, in its own time.

        Raises nothing.
        """
        with self._changed:
            writer = self._writer
            if writer is None or self._read_ahead == app_id:
                return
            self._read_ahead = app_id
        with suppress(OSError, ValueError):  # the process ended: the next question needs no more than to wait longer
            writer.write(ReadAhead(app_id))

    def assign_levels(self, assigned: Sequence[AssignedLevel]) -> None:
        with self._changed:
            told = self._assigned = list(assigned)
            if self._writer is None:
                return
        self._ask(lambda number: AssignLevels(number, told))

    def health(self) -> list[Check]:
        try:
            checks: list[Check] = self._ask(AskHealth)
        except EventStoreError as error:
            hint = "The server restarts it by itself. If it keeps failing, look into the log."
            return [Check(name="Event store", ok=False, text=str(error), hint=hint)]
        return checks

    def _ask(self, question: Callable[[int], Question], is_wanted: IsWanted | None = None) -> Any:
        future: Future[Any] = Future()
        with self._changed:
            self._changed.wait_for(lambda: self._writer is not None or self._stop.is_set(), _START_TIMEOUT_SECS)
            writer = self._writer
            if writer is None:
                raise EventStoreError("The event store is closed." if self._stop.is_set() else self._starting())
            number = next(self._ids)
            self._waiting[number] = future
        try:
            writer.write(question(number))
            if is_wanted is None:
                return future.result(_ANSWER_TIMEOUT_SECS)
            try:
                return _wanted_result(future, is_wanted)
            except (NotWanted, TimeoutError):
                writer.write(GiveUp(number))
                raise
        except TimeoutError as error:  # an OSError too, so it comes first
            raise EventStoreError("The event store did not answer in time.") from error
        except (OSError, ValueError) as error:
            raise EventStoreError(_ENDED) from error
        finally:
            with self._changed:
                self._waiting.pop(number, None)

    def _starting(self) -> str:
        return self._progress.problem or "The event store is starting."

    # on the thread

    def _run(self) -> None:
        retry_secs = _FIRST_RETRY_SECS
        while not self._stop.is_set():
            began = time.monotonic()
            ended = self._run_once()
            if self._stop.is_set():
                return
            if time.monotonic() - began > _STEADY_SECS:
                retry_secs = _FIRST_RETRY_SECS
            # How far it was stays true, and what is still missing is not all there is.
            problem = f"its process ended ({ended}) and is started again"
            self._progress = replace(self._progress, problem=problem)
            self._take_activity(replace(self._activity, problem=f"The event store: {problem}."))
            _log.warning("the event store's process ended (%s); starting it again in %.1f s", ended, retry_secs)
            self._stop.wait(retry_secs)
            retry_secs = min(2 * retry_secs, _MAX_RETRY_SECS)

    def _run_once(self) -> str:
        """One life of the process; returns how it ended."""
        try:
            process = self._spawn()
        except OSError as error:
            return str(error)
        assert process.stdout is not None
        try:
            self._read(process.stdout)
        except (OSError, ValueError, MemoryError) as error:
            _log.error("the event store's process said something unreadable: %s", error)
        with self._changed:
            self._writer = None
            self._process = None
            self._read_ahead = ""
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(EventStoreError(_ENDED))
        _hang_up(process)  # where what it said was not understood, it still lives
        try:
            status = process.wait(_END_TIMEOUT_SECS)
        except subprocess.TimeoutExpired:
            process.kill()  # everything it holds can be had from the journal again
            status = process.wait()
        process.stdout.close()
        return f"status {status}"

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with self._changed:
            if self._stop.is_set():
                raise OSError("stopped before it began")
            process = subprocess.Popen(
                worker_command("store", *self._paths),
                env=os.environ | {"PYTHONPATH": str(PACKAGE_ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )
            assert process.stdin is not None
            self._process = process
        writer, told = FrameWriter(process.stdin), None
        while True:
            with self._changed:
                if told == self._assigned:
                    self._writer = writer
                    self._changed.notify_all()
                    return process
                told = self._assigned
            with suppress(OSError, ValueError):  # it ended: whoever reads what it says finds out
                writer.write(AssignLevels(0, told))

    def _read(self, replies: IO[bytes]) -> None:
        while (content := read_frame(replies)) is not None:
            self._take(reply_decoder.decode(content))

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, News):
            self._progress = _known(reply.progress, self._progress)
            return
        if isinstance(reply, ActivityNews):
            self._take_activity(_known_activity(reply.progress, self._activity))
            return
        if isinstance(reply, Logged):
            _log.log(reply.level, "%s", reply.text)
            return
        with self._changed:
            future = self._waiting.pop(reply.id, None)
        if future is None:  # nobody waits any longer
            return
        if isinstance(reply, Answer):
            future.set_result(reply.columns)
        elif isinstance(reply, Health):
            future.set_result(reply.checks)
        elif isinstance(reply, MembersCounted | AnswersCounted):
            future.set_result(reply.preview)
        elif isinstance(reply, PlayersListed):
            future.set_result(reply.page)
        elif isinstance(reply, Assigned):
            future.set_result(None)
        elif isinstance(reply, Failed):
            future.set_exception((InvalidQuery if reply.invalid else EventStoreError)(reply.message))
        else:
            assert_never(reply)

    def _take_activity(self, progress: ActivityProgress) -> None:
        self._activity = progress
        if self._activity_told is not None:
            self._activity_told(progress)


def _wanted_result(future: "Future[Any]", is_wanted: IsWanted) -> Any:
    """Raises NotWanted, or TimeoutError."""
    deadline = time.monotonic() + _ANSWER_TIMEOUT_SECS
    while True:
        try:
            return future.result(_LOOK_SECS)
        except TimeoutError:
            if time.monotonic() > deadline:
                raise
        if not is_wanted():
            raise NotWanted


def _known(news: Progress, before: Progress) -> Progress:
    """A process that cannot open the store does not know its position: the one before it did."""
    return replace(news, position=before.position) if news.position is None else news


def _known_activity(news: ActivityProgress, before: ActivityProgress) -> ActivityProgress:
    """As `_known`. While a process has not opened the file, what was wrong before it began still is."""
    return news if news.opened_us else replace(before, problem=news.problem or before.problem)


def _hang_up(process: "subprocess.Popen[bytes]") -> None:
    """The end of its input tells the process to end."""
    if process.stdin is not None:
        with suppress(OSError, ValueError):
            process.stdin.close()
