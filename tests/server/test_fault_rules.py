"""When a rule holds, whom it concerns, how often it strikes, and which rules are refused."""

import fnmatch
import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.faults.presets import PRESETS
from console.faults.words import how_often, to_whom, what_happened, what_happens
from console.messages.faults import Fault
from console.server.fault_rules import ActiveRule, InvalidFault, check_fault
from console.server.faults import MAX_RULES, FaultRules

SECOND = 1_000_000


def rule(**fault: Any) -> ActiveRule:
    made = Fault(**({"action": "drop"} | fault))
    check_fault(made)
    return ActiveRule(1, made, 100 * SECOND, random.Random(4))


def concerns(active: ActiveRule, **request: str) -> bool:
    values = {"app_id": "app", "key_id": "key", "peer": "192.168.1.7", "route": "/api/events"} | request
    return active.concerns(**values)


@pytest.mark.parametrize(
    ("whom", "holds"),
    [
        ({}, True),
        ({"app_ids": ["app"], "key_ids": ["other", "key"]}, True),
        ({"app_ids": ["app"], "key_ids": ["other"]}, False),
        ({"peers": ["192.168.1.0/24"]}, True),
        ({"peers": ["192.168.1.7"]}, True),
        ({"peers": ["::1", "10.0.0.1"]}, False),
        ({"routes": ["/api/events"]}, True),
        ({"routes": ["/v1/*", "/api/ev*"]}, True),
        ({"routes": ["/api"]}, False),
        ({"routes": ["*"]}, True),
    ],
)
def test_whom_it_concerns(whom: dict[str, list[str]], holds: bool) -> None:
    assert concerns(rule(**whom)) is holds


def test_peers_that_are_no_addresses() -> None:
    assert not concerns(rule(peers=["0.0.0.0/0"]), peer="")
    assert not concerns(rule(peers=["::/0"]), peer="192.168.1.7")


@given(st.text("/a*", min_size=1, max_size=9), st.text("/ab", max_size=12))
def test_stars_match_as_in_a_shell(pattern: str, path: str) -> None:
    if pattern[0] == "a" or pattern.count("*") > 8:
        return
    assert concerns(rule(routes=[pattern]), route=path) is fnmatch.fnmatchcase(path, pattern)


def test_no_path_keeps_a_pattern_busy() -> None:
    active = rule(routes=["/" + "*a" * 8])
    started = time.thread_time()
    assert not concerns(active, route="/" + "a" * 8_000 + "b")
    assert time.thread_time() - started < 1.0


def test_when_it_holds() -> None:
    always, later = rule(), rule(from_us=110 * SECOND, until_us=120 * SECOND)
    cycle = rule(on_secs=2.0, off_secs=3.0)
    assert always.state(0) == "on"
    assert [later.state(at * SECOND) for at in (100, 110, 119, 120)] == ["waiting", "on", "on", "over"]
    assert [cycle.state(at * SECOND) for at in (100, 101, 102, 104, 105, 107)] == [
        "on", "on", "waiting", "waiting", "on", "waiting",
    ]  # fmt: skip


def test_how_often_it_strikes() -> None:
    active = rule(probability=0.25)
    struck = sum(active.strikes(0) for _ in range(4_000))
    assert 900 < struck < 1_100
    assert (active.matched, active.injected) == (4_000, struck)
    counted = rule(count=2)
    assert [counted.strikes(0) for _ in range(4)] == [True, True, False, False]
    assert counted.state(0) == "over"


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ({"action": "delay"}, ".delay_secs"),
        ({"action": "delay", "delay_secs": float("nan")}, ".delay_secs"),
        ({"action": "delay", "delay_secs": 1e9}, ".delay_secs"),
        ({"action": "slow"}, ".bytes_per_second"),
        ({"action": "answer", "retry_after_secs": -1}, ".retry_after_secs"),
        ({"probability": 0.0}, ".probability"),
        ({"probability": float("nan")}, ".probability"),
        ({"count": 0}, ".count"),
        ({"on_secs": 1.0}, ".off_secs"),
        ({"on_secs": 1.0, "off_secs": float("inf")}, ".off_secs"),
        ({"on_secs": 0.0, "off_secs": 1.0}, ".on_secs"),
        ({"from_us": 5, "until_us": 5}, ".until_us"),
        ({"peers": ["::1", "here"]}, ".peers[1]"),
        ({"routes": ["api"]}, ".routes[0]"),
        ({"routes": ["/*a*a*a*a*a*a*a*a*a"]}, ".routes[0]"),
        ({"key_ids": ["k"] * 101}, ".key_ids"),
    ],
)
def test_what_cannot_be_meant(fault: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidFault) as caught:
        rule(**fault)
    assert caught.value.path == path
    assert caught.value.hint


@pytest.mark.expects_log
def test_rules_that_are_over_switch_themselves_off() -> None:
    told: list[None] = []
    rules = FaultRules(lambda: 0, lambda: told.append(None))
    rules.add([Fault(action="drop", count=1)])
    assert rules.injection(app_id="", key_id="", peer="", route="/api/events") is not None
    assert rules.injection(app_id="", key_id="", peer="", route="/api/events") is None
    assert (rules.active, rules.in_force, rules.active) == (True, 0, False)
    assert len(told) == 2
    assert len(rules.shown()) == 1


@pytest.mark.expects_log
def test_there_is_an_end_to_how_many() -> None:
    rules = FaultRules(lambda: 0, lambda: None)
    rules.add([Fault(action="drop")] * MAX_RULES)
    with pytest.raises(InvalidFault):
        rules.add([Fault(action="drop")])
    rules.add([Fault(action="drop")], replace=True)
    assert len(rules.shown()) == 1


@pytest.mark.expects_log
def test_what_ends_with_a_rule_is_told_if_it_lives() -> None:
    class Held:
        told = 0

        def end(self) -> None:
            self.told += 1

    active, kept, forgotten, gone = rule(), Held(), Held(), Held()
    active.when_ended(kept.end)
    active.when_ended(forgotten.end)()
    active.when_ended(gone.end)
    del gone
    active.end()
    active.end()
    assert (kept.told, forgotten.told) == (1, 0)


def test_every_set_of_rules_can_be_meant_and_said() -> None:
    for preset in PRESETS:
        for fault in preset.starting(100 * SECOND):
            check_fault(fault)
            assert what_happens(fault)
            assert what_happened(fault)
    restarting = next(each for each in PRESETS if each.name == "server-restarting").starting(0)
    assert [fault.from_us for fault in restarting] == [0, 8 * SECOND]


def test_words() -> None:
    fault = Fault(
        action="answer", status=429, retry_after_secs=2, probability=0.055, count=1, peers=["::1"], app_ids=["a"]
    )
    assert what_happens(fault) == "Answer 429, Retry-After 2 s"
    assert to_whom(fault, {"a": "My Game"}) == "My Game and ::1"
    assert how_often(fault) == "5.5 %, at most 1 time"


def test_one_that_is_let_go_may_take_others_with_it() -> None:
    class Held:
        def __init__(self) -> None:
            self.others: list[Held] = []

        def end(self) -> None:
            self.others.clear()

    active, others = rule(), [Held() for _ in range(5)]
    for held in others:
        held.others = others
        active.when_ended(held.end)
    del held
    active.end()
    assert not others
