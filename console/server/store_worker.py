"""The store's own process: projects the journal, and answers questions that arrive on standard input.

Runs at a lower priority than the server: answers to games come first, and what is not stored yet is safe in the
journal. Ends when standard input does, so it never outlives its server.
"""

import argparse
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

from console.server.store_frames import (
    Answer,
    Ask,
    Failed,
    FrameWriter,
    Health,
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
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Ctrl+C and a stop of the whole process group reach this process too: the server decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):  # Windows: the priority is given at the start of the process
        os.nice(_NICENESS)
    # Frames get the real standard output; whatever else prints goes to the log.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, output, journal=args.journal, store=args.store)
    return 0


def serve(questions: IO[bytes], replies: IO[bytes], *, journal: Path, store: Path) -> None:
    """Project and answer until `questions` ends."""
    writer = FrameWriter(replies)

    def tell(reply: Reply) -> None:
        with suppress(OSError, ValueError):  # the server is gone: the end of its questions follows
            writer.write(reply)

    def answer(question: Question) -> None:
        tell(_reply(host, question))

    host = EmbeddedStore(journal, store, on_progress=lambda progress: tell(News(progress)))
    host.start()
    try:
        with ThreadPoolExecutor(_QUESTIONS_AT_ONCE, thread_name_prefix="question") as pool:
            while (content := read_frame(questions)) is not None:
                question = question_decoder.decode(content)
                pool.submit(answer, question)
            host.close()  # breaks off what is under way, which the pool's end waits for
    finally:
        host.close()


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
