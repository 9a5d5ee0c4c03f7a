"""What the live table says, without Qt."""

from console.telemetry.events import EventKind
from console.ui.live.model import COLUMNS, admits, event_cells, event_store
from console.ui.live.source import scope_terms
from console.ui.selection import Scope
from console.ui.widgets.column_fit import fit
from console.ui.widgets.table_columns import Tone
from tests.ui.rows import event_row, trajectory_row


def cell(row: object, key: str) -> str:
    return next(column.text(row) for column in COLUMNS if column.key == key)  # type: ignore[arg-type]


def test_a_gameplay_event() -> None:
    row = event_row()
    assert cell(row, "kind") == "gameplay"
    assert cell(row, "name") == "Door_Open"
    assert cell(row, "place") == "7.9, -49.2, 0.2"
    assert cell(row, "level") == "oa_minia"


def test_a_trajectory_is_named_by_its_length_and_shows_its_frame_rate() -> None:
    row = trajectory_row()
    assert cell(row, "name") == "50 samples · 5.0 s"
    assert cell(row, "place") == "53 / 45 / 24 fps"
    assert cell(row, "status") == "playing"
    assert cell(trajectory_row(samples=1), "name") == "1 sample · 5.0 s"
    assert cell(trajectory_row(fps_low_5=None), "place") == "53 / – / 24 fps"
    assert cell(trajectory_row(fps_mean=None, fps_low_5=None, fps_low_1=None), "place") == ""


def test_an_event_without_a_level_or_a_place() -> None:
    row = event_row(level_id="", x=None, y=None, z=None)
    level = next(column for column in COLUMNS if column.key == "level")
    assert level.text(row) == "(unassigned)"
    assert level.tone(row) is Tone.DIM
    assert cell(row, "place") == ""
    assert cell(event_row(kind=EventKind.IDENTITY, level_id=""), "level") == ""


def test_what_the_player_api_records_has_no_level() -> None:
    row = event_row(kind=EventKind.PLAYER_API, name="player_registered", level_id="", x=None, y=None, z=None)
    assert (cell(row, "kind"), cell(row, "name")) == ("player API", "player_registered")
    assert (cell(row, "level"), cell(row, "place")) == ("", "")


def test_hovers_are_exact() -> None:
    row = trajectory_row(time_us=1_770_891_734_941_234, x=1.25)
    hovers = {column.key: column.hover(row) for column in COLUMNS if column.hover}
    assert "2026-02-12 10:22:14.941234 UTC" in hovers["time"]
    assert "Received 2026-02-13" in hovers["time"]
    assert hovers["name"] == "50 samples over 5.000000 s"
    assert "First position 1.25" in hovers["place"]
    assert "low 1 % 24 frames/s" in hovers["place"]


def test_a_strangers_name_is_inert() -> None:
    assert cell(event_row(name="<b>x\u202e\n</b>"), "name") == "<b>x⟨U+202E⟩␊</b>"


def test_cells_are_remembered_and_forgotten() -> None:
    cells = event_cells()
    row = event_row()
    assert cells.texts(row) is cells.texts(row)
    assert cells.texts(row) == cells.write(row)
    for seq in range(2, 5_000):
        cells.texts(event_row(seq))
    cells.forget()
    assert cells.texts(row)[2] == "Door_Open"


def test_the_scope_narrows() -> None:
    row = event_row()
    assert admits(Scope(), row)
    assert admits(Scope(sessions=frozenset({(row.app_id, "s-03-7f3a")})), row)
    assert not admits(Scope(sessions=frozenset({("other", "s-03-7f3a")})), row)
    assert not admits(Scope(build_id="other"), row)


def test_a_store_is_bounded() -> None:
    store = event_store(capacity=10)
    store.add(event_row(seq) for seq in range(1, 30))
    assert store.total == 10
    assert event_store().total == 0


def test_columns_fit_the_room_there_is() -> None:
    for room in (740, 800, 900, 948):
        widths = fit(COLUMNS, room)
        assert sum(widths) <= room
        assert all(width == 0 or width >= (c.least or c.width) for width, c in zip(widths, COLUMNS, strict=True))


def test_columns_that_matter_least_leave_a_narrow_table() -> None:
    left = [column.key for column, width in zip(COLUMNS, fit(COLUMNS, 740), strict=True) if width == 0]
    assert left == ["build", "status"]


def test_room_to_spare_goes_to_the_columns_with_long_texts() -> None:
    widths = dict(zip([column.key for column in COLUMNS], fit(COLUMNS, 1_200), strict=True))
    assert widths["time"] == 104
    assert widths["build"] > 124
    assert max(widths.values()) <= 140 * 1.6


def test_a_scope_is_asked_for_as_terms_that_tell_applications_apart() -> None:
    assert scope_terms(Scope()) == ""
    assert scope_terms(Scope.of_sessions("a", "21")) == "app:a (session:1 OR session:2)"
    both = frozenset({("a", "1"), ("b", "1"), ("b", "2")})
    assert scope_terms(Scope(sessions=both)) == "((app:a session:1) OR (app:b (session:1 OR session:2)))"
    assert scope_terms(Scope(build_id="x", sessions=both | {("b", "\n")})) == "build:x"  # no line can hold that id
