import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.storage.activity_store import ActivityStore, Seen
from console.storage.player_judgements import Judgement, PlayerJudgements
from console.storage.player_order import PlayerOrder
from console.storage.player_roster import PlayerRoster
from console.storage.profile_rows import prepare
from console.storage.sqlite import connect_reader
from tests.storage.players import APP, DAY_US, JOURNAL_ID, START_US, FakeJournal, opened


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.costs = 0.0

    def __call__(self) -> float:
        self.now += self.costs
        return self.now


class Table:
    def __init__(self, folder: Path) -> None:
        opened(folder / "players.sqlite", FakeJournal()).close()
        self.activity = ActivityStore(folder / "activity.sqlite")
        self.activity.open(JOURNAL_ID, 10)
        self.db: sqlite3.Connection = connect_reader(folder / "players.sqlite")
        prepare(self.db, folder / "activity.sqlite")
        self.clock = Clock()
        self.order = PlayerOrder(PlayerRoster(), self.clock)

    def see(self, name: str) -> None:
        self.activity.add([Seen(APP, name, False, None, START_US, START_US)], [], 0)

    def page(self, **more: Any) -> tuple[int, list[str]]:
        asked: dict[str, Any] = {
            "app_id": APP,
            "search": "",
            "sort": "last_seen",
            "descending": True,
            "limit": 10,
            "offset": 0,
            "now_us": START_US + DAY_US,
            "window": "mid_core",
        }
        return self.order.page(self.db, **(asked | more))

    def close(self) -> None:
        self.db.close()
        self.activity.close()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    table = Table(tmp_path)
    yield table
    table.close()


def test_an_order_is_kept_as_long_as_its_cost_is_worth(table: Table) -> None:
    table.see("ada")
    table.clock.costs = 1.0
    assert table.page()[0] == 1
    table.clock.costs = 0.0
    table.see("bob")
    assert table.page()[0] == 1
    assert table.page(sort="external_id")[0] == 2, "another question"
    table.clock.now += 4.9
    assert table.page()[0] == 1
    table.clock.now += 0.2
    assert table.page()[0] == 2


def test_what_costs_nothing_is_never_old(table: Table) -> None:
    for number in range(3):
        table.see(str(number))
        assert table.page()[0] == number + 1
    for number in range(3, 6):
        table.see(str(number))
        assert table.page(sort="churn_risk")[0] == number + 1


def test_a_long_judgement_does_not_hold_up_other_questions(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.see("ada")
    begun, go_on = threading.Event(), threading.Event()

    def judged(*arguments: Any) -> dict[str, Judgement]:
        begun.set()
        assert go_on.wait(30)
        return {}

    monkeypatch.setattr(PlayerJudgements, "of", judged)
    slow = threading.Thread(target=lambda: table.page(sort="stage"))
    slow.start()
    assert begun.wait(30)
    assert table.page(sort="last_seen")[0] == 1
    go_on.set()
    slow.join()
