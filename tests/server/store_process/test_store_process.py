"""Questions to the event store's own process, the real child."""

import os
import threading
from collections.abc import Callable

import pytest

from console.messages.players import PlayerPage
from console.server import store_process
from console.server.player_questions import NotWanted, PageQuestion
from console.server.store_process import StoreProcess
from console.storage.event_store import EventStoreError, InvalidQuery, Position
from tests.server.store_process.steps import (
    SEGMENT,
    events_of,
    run_instead,
    until,
)

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


_LOWEST_PRIORITY = 19


# Counts for ever; lists at once.
_LONG_COUNT = """
import sys, time
from console.messages.players import PlayerPage
from console.server import store_worker
from console.server.player_questions import NotWanted, PageQuestion, PlayerQuestions

def answer(self, question, is_wanted):
    global given_up
    if isinstance(question, PageQuestion):
        return PlayerPage(total=given_up, rows=[])
    while is_wanted() and not self._closed:
        time.sleep(0.005)
    given_up += 1
    raise NotWanted

given_up = 0
PlayerQuestions.answer = answer
sys.exit(store_worker.main(sys.argv[1:]))
"""


# Reads ahead for ever, unless something is asked; lists how often it read ahead, and for whom last.
_LONG_READING = """
import sys, time
from console.messages.players import PlayerPage
from console.server import store_worker
from console.server.player_questions import NotWanted, PlayerQuestions

def read_ahead(self, app_id, is_wanted):
    told.append(app_id)
    while is_wanted():
        time.sleep(0.005)
    raise NotWanted

def answer(self, question, is_wanted):
    return PlayerPage(total=int("".join(told) or 0), rows=[])

told = []
store_worker._LateProfiles.read_ahead = read_ahead
PlayerQuestions.answer = answer
sys.exit(store_worker.main(sys.argv[1:]))
"""


def test_it_answers_questions_tells_its_health_and_its_progress(make: Callable[[], StoreProcess]) -> None:
    host = make()
    assert host.query("sessions", {}).rows >= 0, "the first question waits until the store is open"
    until(lambda: host.progress.position == Position(3, 6))
    assert events_of(host) == 6
    assert [(check.ok, check.name) for check in host.health()] == [(True, "Event store")]
    with pytest.raises(InvalidQuery):
        host.query("nothing", {})
    with pytest.raises(InvalidQuery):
        host.query("samples", {})
    with pytest.raises(InvalidQuery, match="12 in all"):  # found out by the process itself
        host.query("heat", {"level_id": "", "to_grid": [1.0], "columns": 1, "rows": 1})
    assert host.pid is not None
    if hasattr(os, "getpriority"):
        own, its = os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, host.pid)
        assert its > own or its == own == _LOWEST_PRIORITY


def asked_page(host: StoreProcess) -> int:
    question = PageQuestion(
        app_id="app", search="", sort="stage", descending=False, limit=1, offset=0, now_us=0, window="casual"
    )
    page = host.ask_players(question, lambda: True)
    assert isinstance(page, PlayerPage)
    return page.total


def test_a_count_that_nobody_wants_ends(make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, _LONG_COUNT)
    host = make()
    patience = threading.Event()

    def ask() -> None:
        with pytest.raises(NotWanted):
            host.ask_players(SEGMENT, lambda: not patience.is_set())

    asked = threading.Thread(target=ask)
    asked.start()
    assert asked_page(host) == 0, "lists do not wait for counts"
    patience.set()
    asked.join(30)
    assert not asked.is_alive()
    until(lambda: asked_page(host) == 1)
    monkeypatch.setattr(store_process, "_ANSWER_TIMEOUT_SECS", 0.05)
    with pytest.raises(EventStoreError, match="in time"):
        host.ask_players(SEGMENT, lambda: True)
    until(lambda: asked_page(host) == 2)


def test_reading_ahead_gives_way_to_questions(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(monkeypatch, _LONG_READING)
    host = make()
    assert asked_page(host) == 0
    host.read_ahead("7")
    host.read_ahead("7")
    until(lambda: asked_page(host) == 7)
    assert host.ask_players(SEGMENT, lambda: True), "a count waits for no reading"
    host.read_ahead("8")
    until(lambda: asked_page(host) == 78)


def test_questions_of_many_threads_get_their_own_answers(make: Callable[[], StoreProcess]) -> None:
    host = make()
    until(lambda: host.progress.position == Position(3, 6))
    wrong: list[int] = []

    def ask(limit: int) -> None:
        answers = [host.query("events", {"limit": limit}).rows for _ in range(5)]
        wrong.extend(rows for rows in answers if rows != limit)

    threads = [threading.Thread(target=ask, args=(limit,)) for limit in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_answer_that_fits_no_frame_is_a_failure(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(
        monkeypatch,
        "import sys; from console.server import store_frames, store_worker; store_frames.MAX_FRAME_BYTES = 500;"
        "sys.exit(store_worker.main(sys.argv[1:]))",
    )
    host = make()
    until(lambda: host.progress.position == Position(3, 6))
    assert host.health()[0].ok
    with pytest.raises(EventStoreError, match="too large"):
        host.query("events", {"limit": 100})
