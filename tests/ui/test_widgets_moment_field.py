"""Instants in forms: the person's zone on screen, UTC in what is sent."""

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QDateTimeEdit
from pytestqt.qtbot import QtBot

from console.players.definitions import Schedule
from console.players.instants import instant_us
from console.players.profiles import DAY_US
from console.ui.flags.schedule_field import ScheduleField, state_words
from console.ui.theme import Theme
from console.ui.widgets.moment_field import MomentEdit, MomentField
from tests.ui.screen import show

START = "2026-02-12T10:00:00Z"


@pytest.fixture
def make(qtbot: QtBot) -> Callable[[], MomentField]:
    def make_field() -> MomentField:
        field = MomentField(Theme("dark"), "from", offered="from a time on")
        qtbot.addWidget(field)
        show(field)
        return field

    return make_field


def test_an_open_end_needs_no_calendar(make: Callable[[], MomentField]) -> None:
    field = make()
    field.show_text(None)
    assert field.text is None
    assert "edit" not in field.__dict__
    assert field.tick.text() == "from a time on"


def test_a_tick_offers_the_next_full_hour(make: Callable[[], MomentField], qtbot: QtBot) -> None:
    field = make()
    before_us = time.time_ns() // 1000
    with qtbot.waitSignal(field.changed):
        field.tick.click()
    after_us = time.time_ns() // 1000
    assert field.text is not None
    assert field.text.endswith(":00:00Z")
    assert before_us < (field.at_us or 0) <= after_us + 3_600_000_000
    assert field.tick.text() == "from"
    field.tick.click()
    assert field.text is None
    assert field.edit.isHidden()


def test_what_nobody_touches_stays_written_as_it_was(make: Callable[[], MomentField]) -> None:
    field = make()
    for text in ("2026-02-12T11:00:00.25+01:00", "2026-02-12", "soon"):
        field.show_text(text)
        assert field.text == text
    assert field.at_us is None
    assert "soon is no time" in field.edit.toolTip()


def test_local_time_is_shown_and_utc_is_sent(make: Callable[[], MomentField], qtbot: QtBot) -> None:
    field = make()
    field.show_text(START)
    local = QDateTime.fromMSecsSinceEpoch(instant_us(START, "") // 1000)
    assert field.edit.text() == local.toString("yyyy-MM-dd HH:mm")
    assert "2026-02-12 10:00:00.000000 UTC" in field.edit.toolTip()
    with qtbot.waitSignal(field.changed):
        field.edit.setCurrentSection(field.edit.Section.DaySection)
        field.edit.stepBy(1)
    assert field.text == "2026-02-13T10:00:00Z"


@pytest.fixture
def in_egypt() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("ar_EG"))
    yield
    QLocale.setDefault(before)


def test_digits_are_those_of_all_other_times_in_every_country(in_egypt: None, make: Callable[[], MomentField]) -> None:
    field = make()
    field.show_text(START)
    assert field.edit.text().startswith("2026-02-1")


def test_the_keyboard_sets_a_time(make: Callable[[], MomentField], qtbot: QtBot) -> None:
    field = make()
    field.show_text(START)
    field.edit.setFocus()
    field.edit.selectAll()
    qtbot.keyClick(field.edit, Qt.Key.Key_Up)
    assert isinstance(field.edit, QAbstractSpinBox)
    assert field.text == "2027-02-12T10:00:00Z"


def test_a_schedule_without_ends_is_none(qtbot: QtBot) -> None:
    field = ScheduleField(Theme("dark"))
    qtbot.addWidget(field)
    field.show_schedule(None)
    assert field.schedule() is None
    field.show_schedule(Schedule(end_at=START))
    assert field.schedule() == Schedule(end_at=START)
    assert field.widget_at(("end_at",)) is field.end.edit
    assert field.widget_at(("start_at",)) is field.start.tick


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (None, None, ""),
        (1, None, "begins in 1 day"),
        (-1, None, "holds now"),
        (-1, 2, "holds now, ends in 2 days"),
        (None, -3, "ended 3 days ago"),
        (2, 1, "ends before it begins"),
    ],
)
def test_whether_a_schedule_holds(start: int | None, end: int | None, words: str) -> None:
    now_us = 100 * DAY_US
    at = [None if one is None else now_us + one * DAY_US for one in (start, end)]
    assert state_words(at[0], at[1], now_us) == words


@pytest.mark.parametrize(
    ("section", "typed", "shown"),
    [
        ("YearSection", "2026-11-20 12:00", "2026-11-20 12:00"),
        ("HourSection", "12:00", "2025-01-31 12:00"),
        ("HourSection", "2026-02-20 12:00", "2026-02-20 12:00"),
        ("MonthSection", "11-20 7:05", "2025-11-20 07:05"),
    ],
)
def test_a_moment_is_typed_as_it_is_written(qtbot: QtBot, section: str, typed: str, shown: str) -> None:
    edit = MomentEdit(Theme("dark"))
    qtbot.addWidget(edit)
    edit.setDateTime(QDateTime.fromString("2025-01-31 03:04", "yyyy-MM-dd HH:mm"))
    edit.setSelectedSection(QDateTimeEdit.Section[section])
    qtbot.keyClicks(edit, typed)
    assert edit.text() == shown


@pytest.mark.parametrize(
    ("section", "typed", "shown"),
    [
        ("HourSection", "12:00", "12:00:00"),
        ("HourSection", "7:5", "07:05:00"),
        ("HourSection", "12:00:31", "12:00:31"),
        ("HourSection", "12", "12:04:56"),
        ("SecondSection", "7", "03:04:07"),
    ],
)
def test_minutes_without_seconds_are_full_ones(qtbot: QtBot, section: str, typed: str, shown: str) -> None:
    edit = MomentEdit(Theme("dark"))
    qtbot.addWidget(edit)
    edit.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
    edit.setDateTime(QDateTime.fromString("2025-01-31 03:04:56", "yyyy-MM-dd HH:mm:ss"))
    edit.setSelectedSection(QDateTimeEdit.Section[section])
    for key in typed:
        if key == ":":  # as most keyboards type it
            qtbot.keyPress(edit, Qt.Key.Key_Shift)
        qtbot.keyClicks(edit, key)
    qtbot.keyRelease(edit, Qt.Key.Key_Shift)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == f"2025-01-31 {shown}"
