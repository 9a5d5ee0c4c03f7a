"""Every cell of the two tables gives terms that find its row."""

import pytest

from console.messages import EventRow, RequestRow
from console.telemetry.filters import Facts, Filter, parse
from console.ui.live import model as live
from console.ui.live import terms as live_terms
from console.ui.requests import model as requests
from console.ui.requests import terms as request_terms
from console.ui.requests.source import facts_of
from tests.ui.rows import event_row, rejected_row, request_row, trajectory_row


def facts(row: EventRow) -> Facts:
    return Facts(
        event=row.name, kind=row.kind.name.lower(), app=row.app_id, build=row.build_id, player=row.player_id,
        session=row.session_id, level=row.level_id, status=row.status, time=row.time_us, x=row.x, y=row.y, z=row.z,
        fps_mean=row.fps_mean, fps_low_5=row.fps_low_5, fps_low_1=row.fps_low_1,
    )  # fmt: skip


@pytest.mark.parametrize("column", [column.key for column in live.COLUMNS])
@pytest.mark.parametrize("row", [event_row(), trajectory_row(), event_row(level_id="", name='a "b" /c:d')])
def test_an_events_cells(row: EventRow, column: str) -> None:
    terms = live_terms.cell_terms(row, column)
    assert terms
    for term in terms:
        found = parse(term, "events")
        assert isinstance(found, Filter), found
        assert found.matches(facts(row)), term


@pytest.mark.parametrize("column", [column.key for column in requests.COLUMNS])
@pytest.mark.parametrize("row", [request_row(), rejected_row(), request_row(took_us=None, key_label="", app_id="")])
def test_a_requests_cells(row: RequestRow, column: str) -> None:
    terms = request_terms.cell_terms(row, column)
    assert terms
    for term in terms:
        found = parse(term, "requests")
        assert isinstance(found, Filter), found
        assert not found.needs_events
        assert found.matches(facts_of(row)), term


def test_a_strange_column_has_none() -> None:
    assert live_terms.cell_terms(event_row(), "new") == request_terms.cell_terms(request_row(), "new") == ()
