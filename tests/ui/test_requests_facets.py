"""What the facets of the requests table let pass, and how failures read, without Qt."""

from console.messages import RequestRow
from console.messages.requests import FailureKind, FailureReport
from console.telemetry.failure_lines import failure_pattern
from console.ui.requests.facets import COUNTED_ROWS, LISTED_VALUES, NO_KEY, Facets, facet_values, route_name
from console.ui.requests.failures import failure_line, failure_predicate, report_remark
from console.ui.widgets.table_columns import Tone
from tests.ui.fake_requests import NOW_US, make_failure
from tests.ui.rows import rejected_row, request_row

ROWS = [
    request_row(1),
    rejected_row(2),
    rejected_row(3, peer="10.0.0.9"),
    request_row(4, route="/v1/players/players/a/purchase?amount=1", status=201, key_label="Server"),
    rejected_row(5, status=401, key_label="", peer="10.0.0.9", error="invalid_token"),
    rejected_row(6, status=503),
]


def passed(facets: Facets, rows: list[RequestRow] = ROWS) -> list[int]:
    test = facets.predicate()
    return [row.request_id for row in rows if test is None or test(row)]


def test_no_facet_lets_everything_pass() -> None:
    assert Facets().predicate() is None
    assert not Facets()


def test_values_of_one_facet_add_up_and_facets_narrow_each_other() -> None:
    assert passed(Facets(status=frozenset({"4xx"}))) == [2, 3, 5]
    assert passed(Facets(status=frozenset({"4xx", "5xx"}))) == [2, 3, 5, 6]
    assert passed(Facets(status=frozenset({"4xx"}), peer=frozenset({"10.0.0.9"}))) == [3, 5]
    assert passed(Facets(key=frozenset({NO_KEY}))) == [5]
    assert passed(Facets(route=frozenset({"POST /v1/players/players/*/purchase"}))) == [4]


def test_the_counts_say_what_choosing_a_value_would_show() -> None:
    assert facet_values(ROWS, "status", Facets()) == [("2xx", 2), ("4xx", 3), ("5xx", 1)]
    chosen = Facets(peer=frozenset({"10.0.0.9"}))
    assert facet_values(ROWS, "status", chosen) == [("4xx", 2)]
    assert dict(facet_values(ROWS, "peer", chosen)) == {"192.168.1.40": 4, "10.0.0.9": 2}, "its own facet never narrows"
    assert facet_values(ROWS, "key", chosen, lambda row: row.request_id > 3) == [(NO_KEY, 1)]


def test_a_chosen_value_stays_listed() -> None:
    chosen = Facets(status=frozenset({"3xx"}))
    assert ("3xx", 0) in facet_values(ROWS, "status", chosen)


def test_many_values_and_rows_are_bounded() -> None:
    rows = [request_row(i, peer=f"10.0.{i // 256}.{i % 256}") for i in range(1, 1_000)]
    assert len(facet_values(rows, "peer", Facets())) == LISTED_VALUES
    assert facet_values(ROWS[:1] * (COUNTED_ROWS + 9), "status", Facets()) == [("2xx", COUNTED_ROWS)]


def test_routes_without_ids() -> None:
    def name(route: str, method: str = "POST") -> str:
        return route_name(request_row(route=route, method=method))

    assert name("/api/events") == "POST /api/events"
    assert name("/v1/players/players", "GET") == "GET /v1/players/players"
    assert name("/v1/players/players/external/me") == "POST /v1/players/players/external/*"
    assert name("/v1/events/events/batch") == "POST /v1/events/events/batch"
    assert name("/v1/flags/flags/shop/overrides/p1", "PUT") == "PUT /v1/flags/flags/*/overrides/*"
    assert name("/v1/flags/flags/evaluate") == "POST /v1/flags/flags/evaluate"
    assert name("/v1/segments/player/p1") == "POST /v1/segments/player/*"
    assert name("/api/export/12", "GET") == "GET /api/export/*"
    assert name("", "") == "(not HTTP)"


def test_a_failure_as_a_line() -> None:
    line = failure_line(make_failure(2, kept=20), NOW_US)
    assert line.cells == (
        "412", "400", 'invalid_event $[*].position[*]: expected a number, got str "…"', "/api/events",
        "192.168.1.40 +2", "1 h ago", "2 min ago",
    )  # fmt: skip
    assert line.hovers[0] == "412 requests; 20 kept, the others of a flood only counted"
    assert "$[3].position[1]" in line.hovers[2]
    assert "UnityPlayer" in line.hovers[4]
    assert line.tones[1] is Tone.BAD


def test_a_failure_without_senders_and_with_hostile_text() -> None:
    kind = FailureKind(status=418, error="", pattern="")
    line = failure_line(make_failure(kind=kind, peers=[], peers_total=0, routes=[], keys=[], clients=[]), NOW_US)
    assert (line.cells[2], line.cells[3], line.cells[4]) == ("status 418", "–", "–")
    hostile = failure_line(make_failure(peers=["\u202ex"], peers_total=1), NOW_US)
    assert "\u202e" not in "".join(hostile.cells + hostile.hovers)


def test_which_rows_failed_so() -> None:
    row = rejected_row()
    test = failure_predicate(FailureKind(status=row.status, error=row.error, pattern=failure_pattern(row.first_error)))
    assert [test(each) for each in ROWS] == [False, True, True, False, False, False]


def test_what_the_list_leaves_out() -> None:
    groups = [make_failure()]
    assert report_remark(FailureReport(groups=groups, groups_total=1, requests=412)) == ""
    remark = report_remark(FailureReport(groups=groups, groups_total=3, requests=412, forgotten=9))
    assert remark == "2 more kinds of failure, older · 9 rejected requests no longer kept"
