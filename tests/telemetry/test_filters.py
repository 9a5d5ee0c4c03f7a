"""The filter language: what terms find, and what a slip is answered with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.filters import Facts, Filter, FilterProblem, fields, parse, payload_path

NOW_US = 1_780_000_000_000_000

JUMP = Facts(
    event="Player_Jump", kind="gameplay", app="game", build="1.4.2", player="p-17", session="s-1", level="Level 1",
    input="gamepad", ip="192.168.1.7", route="/api/telemetry/events", time=NOW_US, x=-5.0, y=2.0, z=0.0, late=True,
    custom_data={"weapon": "Sword", "damage": 10, "critical": True, "tags": ["a", "b"], "a b": {"c.d": 1}, "no": None},
)  # fmt: skip


def matches(text: str, facts: Facts = JUMP) -> bool:
    found = parse(text, now_us=NOW_US)
    assert isinstance(found, Filter), found
    return found.matches(facts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "event:Player_Jump",
        "event:Player_*",
        "event:*_J?mp",
        "event:/^Player_[A-Z]/",
        "kind:gameplay build:1.4.2",
        "kind:GAMEPLAY",
        'level:"Level 1"',
        "level:(none OR Level\\ 1)",
        "NOT level:none",
        "-level:none +event:*",
        "x:-5",
        'x:<"-4"',
        "x:[-5 TO 5]",
        "x:{-6 TO *}",
        "y:>=2 y:<=2",
        "build:[1.4 TO 1.5]",
        "time:[now-1s TO now]",
        "time:2026-05-28",
        "time:>2026-05-27",
        "custom_data.weapon:Sword",
        "custom_data.damage:10.0",
        'custom_data.damage:"10"',
        "custom_data.damage:>9",
        "custom_data.critical:true",
        "custom_data.tags:b",
        f"{payload_path('custom_data', 'a b', 'c.d')}:1",
        "custom_data.weapon:*",
        "-custom_data.no:*",
        "-hardware.gpu:*",
        "-fps.mean:*",
        "is:late -is:rejected",
        "PLAYER_jump",
        "sw?RD",
        "/weapon/",
        '"l 1"',
        "event:Nothing OR level:* custom_data.damage:10",
        "route:*/events",
        'ip:"192.168.1.7"',
    ],
)
def test_finds(text: str) -> None:
    assert matches(text)
    assert not matches(f"NOT ({text})" if text else "event:Nothing")


@pytest.mark.parametrize(
    ("text", "marked", "mend"),
    [
        ("x:>-5", "-5", 'x:>"-5"'),
        ("route:/api/x", "/api/x", 'route:"/api/x"'),
        ("route:/api", "/api", 'route:"/api"'),
        ("evnt:a", "evnt", "event:a"),
        ("weapon:Sword", "weapon", "custom_data.weapon:Sword"),
        ('event:a "b', '"b', 'event:a "b"'),
        ("(event:a", "(event:a", "(event:a)"),
        ("event:a)", ")", "event:a"),
        ("event:a or level:b", "or", "event:a OR level:b"),
        ("event:a and level:b", "and", "event:a AND level:b"),
        ("x:[1 to 5]", "to", "x:[1 TO 5]"),
        ("x:[1 TO 5", "[1 TO 5", "x:[1 TO 5]"),
        ("player:a:b", "a:b", 'player:"a:b"'),
        ("event:'a b'", "'a b'", 'event:"a b"'),
        ("event:", "event:", "event:*"),
        ("is:lat", "lat", "is:late"),
        ("kind:gamplay", "gamplay", "kind:gameplay"),
        ("a~2", "~2", "a"),
        ("a AND", "AND", "a"),
        ("a && b", "&&", "a AND b"),
        ("x:abc", "abc", ""),
        ("time:noon", "noon", ""),
        ("bytes:5", "bytes", ""),
        ("event:/(/", "/(/", ""),
        ("event:/(a+)+b/", "/(a+)+b/", ""),
        ("custom_data:5", "5", ""),
        ("event:(level:a)", "level", ""),
        ("x:[5]", "]", ""),
    ],
)
def test_a_slip_is_marked_and_mended(text: str, marked: str, mend: str) -> None:
    problem = parse(text)
    assert isinstance(problem, FilterProblem)
    assert text[problem.position : problem.end] == marked
    assert problem.message[-1] in ".?"
    assert problem.mend == mend
    if mend:
        assert isinstance(parse(mend), Filter)


def test_lower_case_words_can_be_looked_for() -> None:
    assert matches('"or"', Facts(event="Door"))


@given(st.text(alphabet="ab:\"/()[]{}<>=-+~^\\*?' \tANDORTO0.x\x00é", max_size=40))
def test_any_text_is_read_or_answered(text: str) -> None:
    found = parse(text, now_us=NOW_US)
    if isinstance(found, FilterProblem):
        assert 0 <= found.position <= found.end <= len(text)
        assert found.message
    else:
        assert isinstance(found.matches(JUMP), bool)


def test_depth_and_length_are_bounded() -> None:
    for text in ("(" * 500 + "a" + ")" * 500, "a " * 1_500, "NOT " * 400 + "a", "a " * 300, "-" * 900 + "a"):
        assert isinstance(parse(text), (Filter, FilterProblem))


def test_the_examples_of_all_fields_are_filters() -> None:
    for scope in ("events", "requests"):
        for field in fields(scope):
            assert isinstance(parse(field.example, scope), Filter), field


def test_a_filter_of_requests_says_whether_it_needs_their_events() -> None:
    def needs(text: str) -> bool:
        found = parse(text, "requests")
        assert isinstance(found, Filter)
        return found.needs_events

    assert not needs("status:>=400 ip:10.* is:rejected took:>5")
    assert needs("status:200 event:Jump")
    assert needs("jump")


def test_many_wildcards_take_no_time() -> None:
    assert not matches("event:" + "*a" * 60 + "b", Facts(event="a" * 60_000))
