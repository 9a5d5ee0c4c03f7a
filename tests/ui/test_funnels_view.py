"""The funnels view: its chart, who is behind a bar, editing, and keeping funnels."""

import asyncio
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from console.columns import encode_columns
from console.messages import Columns
from console.messages.funnels import Funnel, SaveFunnel
from console.telemetry.funnel_definition import FunnelDefinition, Step
from console.telemetry.funnels import StepTally
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog
from console.ui.funnels.behind_panel import bar_words
from console.ui.funnels.chart_layout import laid_out
from console.ui.funnels.model import Bar, Group, Report, Where, difference, length, part_of, within_words
from console.ui.funnels.shelf import FunnelShelf
from console.ui.funnels.view import FunnelsView
from console.ui.navigation import Destination, LevelMomentSubject, LevelSubject
from console.ui.selection import Scope
from tests.ui.fakes import APP_ID, BUILD, LEVEL, NOW_US, FakeClient
from tests.ui.screen import show

NAMES = ("Start", "Door", "Exit")


def answer_of(params: dict[str, Any]) -> dict[str, Any]:
    """What the server would say to the query `funnel`."""
    if "behind" in params:
        return {
            "session_id": ["s-1", "s-2"],
            "player_id": ["p <b>1", "p2"],
            "build_id": [BUILD] * 2,
            "level_id": [LEVEL] * 2,
            "step": np.array([0, 0]),
            "time_us": np.array([NOW_US] * 2),
            "total": np.array([2, 2]),
        }
    groups: list[str | None] = [None] + ([BUILD, "1.0.1"] if params.get("by") == "build" else [])
    steps = len(params["names"])
    units = [max(0, size - 10 * step) for size in (40, 30, 10)[: len(groups)] for step in range(steps)]
    return {
        "group": [group for group in groups for _ in range(steps)],
        "step": np.tile(np.arange(steps), len(groups)),
        "units": np.array(units),
        "median_secs": np.array([np.nan, *[12.0] * (steps - 1)] * len(groups)),
        "p90_secs": np.array([np.nan, *[200.0] * (steps - 1)] * len(groups)),
    }


