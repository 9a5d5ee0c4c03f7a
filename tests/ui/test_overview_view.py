"""The overview: its numbers, and the ways to the views that have more of them."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.client import ConsoleUnavailable
from console.columns import encode_columns
from console.messages import Columns, FeedRows
from console.messages.requests import FailureGroup, FailureKind, FailureReport
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.navigation import Destination, FailureSubject, FilterSubject, LevelSubject, RejectedSubject
from console.ui.overview.model import (
    Asked,
    RateLine,
    bin_words,
    bins_of,
    event_lines,
    played,
    rejections,
    told_apart,
    under_way,
)
from console.ui.overview.view import OverviewView
from console.ui.selection import Scope
from tests.ui.fakes import APP_ID, BUILD, LEVEL, NOW_US, FakeClient, FakeMessages, make_event, make_request
from tests.ui.screen import show

KIND = FailureKind(status=400, error="invalid_event", pattern="a number")


def answers() -> dict[str, Columns]:
    """A minute of 12 sessions."""

    def whole(**values: list[float]) -> dict[str, Any]:
        return {name: np.array(value) for name, value in values.items()}

    totals = whole(
        sessions=[12], players=[9], builds=[1], most_at_once=[7], first_us=[NOW_US], last_us=[NOW_US + 59_000_000]
    )
    return {
        "overview_totals": encode_columns(totals | whole(total_secs=[600.0], median_secs=[48.0])),
        "overview_sessions": encode_columns(whole(bin=[0, 30, 59], sessions=[4, 12, 0])),
        "overview_events": encode_columns(
            whole(place=[0, 1, 1], kind=[np.nan, 2.0, 2.0], bin=[3, 0, 9], events=[5, 30, 12])
            | {"name": [None, "Player Jump", "Player Jump"]}
        ),
        "overview_rates": encode_columns(
            whole(sessions=[12, 3], players=[9, 3], median=[58.0, np.nan], p5=[31.0, np.nan], last_us=[NOW_US] * 2)
            | {"by": ["build", "level"], "app_id": [APP_ID] * 2, "name": [BUILD, LEVEL]}
        ),
        "overview_requests": encode_columns(whole(bin=[0, 5], requests=[7, 2])),
    }


@pytest.fixture
def went() -> list[Destination]:
    return []


@pytest.fixture
def view(
    context: ViewContext, client: FakeClient, went: list[Destination], monkeypatch: pytest.MonkeyPatch
) -> OverviewView:
    client.queries = answers()
    client.request_list = [make_request(1, status=400, app_id="")]
    group = FailureGroup(
        kind=KIND,
        requests=3,
        kept=3,
        peers=[],
        peers_total=0,
        routes=[],
        keys=[],
        clients=[],
        example="no <b>number</b>",
        first_us=NOW_US,
        last_us=NOW_US,
    )

    async def report(**_: object) -> FailureReport:
        return FailureReport(groups=[group], groups_total=1, requests=3)

    monkeypatch.setattr(client, "failure_report", report)
    view = OverviewView(context)
    view.resize(1064, 720)
    show(view)
    view.destination_wanted.connect(went.append)
    return view


def test_numbers_lead_to_where_there_is_more(
    view: OverviewView,
    context: ViewContext,
    client: FakeClient,
    went: list[Destination],
    messages: FakeMessages,
    qtbot: QtBot,
) -> None:
    assert [tile.value.text() for tile in (view.sessions, view.players, view.playtime, view.events)] == [
        "12",
        "9",
        "10 min",
        "47",
    ]
    assert view.sessions.note.text() == "7 at once at most", "not those of the longest bar: they may have taken turns"
    assert (view.rejected.value.text(), view.rate.value.text()) == ("10.0 %", "58 fps")
    assert [(row.name, row.value) for row in view.names.rows] == [("Player Jump", "42"), ("(other events)", "5")]
    assert [line.cells[2] for line in view.failures.lines] == ["no <b>number</b>"]
    QApplication.processEvents()
    view.events.clicked.emit()
    view.rejected.clicked.emit()
    view.names.chosen.emit("Player Jump")
    view.builds.chosen.emit((APP_ID, BUILD))
    view.levels.chosen.emit((APP_ID, LEVEL))
    view.failures.opened.emit(KIND)
    assert went == [
        Destination(view="live", subject=FilterSubject("kind:gameplay OR kind:funnel")),
        Destination(view="requests", subject=RejectedSubject()),
        Destination(view="live", subject=FilterSubject('event:"Player Jump"')),
        Destination(view="performance", scope=Scope(app_id=APP_ID, build_id=BUILD)),
        Destination(view="level", subject=LevelSubject(LEVEL)),
        Destination(view="requests", subject=FailureSubject(KIND)),
    ]
    # A range narrows everything; live rows ask again, but not at once.
    client.calls.clear()
    context.clock.set_range(TimeRange(NOW_US, NOW_US + 5_000_000))
    asked = [call for call in client.called("query") if call["name"] == "overview_totals"]
    assert asked == [{"name": "overview_totals", "from_us": NOW_US, "to_us": NOW_US + 5_000_000}]
    # The cursor is a line, and changes no number; a click among the bars looks at a moment, a drag at a span of time.
    chart, row = view.names, 12
    plot = chart._plot(0)
    left, middle, right = (QPoint(round(plot.left() + share * plot.width()), row) for share in (0.0, 0.5, 1.0))
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle)
    assert context.clock.cursor_us == NOW_US + 5_000_000, "not outside of the range"
    context.clock.set_range(None)
    client.calls.clear()
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle)
    assert context.clock.cursor_us == pytest.approx(NOW_US + 30_000_000, abs=1_000_000)
    assert view.under_way._cursor_x() is not None
    assert not view.source.asking._timer.isActive()
    went.clear()
    qtbot.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=middle)
    assert went == [Destination(view="live", subject=FilterSubject('event:"Player Jump"'))]
    qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=middle)
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(left),
        chart.mapToGlobal(QPointF(left)),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(chart, move)
    chart.grab()
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=left)
    assert context.clock.range is not None
    assert context.clock.range.start_us == NOW_US
    assert view.under_way._plot(0).left() == 0, "right below the heading"
    assert right.x() < chart.width()
    client.calls.clear()
    view.hide()
    context.clock.follow()
    context.feed.rows_arrived.emit(FeedRows(events=[make_event()], requests=[], trajectories=[]))
    assert not client.called("query")
    # Nobody in what is chosen is another thing than nothing recorded at all.
    client.queries = {}
    show(view)
    view.source.asking.ask()
    assert view.empty.isVisible()
    context.selection.set_scope(Scope(app_id=APP_ID))
    assert not view.empty.isVisible()
    client.failures["query"] = ConsoleUnavailable("not there yet")
    view.source.asking.ask()
    assert not messages.said, "the window tells of it"
    client.failures["query"] = RuntimeError("no store")
    view.source.asking.ask()
    assert messages.said[-1] == ("bad", "Sum up the recording: no store")


@pytest.mark.parametrize("secs", [0, 0.5, 59, 60, 3_599, 86_400, 10_000_000, 4e9])
def test_bins_are_few_and_hold_the_whole_span(secs: float) -> None:
    last_us = NOW_US + round(secs * 1e6)
    bins = bins_of(NOW_US, last_us)
    assert 1 <= bins.count <= 61
    assert bins.from_us <= NOW_US <= last_us <= bins.to_us


def test_answers_become_bins() -> None:
    bins = bins_of(NOW_US, NOW_US + 59_000_000)
    assert bin_words(bins) == "1 s"
    told = answers()
    assert under_way(told["overview_sessions"], bins).tolist() == [4.0] * 30 + [12.0] * 29 + [0.0]
    assert [(line.kind, line.total) for line in event_lines(told["overview_events"], bins)] == [(2, 42), (0, 5)]
    builds = [RateLine("build", app_id, name, 1, 1, 60.0, 30.0, 0) for app_id, name in ("a1", "b1", "a2")]
    apart = told_apart([*builds, RateLine("level", "b", "2", 1, 1, 60.0, 30.0, 0)], {"a": "Alpha"})
    assert [line.words for line in apart] == ["Alpha · 1", "b · 1", "2", "2"]
    nothing = Columns(rows=0, columns={})
    assert event_lines(nothing, bins) == []
    refused = [make_request(1, received_at_us=NOW_US), make_request(2, received_at_us=0)]
    found = rejections(nothing, refused, bins, Asked(Scope(app_id="another")))
    assert (found.rejected.sum(), found.share.sum(), found.rejected_in_all) == (0.0, 0.0, 0)
    assert np.isnan(found.whole_share)
    beside = encode_columns({"bin": np.array([-1, 0, bins.count]), "requests": np.array([2, 3, 1])})
    found = rejections(beside, refused, bins, Asked(Scope()))
    assert (found.accepted.sum(), found.rejected.sum()) == (3.0, 1.0), "the chart has room for those of its time"
    assert (found.accepted_in_all, found.rejected_in_all) == (6, 2), "the number is that of all that is listed"
    assert rejections(nothing, refused, bins, Asked(Scope(), NOW_US)).rejected_in_all == 1
    assert Asked(Scope.of_sessions("x", "ba"), 1).params() == {
        "app_id": "x",
        "sessions": {"x": ["a", "b"]},
        "from_us": 1,
    }
    assert [played(secs) for secs in (48, 720, 11_100, 4_334_400)] == ["48 s", "12 min", "3 h 05 min", "1,204 h"]
