"""Two events compared."""

import msgpack
from hypothesis import given
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.ui.context import ViewContext
from console.ui.selection import Picked
from console.ui.widgets.diff_dialog import DiffDialog
from console.ui.widgets.inspector import Inspector
from console.ui.widgets.payload_diff import MAX_VALUES, Difference, compare
from tests.telemetry.bodies import Pairs, Raw, bodies, damaged, gameplay, pack, trajectory, without
from tests.ui.fakes import FakeClient
from tests.ui.screen import show
from tests.ui.test_widgets_resend import detail


def test_equal_events_do_not_differ() -> None:
    found = compare(pack(gameplay()), 0, pack([trajectory(), gameplay()]), 1)
    assert found.differences == []
    assert found.equal == 13
    assert found.is_whole


def test_what_differs() -> None:
    one = gameplay(position=[1, 2, 3], custom_data={"a": {"b": 1}})
    other = without(gameplay(position=[1, 2.0, 3], custom_data={"a": {"b": 2}}, sdk="x"), "level_id")
    assert compare(pack(one), 0, pack(other), 0).differences == [
        Difference("level_id", 'str "Level_1"', None),
        Difference("position[1]", "int 2", "float64 2.0"),
        Difference("custom_data.a.b", "int 1", "int 2"),
        Difference("sdk", None, 'str "x"'),
    ]
    assert [d.word for d in compare(pack(one), 0, pack(other), 0).differences] == [
        "missing",
        "changed",
        "changed",
        "added",
    ]


def test_types_on_the_wire_are_told_apart() -> None:
    (found,) = compare(pack({"a": 5}), 0, pack({"a": Raw(b"\xcc\x05")}), 0).differences
    assert found == Difference("a", "int 5 as fixint", "int 5 as uint8")


def test_long_texts_show_where_they_part() -> None:
    (found,) = compare(pack({"a": "x" * 60 + "y"}), 0, pack({"a": "x" * 60 + "z"}), 0).differences
    assert found == Difference("a", "63 bytes, from byte 62: 79", "63 bytes, from byte 62: 7a")


def test_repeated_keys_and_many_values() -> None:
    (found,) = compare(pack({"a": 1}), 0, pack(Pairs([("a", 1), ("a", 2)])), 0).differences
    assert found == Difference("a (again)", None, "int 2")
    assert not compare(pack(trajectory(positions=[1] * (MAX_VALUES + 1))), 0, pack(trajectory()), 0).is_whole


@given(bodies() | damaged(), bodies() | damaged())
def test_any_bytes_may_come(left: bytes, right: bytes) -> None:
    found = compare(left, 0, right, 1)
    assert all(difference.left != difference.right for difference in found.differences)
    assert compare(left, 0, left, 0).differences == []


def test_two_events_are_picked_one_after_the_other(context: ViewContext, client: FakeClient, qtbot: QtBot) -> None:
    client.details = {1: detail(pack([gameplay(), gameplay(event_name="<b>Player_Death"), trajectory()]))}
    inspector = Inspector(context)
    qtbot.addWidget(inspector)
    show(inspector)
    context.selection.pick(Picked(request_id=1))
    assert not inspector.compare_button.isVisible()
    context.selection.pick(Picked(request_id=1, index=0))
    inspector.compare_button.click()
    assert inspector.compare_button.text() == "Now pick another"
    context.selection.pick(Picked(request_id=1, index=1))
    assert inspector.compare_button.text() == "Compare with the first"
    inspector.compare_button.click()
    QApplication.processEvents()
    (dialog,) = inspector.window().findChildren(DiffDialog)
    assert dialog.lines == [["changed", "event_name", 'str "Player_Jump"', 'str "<b>Player_Death"']]
    assert inspector.compare_button.text() == "Compare …"
    dialog.reject()
    assert msgpack.unpackb(client.details[1].body)[1]["event_name"] == "<b>Player_Death"
