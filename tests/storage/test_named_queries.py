import pytest

from console.storage.named_queries import InvalidQuery, named_query, parse, query_names


def test_every_query_says_what_it_answers() -> None:
    assert query_names() == {
        "activity",
        "count_events",
        "events",
        "field_values",
        "frame_rate",
        "frame_rate_bands",
        "frame_rate_groups",
        "frame_rate_histograms",
        "frame_rate_worst",
        "funnel",
        "heat",
        "heat_events",
        "identities",
        "last_events",
        "level_builds",
        "level_sessions",
        "level_summary",
        "level_waits",
        "levels",
        "markers",
        "outside",
        "overview_events",
        "overview_rates",
        "overview_requests",
        "overview_sessions",
        "overview_totals",
        "player_events",
        "samples",
        "session_before",
        "sessions",
        "step_names",
        "step_order",
        "timeline_activity",
        "timeline_lanes",
        "timeline_levels",
        "timeline_ticks",
        "totals",
        "trajectory_at",
        "unassigned_sessions",
        "visited",
    }
    for name in query_names():
        assert named_query(name).description.endswith(".")


def test_parameters_left_out_are_null_and_typed() -> None:
    query = parse("q", "-- A question.\n-- $a text\n-- $b text list\n-- $c integer, required\nSELECT $a, $b, $c -- end")
    assert query.sql == "SELECT $a::VARCHAR, from_json($b::VARCHAR, '[\"VARCHAR\"]'), $c::BIGINT -- end"
    assert query.bind({"c": 1}) == {"a": None, "b": None, "c": 1}
    assert query.bind({"a": "x", "b": ["y"], "c": 1}) == {"a": "x", "b": ["y"], "c": 1}


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({}, "needs the parameter 'c'"),
        ({"c": None}, "needs the parameter 'c'"),
        ({"c": "1"}, "must be: integer"),
        ({"c": True}, "must be: integer"),
        ({"c": 2**63}, "must be: integer"),
        ({"c": 1, "a": 1}, "must be: text"),
        ({"c": 1, "b": "x"}, "must be: text list"),
        ({"c": 1, "b": [1]}, "must be: text list"),
        ({"c": 1, "d": 1}, "has no parameter 'd'; it knows a, b, c"),
    ],
)
def test_wrong_parameters_are_explained(params: dict[str, object], complaint: str) -> None:
    query = parse("q", "-- A question.\n-- $a text\n-- $b text list\n-- $c integer, required\nSELECT $a, $b, $c")
    with pytest.raises(InvalidQuery, match=complaint):
        query.bind(params)


def test_an_unknown_query_is_told() -> None:
    for name in ("nothing", "../migrations/events/0001_events", ""):
        with pytest.raises(InvalidQuery, match="There is no query"):
            named_query(name)


@pytest.mark.parametrize("text", ["-- Q.\nSELECT $a", "-- Q.\n-- $a text\nSELECT 1"])
def test_declared_and_used_parameters_must_agree(text: str) -> None:
    with pytest.raises(InvalidQuery, match="different parameters: a"):
        parse("q", text)


def test_floats_are_finite_numbers() -> None:
    query = parse("q", "-- A question.\n-- $a float\n-- $b float list, required\nSELECT $a, ($b)[1]")
    assert query.question({"a": 1, "b": [1, 2.5]}) == ("SELECT $a::DOUBLE, ($b::DOUBLE[])[1]", {"a": 1, "b": [1, 2.5]})
    for wrong in ({"b": ["1"]}, {"b": [float("nan")]}, {"b": 1.0}, {"a": True, "b": []}, {"a": float("inf"), "b": []}):
        with pytest.raises(InvalidQuery, match="must be: float"):
            query.bind(wrong)


def test_sessions_are_ids_within_their_application() -> None:
    query = parse("q", "-- A question.\n-- $s sessions\nSELECT 1 WHERE $s")
    assert query.question({}) == ("SELECT 1 WHERE TRUE", {})
    assert query.question({"s": {}}) == ("SELECT 1 WHERE FALSE", {})
    sql, values = query.question({"s": {"a": ["1"], "b": ["1", "2"]}})
    assert sql.count("app_id = $") == sql.count("session_id IN") == 2
    assert list(values.values()) == ["a", '["1"]', "b", '["1","2"]']
    for wrong in (["1"], {"a": "1"}, {"a": [1]}, {1: ["1"]}):
        with pytest.raises(InvalidQuery, match="must be: sessions"):
            query.bind({"s": wrong})
    for name in query_names():
        parameters = named_query(name).parameters
        assert "session_ids" not in parameters or "app_id" in named_query(name).required, name