class Server:
    """The queries and funnels of a server, behind the fake client."""

    def __init__(self, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.names = list(NAMES)
        self.played = [APP_ID]
        self.kept: list[Funnel] = []
        for name in ("query", "funnels", "save_funnel", "delete_funnel"):
            monkeypatch.setattr(client, name, getattr(self, name))

    def last(self, name: str = "funnel") -> dict[str, Any]:
        return [params for asked, params in self.asked if asked == name and "behind" not in params][-1]

    async def query(self, name: str, **params: Any) -> Columns:
        self.asked.append((name, params))
        if name == "sessions":
            return encode_columns({"app_id": self.played})
        if name == "step_names":
            kinds = [1] * len(self.names) + [2]
            counts = np.arange(len(kinds), 0, -1)
            names = [*self.names, "Player_Jump"]
            return encode_columns({"kind": np.array(kinds), "name": names, "sessions": counts, "events": counts})
        if name == "step_order":
            pairs = np.array([(a, b) for a in range(len(params["names"])) for b in range(a)]).reshape(-1, 2)
            numbers = {"first": pairs[:, 1], "second": pairs[:, 0], "sessions": np.ones(len(pairs), np.int64)}
            return encode_columns(numbers)
        if name == "last_events":
            one = {name: np.array([value]) for name, value in (("time_us", NOW_US + 5), ("request_id", 7), ("seq", 8))}
            place = {"index": np.array([0]), "x": np.array([1.0]), "y": np.array([2.0]), "z": np.array([3.0])}
            ends: dict[str, Any] = {"session_id": ["s-1"], "name": ["Player_Quit"], "level_id": [LEVEL]}
            return encode_columns(ends | one | place)
        return encode_columns(answer_of(params))

    async def funnels(self, app_id: str) -> list[Funnel]:
        return self.kept

    async def save_funnel(self, app_id: str, request: SaveFunnel) -> Funnel:
        funnel = Funnel(
            funnel_id="f", app_id=app_id, name=request.name, definition=request.definition, changed_at_us=NOW_US
        )
        self.kept = [funnel]
        return funnel

    async def delete_funnel(self, app_id: str, funnel_id: str) -> None:
        self.kept = []


@pytest.fixture
def server(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(client, monkeypatch)


@pytest.fixture
def view(context: ViewContext, server: Server) -> FunnelsView:
    view = FunnelsView(context)
    view.resize(1064, 720)
    show(view)
    view._ask_applications()
    QApplication.processEvents()
    return view


def test_a_funnel_is_shown_broken_down_and_looked_into(view: FunnelsView, server: Server, context: ViewContext) -> None:
    report = view.source.report
    assert report is not None
    assert [step.name for step in report.steps] == list(NAMES)
    assert view.summary.text() == "20 sessions of 40 (50.0 %) came from the first step to the last."
    view.head.by.setCurrentIndex(view.head.by.findData("build"))
    view.head.by.activated.emit(1)
    assert server.last()["by"] == "build"
    # By keyboard to those that were lost on the way to the second step.
    for key in (*[Qt.Key.Key_Down] * 4, Qt.Key.Key_Right):
        QTest.keyClick(view.chart, key)
    assert view.chart.chosen == Bar(0, lost=True)
    assert view.behind.isVisible()
    assert view.behind.title.text() == "2 sessions reached Start but not Door"
    assert [line.cells[0] for line in view.behind.table.lines] == ["p <b>1", "p2"]
    went: list[Destination] = []
    view.destination_wanted.connect(went.append)
    view.behind.table.selectRow(0)
    picked = context.selection.picked
    assert picked is not None
    assert (picked.seq, picked.session_id, picked.place) == (8, "s-1", (1.0, 2.0, 3.0))
    view.behind.tracks.click()
    view.behind.events.click()
    view.behind.table.opened.emit("s-1")
    scope = Scope.of_sessions(APP_ID, {"s-1", "s-2"})
    assert went == [
        Destination(view="level", scope=scope, subject=LevelSubject(LEVEL)),
        Destination(view="live", scope=scope),
        Destination(view="level", subject=LevelMomentSubject(LEVEL, NOW_US + 5, APP_ID, "s-1", (1.0, 2.0, 3.0))),
    ]
    assert context.clock.cursor_us == NOW_US + 5
    context.clock.set_range(TimeRange(NOW_US, NOW_US + 9))
    context.selection.set_scope(Scope(app_id=APP_ID, build_id=BUILD))
    assert {name: server.last()[name] for name in ("from_us", "to_us", "build_id")} == {
        "from_us": NOW_US,
        "to_us": NOW_US + 9,  # of the range, wherever its cursor is
        "build_id": BUILD,
    }


def test_a_funnel_is_edited_kept_and_deleted(view: FunnelsView, server: Server, context: ViewContext) -> None:
    view.head.edit.setChecked(True)
    editor = view.editor
    editor.steps.setCurrentRow(0)
    editor.down.click()
    assert server.last()["names"] == ["Door", "Start", "Exit"]
    QTest.keyClick(editor.steps, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert server.last()["names"] == ["Start", "Door", "Exit"]
    QTest.keyClick(editor.steps, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    editor.steps.currentItem().setText("Began")
    editor.steps.setCurrentRow(2)
    QTest.keyClick(editor.steps, Qt.Key.Key_Delete)
    assert editor.add.itemText(1) == "Exit · funnel step"
    editor.add.activated.emit(2)
    assert (server.last()["names"], server.last()["kinds"][2]) == (["Door", "Start", "Player_Jump"], "gameplay")
    editor.per.setCurrentIndex(1)
    editor.within.setCurrentIndex(2)
    editor.strict.click()
    last = server.last()
    assert (last["per"], last["within_us"], last["strict"]) == ("player", 10_000_000, 1)
    editor.usual.click()
    head = view.head.funnel
    assert head.currentText() == "Edited · All steps, in their usual order"
    assert head.sizeHint().width() <= head.width(), "there is room for it"
    definition = view.source.definition
    assert definition is not None
    context.tasks.start(view.shelf.save(APP_ID, "Cave", definition), "save")
    assert view.head.funnel.currentText() == "Cave"
    assert definition.steps[1] == Step("Start", label="Began")
    view.shelf.ask_name(view, view.source)
    dialog = view.findChild(Dialog)
    buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
    field = dialog.findChild(QLineEdit)
    assert not buttons["Rename"].isEnabled(), "it is called so"
    field.setText("Grotto")
    buttons["Rename"].click()
    assert view.head.funnel.currentText() == "Grotto"
    assert [funnel.name for funnel in view.shelf.funnels] == ["Grotto"]
    # Another window keeps it otherwise: shown here, unless something is edited.
    (kept,) = server.kept
    for name, words in (("Exit", "Grotto"), ("Door", "Edited · Grotto")):
        server.kept = [msgspec.structs.replace(kept, definition=FunnelDefinition(steps=(Step("Start"), Step(name))))]
        view.shelf.load()
        assert server.last()["names"] == ["Start", "Exit"]
        assert view.head.funnel.currentText() == words
        view._define(FunnelDefinition(steps=(Step("Start"), Step("Exit")), strict=True))
    view.head.funnel.activated.emit(0)
    assert view.head.funnel.count() == 2
    view.shelf.choose("f")
    view.shelf.ask_delete(view)
    view.shelf.choose(None)
    # Where no game told of a step, the view says how to.
    server.names = []
    view.head.funnel.setCurrentIndex(0)
    view.head.funnel.activated.emit(0)
    assert view.empty.isVisible()
    assert "My Game" in view.empty.title.text()
    view.empty.from_events.click()
    assert server.last()["kinds"] == ["gameplay"]
    assert view.chart.isVisible()


def test_of_many_steps_those_left_out_are_told(view: FunnelsView, server: Server) -> None:
    server.names = [f"Step {number}" for number in range(33)]
    view.source.asking.ask()
    assert view.source.report is not None
    assert len(view.source.report.steps) == 30
    assert view.summary.text().endswith(" 3 steps that came least often left out.")
    server.names = ["Start"]
    view.source.asking.ask()
    assert view.summary.text() == "40 sessions reached Start: add a step to see who goes on."


async def test_an_older_answer_does_not_undo_a_newer_one(
    context: ViewContext, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[asyncio.Future[list[Funnel]]] = [asyncio.get_running_loop().create_future() for _ in range(2)]
    waiting = iter(answers)

    async def funnels(app_id: str) -> list[Funnel]:
        return await next(waiting)

    monkeypatch.setattr(client, "funnels", funnels)
    shelf = FunnelShelf(context)
    shelf._app_id = APP_ID
    asking = [asyncio.create_task(shelf._load()) for _ in answers]
    await asyncio.sleep(0)
    for number, name in ((1, "newer"), (0, "older")):
        definition = FunnelDefinition(steps=(Step(name),))
        kept = Funnel(funnel_id="f", app_id=APP_ID, name="Cave", definition=definition, changed_at_us=NOW_US)
        answers[number].set_result([kept])
        await asking[number]
        shelf._chosen_id = "f"
    assert shelf.chosen is not None
    assert shelf.chosen.definition.steps == (Step("newer"),)


def test_words_and_numbers() -> None:
    assert [length(secs) for secs in (float("nan"), 0.84, 42, 200, 7500, 200_000)] == [
        "–",
        "0.8 s",
        "42 s",
        "3 min 20 s",
        "2 h 05 min",
        "2.3 days",
    ]
    assert (part_of(1, 0), within_words(None), within_words(300)) == (
        "–",
        "Any time between steps",
        "Within 5 min a step",
    )
    few = (StepTally(4, np.nan, np.nan), StepTally(3, 1.0, 2.0))
    many = (StepTally(4000, np.nan, np.nan), StepTally(1000, 1.0, 2.0))
    assert difference(few, many, 1) == ("+50.0 pt", False)
    assert difference(many, few, 1)[0] == "−50.0 pt"
    fewer = (StepTally(400, np.nan, np.nan), StepTally(140, 1.0, 2.0))
    assert difference(fewer, many, 1) == ("+10.0 pt", True)
    assert difference(few, few[:1] + few[:1], 1) == ("−25.0 pt", False)
    report = Report(FunnelDefinition(steps=(Step("a"), Step("b"))), many, (Group("", few), Group("x", many)))
    layout = laid_out(report, 600)
    assert [line.title for line in layout.lines] == ["a", "(not told)", "x", "b", "(not told)", "x"]
    assert layout.line_of(Bar(0, lost=True, group="x")) is layout.lines[5]
    assert bar_words(report, Bar(1, group=""), 3) == "3 sessions reached b · (not told)"


def test_tab_reaches_the_controls_over_the_chart(view: FunnelsView) -> None:
    view.main_part.setFocus()
    reached = set()
    for _ in range(12):
        view.focusNextPrevChild(True)
        reached.add(view.focusWidget())  # also of a window that is not the active one
    assert {view.head.funnel, view.head.by} <= reached


def test_those_behind_the_bar_looked_at_last_are_shown(view: FunnelsView, monkeypatch: pytest.MonkeyPatch) -> None:
    source = view.source

    async def scenario() -> None:
        gates = [asyncio.Event(), asyncio.Event()]

        async def who(_given: object, bar: Bar, _told: object) -> tuple[list[Any], int]:
            await gates[bar.step].wait()
            return [], 10 + bar.step

        monkeypatch.setattr(source, "_who", who)
        for bar in (Bar(0), Bar(1)):
            source.look_behind(bar)
            await asyncio.sleep(0)
        for gate in reversed(gates):  # the first answer comes last
            gate.set()
            await asyncio.sleep(0.001)

    asyncio.run(scenario())
    assert source.behind_total == 11
    # Of another application nothing is known before it was asked, and its bars are no questions.
    view.hide()
    source.turn_to(Where("elsewhere"))
    assert (source.report, source.names, source.bar) == (None, [], None)
    source.look_behind(Bar(0))
    assert source.behind_total == 0
