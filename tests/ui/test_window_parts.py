"""The small parts of the window: messages, tasks, settings, snippets, crash reports, pictures."""

import ast
import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgpack
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console import messages as m
from console.ui import screenshot
from console.ui.context import ViewContext
from console.ui.crash_report import CRASH_FILE, LOG_FILE, CrashReport
from console.ui.hover import plain_hover
from console.ui.live_feed import Connection, LiveFeed
from console.ui.main_window import MainWindow
from console.ui.message_bar import MessageBar
from console.ui.network import lan_addresses
from console.ui.settings import keep_theme_choice, open_settings, scheme_of, theme_choice
from console.ui.snippets import Endpoint, first_event_snippets
from console.ui.status_bar import short_addresses
from console.ui.tasks import WindowTasks
from console.ui.theme import Theme
from tests.ui.fakes import FakeMessages, make_status
from tests.ui.screen import show

# message bar


@pytest.fixture
def bar(qtbot: QtBot, style: object) -> MessageBar:
    area = QWidget()
    qtbot.addWidget(area)
    area.resize(800, 600)
    show(area)
    made = MessageBar(area, Theme())
    made.setObjectName("bar")
    area.setProperty("bar", made)
    return made


def test_message_lies_over_the_bottom_and_moves_nothing(bar: MessageBar) -> None:
    assert bar.isHidden()
    bar.say("Address copied.", kind="good")
    assert bar.isVisible()
    area = bar.parentWidget()
    assert area is not None
    assert bar.geometry().bottom() < area.height()
    assert abs(bar.geometry().center().x() - area.width() // 2) <= 1
    assert bar.height() < 50


def test_long_messages_wrap_and_stay_inside(bar: MessageBar) -> None:
    bar.say("word " * 70, kind="bad")
    area = bar.parentWidget()
    assert area is not None
    assert area.rect().contains(bar.geometry())
    assert bar.height() > 40
    wrapped = bar.height()
    bar.say("Saved.")
    assert bar.height() < wrapped, "what was said before is no reason to be as high"


def test_a_message_after_another_has_room_for_its_buttons(bar: MessageBar) -> None:
    for text in ("Address copied.", "Event 195 has no bookmark any more.", "Event 195 is bookmarked."):
        bar.say(text, actions=[] if text.startswith("Address") else [("Undo", lambda: None)])
    (button,) = [one for one in bar.findChildren(QPushButton) if not one.isHidden()]
    bar.layout().activate()
    text = bar._text.geometry()
    assert text.width() >= bar._text.fontMetrics().horizontalAdvance(bar.text)
    assert text.right() < button.geometry().left()
    assert bar.rect().contains(button.geometry())


def test_hostile_text_is_shown_as_it_is(bar: MessageBar) -> None:
    bar.say("<img src='file:///etc/passwd'>\u202e", kind="bad")
    assert bar.text == "<img src='file:///etc/passwd'>⟨U+202E⟩"


def test_a_button_acts_and_closes(bar: MessageBar) -> None:
    done: list[str] = []
    bar.say("Port taken.", kind="bad", actions=[("Try again", lambda: done.append("again"))])
    bar.say("Something went well.", kind="good")
    assert bar.text == "Port taken."  # what waits for an answer is not replaced by plain news
    next(button for button in bar.findChildren(QPushButton) if button.text() == "Try again").click()
    assert done == ["again"]
    assert bar.isHidden()


def test_bad_news_stay_and_good_ones_leave(bar: MessageBar) -> None:
    bar.say("bad", kind="bad")
    assert not bar._timer.isActive()
    bar.say("good", kind="good")
    assert bar._timer.isActive()
    bar.say("done", kind="good", actions=[("Undo", lambda: None)])
    assert bar._timer.isActive(), "an offer does not stay for ever"
    bar.say("copied", kind="good")
    assert bar.text == "copied"


# tasks


async def test_tasks_tell_expected_failures_in_one_line() -> None:
    messages = FakeMessages()
    tasks = WindowTasks(asyncio.get_running_loop(), messages, (ValueError,))

    async def fail() -> None:
        raise ValueError("no such thing")

    tasks.start(fail(), "Listing")
    await asyncio.sleep(0.01)
    assert messages.said == [("bad", "Listing: no such thing")]
    taken: list[Exception] = []
    tasks.start(fail(), "Listing", taken.append)
    await asyncio.sleep(0.01)
    assert len(taken) == 1
    await tasks.close()


async def test_tasks_keep_quiet_where_the_reason_is_known_already() -> None:
    messages = FakeMessages()
    tasks = WindowTasks(asyncio.get_running_loop(), messages, (ValueError,), lambda error: None)

    async def fail() -> None:
        raise ValueError

    tasks.start(fail(), "Listing")
    await asyncio.sleep(0.01)
    assert messages.said == []
    await tasks.close()


async def test_what_is_broken_off_is_not_told() -> None:
    messages = FakeMessages()
    tasks = WindowTasks(asyncio.get_running_loop(), messages)
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    give_up = tasks.start(wait(), "Listing")
    await asyncio.sleep(0)
    give_up()
    await asyncio.wait_for(ended.wait(), 30)
    give_up()
    assert messages.said == []
    await tasks.close()
    tasks.start(wait(), "Listing")()


@pytest.mark.expects_log
async def test_tasks_log_what_is_a_mistake_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    messages = FakeMessages()
    tasks = WindowTasks(asyncio.get_running_loop(), messages)

    async def fail() -> None:
        raise KeyError("oops")

    tasks.start(fail(), "Listing")
    await asyncio.sleep(0.01)
    assert messages.said == [("bad", "Listing failed: KeyError: 'oops'. The log has more.")]
    assert "Traceback" in caplog.text
    await tasks.close()


async def test_a_task_that_is_cancelled_before_it_begins_leaves_nothing_behind() -> None:
    tasks = WindowTasks(asyncio.get_running_loop(), FakeMessages())
    begun: list[bool] = []

    async def work() -> None:
        begun.append(True)

    tasks.start(work(), "Nothing")()
    await tasks.close()
    assert begun == []


async def test_closing_cancels_what_runs_and_takes_nothing_more() -> None:
    tasks = WindowTasks(asyncio.get_running_loop(), FakeMessages())
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    tasks.start(wait(), "Waiting")
    await asyncio.sleep(0.01)
    await tasks.close()
    assert ended == ["cancelled"]
    tasks.start(wait(), "Waiting")
    await asyncio.sleep(0.01)
    assert ended == ["cancelled"]


# settings


def test_theme_is_dark_until_chosen_otherwise(tmp_path: Path) -> None:
    settings = open_settings(tmp_path / "deep" / "window.ini")
    assert theme_choice(settings) == "dark"
    keep_theme_choice(settings, "system")
    settings.sync()
    again = QSettings(str(tmp_path / "deep" / "window.ini"), QSettings.Format.IniFormat)
    assert theme_choice(again) == "system"
    again.setValue("window/theme", "pink")
    assert theme_choice(again) == "dark"


def test_system_scheme() -> None:
    assert scheme_of("system", Qt.ColorScheme.Light) == "light"
    assert scheme_of("system", Qt.ColorScheme.Unknown) == "dark"
    assert scheme_of("light", Qt.ColorScheme.Dark) == "light"


# snippets


def test_snippets_are_complete_and_filled_in(tmp_path: Path) -> None:
    endpoint = Endpoint("http://127.0.0.1:4000/", "pk_live_x", "72ab8f81-ef36-4a1e-9c3b-2f6d90b1c001", "My Game")
    snippets = {one.title: one for one in first_event_snippets(endpoint)}
    assert list(snippets) == ["Python", "JavaScript", "Unity", "Unreal", "Godot", "Godot 3", "Go", "curl"]
    for one in snippets.values():
        assert "pk_live_x" in one.text
        assert "http://127.0.0.1:4000/api/events" in one.text
        assert "$" not in one.text.replace("$(", "")
    ast.parse(snippets["Python"].text)


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_curl_snippet_sends_one_messagepack_map(tmp_path: Path) -> None:
    endpoint = Endpoint("http://127.0.0.1:4000", "pk_live_x", "72ab8f81-ef36-4a1e-9c3b-2f6d90b1c001")
    text = first_event_snippets(endpoint)[-1].text
    body = subprocess.run(["bash", "-c", text.split("|\n")[0]], capture_output=True, check=True).stdout
    event = msgpack.unpackb(body)
    assert event["app_id"] == endpoint.app_id
    assert set(event) == {"event_name", "app_id", "build_id", "player_id", "session_id", "timestamp"}


# hovers, addresses


def test_hovers_are_inert() -> None:
    assert plain_hover("<b>x</b>\nsecond") == "<p style='margin:0; white-space:pre'>&lt;b&gt;x&lt;/b&gt;<br>second</p>"


def test_short_addresses() -> None:
    assert short_addresses(["http://127.0.0.1:4000"], ["http://127.0.0.1:18000"]) == "http://127.0.0.1:4000 · :18000"
    assert short_addresses(["http://127.0.0.1:4000"], []) == "http://127.0.0.1:4000"
    assert short_addresses([], []) == ""


def test_lan_addresses_leave_loopback_out() -> None:
    assert not any(address.startswith(("127.", "fe80", "::1")) for address in lan_addresses())


# crash reports


@pytest.fixture
def make_report(tmp_path: Path) -> Callable[[Callable[[str], None]], CrashReport]:
    return lambda tell: CrashReport(tmp_path, tell)


@pytest.mark.expects_log
def test_unhandled_errors_reach_log_and_message_bar(
    tmp_path: Path, make_report: Callable[[Callable[[str], None]], CrashReport]
) -> None:
    told: list[str] = []
    before = sys.excepthook, threading.excepthook, logging.getLogger().level
    report = make_report(told.append)
    try:
        try:
            raise RuntimeError("paint failed")
        except RuntimeError as error:
            sys.last_traceback = error.__traceback__  # as Python has it for whoever debugs by hand
            sys.excepthook(RuntimeError, error, error.__traceback__)
        assert not hasattr(sys, "last_traceback")  # a painter in one of its frames would outlive its widget
        loop = asyncio.new_event_loop()
        report.watch(loop)
        loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": ValueError("late")})
        loop.close()
    finally:
        report.close()
        report.close()
    assert told == [
        "An internal error was logged: RuntimeError: paint failed. Recording goes on.",
        "An internal error was logged: ValueError: late. Recording goes on.",
    ]
    text = (tmp_path / "logs" / LOG_FILE).read_text("utf-8")
    assert "Traceback" in text
    assert "paint failed" in text
    assert "never retrieved" in text
    assert (tmp_path / "logs" / CRASH_FILE).exists()
    assert before == (sys.excepthook, threading.excepthook, logging.getLogger().level)


# pictures


async def test_picture_of_the_window(context: ViewContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshot, "_SETTLE_SECS", 0.01)
    window = MainWindow(context.theme, context.settings)
    window.resize(640, 480)
    show(window)
    context.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status()))
    file = tmp_path / "deep" / "window.png"
    await screenshot.take(window, context.feed, "requests", 0.0, file)
    image = QImage(str(file))
    assert (image.width(), image.height()) == (640, 480)
    assert window.current_name == "requests"
    with pytest.raises(screenshot.ScreenshotFailed):
        await screenshot.take(window, context.feed, None, 0.0, tmp_path / "window.nonsense")
    window.close_now()


async def test_picture_is_taken_without_a_server_too(
    context: ViewContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshot, "_SETTLE_SECS", 0.01)
    feed = LiveFeed()
    feed.set_connection(Connection.FAILED, "port taken")
    window = MainWindow(context.theme, context.settings)
    show(window)
    await screenshot.take(window, feed, None, 0.0, tmp_path / "window.png")
    assert (tmp_path / "window.png").exists()
    window.close_now()
