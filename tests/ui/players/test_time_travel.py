"""Players as they were on another day."""

from pytestqt.qtbot import QtBot

from console.client import ConsoleUnavailable
from tests.ui.fake_players import NOW_US
from tests.ui.fakes import FakeClient
from tests.ui.players.steps import MakeView


def test_another_day_is_asked_for_in_list_and_profile(make_view: MakeView, client: FakeClient, qtbot: QtBot) -> None:
    view = make_view()
    view.table.selectRow(0)
    view.travel.slider.setValue(20)
    assert view.travel.words.text() == "in 20 days, if nobody plays until then"
    qtbot.waitUntil(lambda: client.called("players")[-1]["now_us"] is not None)
    asked = client.called("players")[-1]["now_us"]
    assert client.called("player")[-1]["now_us"] == asked
    assert view.profile.page.isVisible()
    view.travel.back.click()
    assert client.called("players")[-1]["now_us"] is None
    assert client.called("player")[-1]["now_us"] is None
    assert not view.travel.back.isEnabled()


def test_a_day_beyond_the_slider_is_chosen_in_the_calendar(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    travel = view.travel
    asked: list[int | None] = []
    travel.now_changed.connect(asked.append)
    travel.date.setDate(travel.date.date().addDays(400))
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert travel.words.text().startswith("in 400 days")
    assert travel.date.date() == travel.date.minimumDate().currentDate().addDays(400)
    assert travel.slider.value() == travel.slider.maximum()


def test_another_day_keeps_the_place_and_says_when_it_takes_long(
    make_view: MakeView, client: FakeClient, qtbot: QtBot
) -> None:
    view = make_view(2_000)
    view.table.scrollToBottom()
    view.table.look()
    client.failures["players"] = ConsoleUnavailable("slow")
    view.source.set_now(NOW_US)
    view._slow.timeout.emit()
    assert view.bar.field.count_text == "looking …"
    del client.failures["players"]
    view.source.expire()
    view.source._again.timeout.emit()
    assert client.called("players")[-1]["offset"] == 1_800
    assert view.bar.field.count_text == "2,000"


def test_stepping_days_quickly_asks_once(make_view: MakeView, client: FakeClient, qtbot: QtBot) -> None:
    view = make_view()
    for days in range(1, 30):
        view.travel.slider.setValue(days)
    qtbot.waitUntil(lambda: client.called("players")[-1]["now_us"] is not None)
    assert len(client.called("players")) == 2
