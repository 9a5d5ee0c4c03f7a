"""The tool "Levels": what it lists, and what it asks the server to change."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console import messages as m
from console.columns import encode_columns
from console.messages.levels import AssignedCount, LevelFacts, LevelName
from console.telemetry.events import UNASSIGNED_LEVEL
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog
from console.ui.level.levels.model import facts_words, level_entries, model_names, owners, version_words
from console.ui.level.levels.panel import LevelsPanel, _name
from console.ui.level.model import LevelScene
from console.ui.level.source import LevelSource
from console.ui.level.stage import Stage
from console.ui.level.workbench import Workbench
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, FakeMessages, make_application, make_level_model
from tests.ui.screen import show

APPS = [make_application(), make_application(app_id="other", name="Another")]


def levels(*rows: tuple[str, str, int]) -> m.Columns:
    """Application, level and number of sessions of each."""
    apps, names, sessions = zip(*rows, strict=True)
    counts = np.array(sessions)
    return encode_columns(
        {
            "app_id": list(apps),
            "level_id": list(names),
            "sessions": counts,
            "samples": 100 * counts,
            "events": counts,
            "last_us": np.full(len(counts), NOW_US),
        }
    )


def test_every_level_has_one_line_with_what_it_is_shown_with() -> None:
    models = [
        make_level_model(model_id="a1", level_name="oa_minia", version=1, active=False),
        make_level_model(model_id="a2", level_name="oa_minia", version=2),
        make_level_model(model_id="b1", level_name="Attic"),
        make_level_model(model_id="c1", app_id="other", level_name="Attic"),
    ]
    facts = LevelFacts(
        names=[LevelName(app_id=APP_ID, level_id="attic_v2", level_name="Attic")],
        assigned=[AssignedCount(app_id=APP_ID, level_id="Cellar", sessions=3)],
    )
    played = levels(
        (APP_ID, UNASSIGNED_LEVEL, 2), (APP_ID, "attic_v2", 1), (APP_ID, "OA Minia", 4), (APP_ID, "Cellar", 3)
    )
    found = level_entries(played, models, facts, APPS)
    # The Attic of this application only shows attic_v2; that of the other one is a level of its own.
    assert [(e.app_name, e.level_id, e.model_name, len(e.versions), e.suggestion, e.assigned) for e in found] == [
        ("Another", "Attic", "Attic", 1, None, 0),
        ("My Game", "attic_v2", "Attic", 1, None, 0),
        ("My Game", "Cellar", "Cellar", 0, None, 3),
        ("My Game", "OA Minia", "OA Minia", 0, "oa_minia", 0),
        ("My Game", "oa_minia", "oa_minia", 2, None, 0),
        ("My Game", UNASSIGNED_LEVEL, UNASSIGNED_LEVEL, 0, None, 0),
    ]
    by_name = {entry.level_id: entry for entry in found}
    assert by_name["oa_minia"].active is not None
    assert by_name["oa_minia"].active.version == 2
    assert by_name["oa_minia"].played == "nobody played here yet"
    assert by_name["OA Minia"].played == "4 sessions\n400 samples · 4 events"
    assert by_name["Cellar"].active is None
    assert by_name["Cellar"].last_us == NOW_US
    assert model_names(models, APP_ID) == ["Attic", "oa_minia"]
    assert "archived" in version_words(replace(models[0], archived_at_us=NOW_US))
    scaled = replace(models[0], bounds=((0.0, 0.0, 0.0), (2304.0, 2225.0, 100.0)), mesh_axes="quake")
    assert "58.5 × 56.5 × 2.5 m\n2304 × 2225 × 100 units in the file" in facts_words(scaled)
    assert "2304 × 2225 × 100 m\n" in facts_words(replace(scaled, mesh_axes="gltf"))
    assert level_entries(encode_columns({}), [], LevelFacts(names=[], assigned=[]), APPS) == []


def test_levels_of_one_name_are_told_apart_in_their_row() -> None:
    found = level_entries(
        levels((APP_ID, "Courtyard", 1), ("other", "Courtyard", 1), ("other", "Attic_of_the_old_Mill", 1)),
        [],
        LevelFacts(names=[], assigned=[]),
        APPS,
    )
    assert owners(found) == ["", "Another", "My Game"]
    names = [_name(entry.level_id, owner) for entry, owner in zip(found, owners(found), strict=True)]
    assert names == ["Attic_o…ld_Mill", "Another · Co…rd", "My Game · Co…rd"]
    assert _name("arena_01", "Rocket Racers") == "Roc…ers · ar…01"


@pytest.fixture
def panel(qtbot: QtBot, context: ViewContext, client: FakeClient) -> Iterator[LevelsPanel]:
    client.level_model_list = [
        make_level_model(model_id="a1", level_name="oa_minia", version=1, active=False),
        make_level_model(model_id="a2", level_name="oa_minia", version=2),
    ]
    client.facts = LevelFacts(names=[], assigned=[AssignedCount(app_id=APP_ID, level_id="OA Minia", sessions=3)])
    client.queries["levels"] = levels((APP_ID, "OA Minia", 4), (APP_ID, UNASSIGNED_LEVEL, 2))
    client.queries["unassigned_sessions"] = encode_columns(
        {
            "app_id": [APP_ID, APP_ID],
            "session_id": ["s2", "s1"],
            "player_id": ["\u202ebob", "ann"],
            "first_us": np.array([NOW_US + 1, NOW_US]),
            "samples": np.array([0, 250]),
        }
    )
    parent = QWidget()
    qtbot.addWidget(parent)
    scene = LevelScene()
    source = LevelSource(context, scene, parent)
    stage = Stage(context.theme.tokens, parent)
    panel = LevelsPanel(Workbench(context, scene, source, stage, lambda: None, parent), parent)  # type: ignore[arg-type, return-value]
    panel.resize(300, 700)
    parent.resize(300, 700)
    show(parent)
    yield panel
    parent.hide()


def test_models_are_chosen_put_aside_and_removed_and_sessions_assigned(
    panel: LevelsPanel,
    client: FakeClient,
    messages: FakeMessages,
    context: ViewContext,
    tmp_path: Path,
) -> None:
    assert [line.cells for line in panel.table.lines] == [
        ("OA Minia", "?", "4"),
        ("oa_minia", "2", "0"),
        (UNASSIGNED_LEVEL, "–", "2"),
    ]
    details = panel.details
    assert details.isHidden()
    panel.table.select((APP_ID, "OA Minia"))
    assert details.models.currentText() == "no model"
    assert not details.suggestion.isHidden()
    details.suggestion.click()
    assert client.called("map_level") == [{"app_id": APP_ID, "level_id": "OA Minia", "level_name": "oa_minia"}]
    details.take_out.click()
    assert client.called("assign_sessions")[-1]["from_level"] == "OA Minia"

    panel.table.select((APP_ID, "oa_minia"))
    assert details.suggestion.isHidden()
    assert details.take_out.isHidden()
    assert [details.version.itemText(i)[:3] for i in range(2)] == ["2 ·", "1 ·"]
    details.version.setCurrentIndex(1)
    details.version.activated.emit(1)
    assert client.called("change_level_model")[-1] == {"model_id": "a1", "changes": m.LevelModelChanges(active=True)}
    details.archive.click()
    assert client.called("change_level_model")[-1]["changes"] == m.LevelModelChanges(archived=True)
    details.delete.click()
    assert not client.called("delete_level_model")
    question = next(iter(panel.window().findChildren(Dialog)))
    next(button for button in question.findChildren(QPushButton) if button.text() == "Delete").click()
    assert client.called("delete_level_model") == [{"model_id": "a1"}]
    details.show_button.click()
    assert panel.table.isVisible()
    assert panel._workbench.scene.level == "oa_minia"
    known = [replace(model, active=False) for model in client.level_model_list]
    client.level_model_list = [*known, replace(known[0], model_id="a3", version=3, active=True)]
    context.feed.changed.emit("level_models")
    assert details.version.currentText()[:3] == "3 ·", "the list follows a version that was uploaded"
    client.level_model_list[-1:] = [replace(client.level_model_list[-1], active=False, archived_at_us=1)]
    context.feed.changed.emit("level_models")
    assert details.archive.text() == "Restore", "and stays at one that was put aside"
    assert details.version.currentText() == "3 · archived"
    client.level_model_list = client.level_model_list[-1:]
    context.feed.changed.emit("level_models")
    details.delete.click()
    words = " ".join(label.text() for label in panel.window().findChildren(Dialog)[-1].findChildren(QLabel))
    assert "calibration go with it" in words
    assert "Archive it" not in words, "it is put aside already"
    panel.window().findChildren(Dialog)[-1].reject()

    file = tmp_path / "arena.glb"
    file.write_bytes(b"glTF" * 100)
    panel.table.select((APP_ID, "OA Minia"))
    assert details.entry is not None
    dialog = panel.upload(details.entry, file)
    assert dialog.level.currentText() == "OA Minia", "a level that was played keeps its name"
    dialog.upload()
    assert client.called("upload_level_model")[-1]["level_name"] == "OA Minia"

    loose = panel.unassigned
    assert "\u202e" not in loose.table.lines[0].cells[0]
    assert not loose.assign.isEnabled()
    loose.level.setCurrentText("Attic")
    assert loose.assign.text() == "Assign all 2"
    loose.assign.click()
    assert client.called("assign_sessions")[-1]["session_ids"] is None
    loose.table.select((APP_ID, "s1"))
    assert loose.assign.text() == "Assign 1 session"
    loose.assign.click()
    assert client.called("assign_sessions")[-1] | {"from_level": ""} == {
        "app_id": APP_ID,
        "session_ids": ["s1"],
        "level_id": "Attic",
        "from_level": "",
    }
    assert messages.said[-1] == ("good", "1 session assigned to Attic.")
    messages.actions[0][1]()
    assert client.called("assign_sessions")[-1]["level_id"] == ""

    client.queries["levels"] = client.queries["unassigned_sessions"] = encode_columns({})
    client.level_model_list, client.facts = [], LevelFacts(names=[], assigned=[])
    context.feed.changed.emit("levels")
    assert panel.table.isHidden()
    assert loose.isHidden()
    assert details.isHidden()
