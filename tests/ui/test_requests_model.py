"""What the requests table says, without Qt."""

from console.ui.requests.model import COLUMNS, admits, is_rejected, request_cells, request_store
from console.ui.selection import Scope
from console.ui.widgets.table_columns import Tone
from tests.ui.rows import rejected_row, request_row


def cells(row: object) -> dict[str, str]:
    return {column.key: column.text(row) for column in COLUMNS}  # type: ignore[arg-type]


def tones(row: object) -> dict[str, Tone]:
    return {column.key: column.tone(row) for column in COLUMNS}  # type: ignore[arg-type]


def test_an_accepted_request() -> None:
    shown = cells(request_row())
    assert shown["status"].startswith("200")
    assert shown["route"] == "POST /api/events"
    assert (shown["events"], shown["size"], shown["took"]) == ("46", "3.8 kB", "3.4 ms")
    assert (shown["key"], shown["from"], shown["client"]) == ("PC build", "192.168.1.40", "UnityPlayer/2022.3")
    assert tones(request_row())["status"] is Tone.GOOD


def test_a_player_api_request() -> None:
    row = request_row(status=201, method="POST", route="/v1/players/players/x/purchase?amount=4.99")
    assert cells(row)["status"] == "201 created"
    assert cells(row)["route"] == "POST /v1/players/players/x/purchase?amount=4.99"
    assert tones(row)["status"] is Tone.GOOD
    route = next(column for column in COLUMNS if column.key == "route")
    assert route.hover is not None
    assert route.hover(row) == cells(row)["route"]


def test_a_rejected_request_says_why() -> None:
    row = rejected_row()
    assert is_rejected(row)
    assert cells(row)["client"] == '$[3].position[1]: expected a number, got str "x"'
    assert tones(row)["client"] is Tone.BAD
    assert tones(row)["status"] is Tone.BAD
    assert tones(rejected_row(status=429))["status"] is Tone.WARNING


def test_a_request_without_a_measured_time() -> None:
    assert cells(request_row(took_us=None))["took"] == "–"


def test_hovers_are_exact() -> None:
    hovers = {column.key: column.hover(rejected_row(bytes=3_811)) for column in COLUMNS if column.hover}
    assert hovers["size"] == "3,811 bytes, after decompression"
    assert hovers["took"] == "3,400 µs from the headers to the answer"
    assert hovers["status"] == "400 Bad Request\ninvalid_event"
    assert "UnityPlayer" in hovers["client"]


def test_the_scope_narrows_by_application_but_never_hides_a_stranger() -> None:
    assert admits(Scope(app_id="a"), request_row(app_id="a"))
    assert not admits(Scope(app_id="b"), request_row(app_id="a"))
    assert admits(Scope(app_id="b", build_id="x"), request_row(app_id=""))


def test_a_store_and_its_cells() -> None:
    store = request_store(capacity=2)
    store.add([request_row(1), rejected_row(2), request_row(3)])
    assert [row.request_id for row in store.rows()] == [2, 3]
    assert "400 invalid" in request_cells().write(store[0])
