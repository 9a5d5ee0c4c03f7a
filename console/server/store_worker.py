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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from console.server.store_frames import (
    Answer,
    Ask,
    Failed,
    FrameTooLarge,
    FrameWriter,
    Health,
    Logged,
    News,
    Question,
    Reply,
    question_decoder,
    read_frame,
)
from console.server.store_host import EmbeddedStore
from console.storage.event_store import EventStoreError

_log = logging.getLogger(__name__)

_QUESTIONS_AT_ONCE = 3
_NICENESS = 10


def main(arguments: list[str]) -> int:
    """The process's entry: `store-worker JOURNAL STORE`."""
    parser = argparse.ArgumentParser(prog="store-worker", description=__doc__)
    parser.add_argument("journal", type=Path)
    parser.add_argument("store", type=Path)
    args = parser.parse_args(arguments)
    # Ctrl+C and a stop of the whole process group reach this process too: the server decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):  # Windows: the priority is given at the start of the process
        os.nice(_NICENESS)
    with _frames_only() as output:
        serve(sys.stdin.buffer, output, journal=args.journal, store=args.store)
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


def serve(questions: IO[bytes], replies: IO[bytes], *, journal: Path, store: Path) -> None:
    """Project and answer until `questions` ends."""
    writer = FrameWriter(replies)

    def tell(reply: Reply) -> None:
        with suppress(OSError, ValueError):  # the server is gone: the end of its questions follows
            writer.write(reply)

    def answer(question: Question) -> None:
        try:
            tell(_reply(host, question))
        except FrameTooLarge:
            tell(Failed(question.id, "The answer is too large: ask for less of it."))

    host = EmbeddedStore(journal, store, on_progress=lambda progress: tell(News(progress)))
    with (
        _logging_to(lambda record: tell(Logged(record.levelno, _format(record)))),
        ThreadPoolExecutor(_QUESTIONS_AT_ONCE, thread_name_prefix="question") as pool,
    ):
        host.start()
        try:
            while (content := read_frame(questions)) is not None:
                pool.submit(answer, question_decoder.decode(content))
        finally:
            host.close()  # breaks off what is under way, which the pool's end waits for


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


def _reply(host: EmbeddedStore, question: Question) -> Reply:
    try:
        if isinstance(question, Ask):
            return Answer(question.id, host.query(question.name, question.params))
        return Health(question.id, host.health())
    except EventStoreError as error:
        return Failed(question.id, str(error))
    except Exception as error:
        _log.exception("a question to the event store failed")
        return Failed(question.id, f"The event store cannot answer: {error or type(error).__name__}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
