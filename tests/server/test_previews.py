"""Questions to all players: what a segment or a flag would do to them, and in whose turn which is answered."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from console.messages.players import FlagCount, FlagPreview, PlayerPage, PlayerRow, SegmentPreview
from console.players.definitions import ChurnWindow, Flag, Override, Rule, Segment, Share, Variant
from console.players.profiles import DAY_US, Profile
from console.server.player_question_turns import PlayerQuestionTurns
from console.server.player_questions import IsWanted, NotWanted, PageQuestion, PlayerQuestions, PlayersQuestion
from console.server.previews import SAMPLE_PLAYERS, FlagQuestion, SegmentQuestion
from console.storage.player_roster import always

NOW_US = 1_771_000_000_000_000
APP_ID = "72ab8f81-ef36-4a1e-9c3b-2f6d90b1c001"


def profiles(count: int) -> list[Profile]:
    """Players of level 0, 1, 2 …; each was seen a second after the one before."""
    return [
        Profile(
            player_id=f"{number:08d}-0000-4000-8000-000000000000",
            app_id=APP_ID,
            external_id=f"player-{number}",
            attributes={"level": number},
            session_count=1,
            first_seen_us=NOW_US - 3 * DAY_US,
            last_seen_us=NOW_US - DAY_US + number * 1_000_000,
        )
        for number in range(count)
    ]


class Known:
    """Stands in for the profile reader."""

    def __init__(self, known: Iterable[Profile]) -> None:
        self._known = known

    def all(self, app_id: str, is_wanted: IsWanted) -> Iterator[Profile]:
        for profile in self._known if app_id == APP_ID else []:
            if not is_wanted():
                raise NotWanted
            yield profile

    def row_of(self, profile: Profile, now_us: int, window: ChurnWindow) -> PlayerRow:
        return PlayerRow(
            profile.player_id, profile.app_id, profile.external_id or "", "", "", "active", 0.0, 1, 0,
            profile.first_seen_us, profile.last_seen_us, "player",
        )  # fmt: skip

    def page(self, app_id: str, *, now_us: int, window: ChurnWindow, is_wanted: IsWanted, **asked: Any) -> PlayerPage:
        rows = [self.row_of(profile, now_us, window) for profile in self.all(app_id, is_wanted)]
        return PlayerPage(total=len(rows), rows=rows[asked["offset"] : asked["offset"] + asked["limit"]])


def page_question(app_id: str = APP_ID) -> PageQuestion:
    return PageQuestion(
        app_id=app_id, search="", sort="stage", descending=False, limit=2, offset=1, now_us=NOW_US, window="casual"
    )


def members(known: Iterable[Profile], field: str, operator: str, value: Any) -> SegmentPreview:
    conditions = {"operator": "AND", "conditions": [{"field": field, "operator": operator, "value": value}]}
    question = SegmentQuestion(app_id=APP_ID, conditions=conditions, now_us=NOW_US, window="mid_core")
    counted = PlayerQuestions(Known(known)).answer(question, always)
    assert isinstance(counted, SegmentPreview)
    return counted


def answers(known: Iterable[Profile], flag: Flag, **others: Any) -> FlagPreview:
    beside = {"flags": [], "segments": [], "overrides": []} | others
    question = FlagQuestion(app_id=APP_ID, flag=flag, now_us=NOW_US, window="mid_core", **beside)
    counted = PlayerQuestions(Known(known)).answer(question, always)
    assert isinstance(counted, FlagPreview)
    return counted


def test_members_are_counted_and_the_latest_are_shown() -> None:
    counted = members(profiles(100), "attributes.level", ">=", 50)
    assert (counted.members, counted.total) == (50, 100)
    assert [row.external_id for row in counted.sample] == [f"player-{99 - i}" for i in range(SAMPLE_PLAYERS)]


def test_players_who_were_seen_at_one_instant_are_no_trouble() -> None:
    known = [profile for profile in profiles(1) for _ in range(50)]
    counted = members(known, "session_count", "==", 1)
    assert (counted.members, len(counted.sample)) == (50, SAMPLE_PLAYERS)


def test_without_players_there_is_nobody() -> None:
    assert members([], "session_count", ">", 0) == SegmentPreview(members=0, total=0, sample=[])
    assert answers([], Flag(key="new_tutorial", default_value=False)) == FlagPreview(total=0, counts=[])


def test_the_instant_is_the_one_asked_about() -> None:
    known = profiles(10)
    assert members(known, "days_since_last_seen", "<", 2).members == 10
    question = SegmentQuestion(
        app_id=APP_ID,
        conditions={
            "operator": "AND",
            "conditions": [{"field": "lifecycle_stage", "operator": "==", "value": "churned"}],
        },
        now_us=NOW_US + 40 * DAY_US,
        window="mid_core",
    )
    counted = PlayerQuestions(Known(known)).answer(question, always)
    assert isinstance(counted, SegmentPreview)
    assert counted.members == 10


def test_answers_of_a_flag_are_counted_the_most_frequent_first() -> None:
    variants = [Variant(key="a", value=1), Variant(key="b", value=2)]
    split = [Share(variant_key="a", weight=3), Share(variant_key="b", weight=1)]
    flag = Flag(
        key="shop",
        type="multivariate",
        enabled=True,
        default_value=1,
        variants=variants,
        rules=[
            Rule(rule_id="veterans", segment_id="veterans", variant_key="b"),
            Rule(rule_id="rest", split=split),
        ],
    )
    segment = Segment(
        segment_id="veterans",
        name="Veterans",
        conditions={"operator": "AND", "conditions": [{"field": "attributes.level", "operator": ">=", "value": 1900}]},
    )
    known = profiles(2000)
    counted = answers(known, flag, segments=[segment])
    assert counted.total == 2000 == sum(count.players for count in counted.counts)
    assert [(count.variant_key, count.reason) for count in counted.counts] == [
        ("a", "split"),
        ("b", "split"),
        ("b", "segment_match"),
    ]
    assert counted.counts[0].players == pytest.approx(1900 * 0.75, rel=0.1)
    assert counted.counts[2].players == 100
    assert answers(known, flag, segments=[segment]) == counted


def test_the_flag_asked_about_stands_in_for_the_one_that_is_saved() -> None:
    known = profiles(4)
    saved = Flag(key="shop", enabled=True, default_value=False)
    override = Override(flag_key="shop", player_id=known[0].player_id, value=False)
    counted = answers(known, Flag(key="shop", enabled=True, default_value=True), flags=[saved], overrides=[override])
    assert counted.counts == [
        FlagCount(value=True, variant_key="enabled", reason="default", players=3),
        FlagCount(value=False, variant_key="disabled", reason="override", players=1),
    ]


def test_values_that_only_look_alike_are_told_apart() -> None:
    known = profiles(3)
    overrides = [
        Override(flag_key="shop", player_id=profile.player_id, value=value)
        for profile, value in zip(known, [1, True, {"a": 1}], strict=True)
    ]
    counted = answers(known, Flag(key="shop", type="json", default_value=None), overrides=overrides)
    assert sorted(str(count.value) for count in counted.counts) == ["1", "True", "{'a': 1}"]


def test_twenty_thousand_players_take_a_moment() -> None:
    known = profiles(20_000)
    began = time.thread_time()
    members(known, "attributes.level", ">=", 50)
    answers(known, Flag(key="shop", enabled=True, default_value=False, rules=[Rule(rule_id="half", rollout=50)]))
    assert time.thread_time() - began < 5.0


def test_a_page_is_the_readers() -> None:
    page = PlayerQuestions(Known(profiles(5))).answer(page_question(), always)
    assert isinstance(page, PlayerPage)
    assert (page.total, [row.external_id for row in page.rows]) == (5, ["player-1", "player-2"])


@pytest.mark.parametrize("stops", ["closed", "given up"])
def test_what_is_under_way_is_broken_off(stops: str) -> None:
    seen = 0

    def endless() -> Iterator[Profile]:
        nonlocal seen
        (profile,) = profiles(1)
        while True:
            seen += 1
            if stops == "closed" and seen == 100:
                questions.close()
            yield profile

    questions = PlayerQuestions(Known(endless()))
    conditions = {"operator": "AND", "conditions": [{"field": "session_count", "operator": ">", "value": 5}]}
    question = SegmentQuestion(app_id=APP_ID, conditions=conditions, now_us=NOW_US, window="mid_core")
    with pytest.raises(NotWanted):
        questions.answer(question, lambda: stops == "closed" or seen < 100)
    assert seen == 100


# turns


def segment_question(name: str) -> SegmentQuestion:
    return SegmentQuestion(app_id=name, conditions={}, now_us=0, window="casual")


async def test_only_those_who_still_wait_are_answered() -> None:
    answered: list[str] = []
    gone = {"second"}

    def answer(question: PlayersQuestion, is_wanted: IsWanted) -> SegmentPreview:
        time.sleep(0.01)
        answered.append(question.app_id)
        return SegmentPreview(members=0, total=0, sample=[])

    turns = PlayerQuestionTurns(answer)

    async def ask(name: str) -> object:
        return await turns.ask(segment_question(name), is_waited_for=lambda: name not in gone)

    first, second, third = await asyncio.gather(*map(ask, ("first", "second", "third")), return_exceptions=True)
    assert answered == ["first", "third"]
    assert isinstance(first, SegmentPreview)
    assert isinstance(second, ConnectionError)
    assert first == third


def until_given_up(question: PlayersQuestion, is_wanted: IsWanted) -> SegmentPreview:
    """Takes for ever, but for one."""
    while question.app_id != "short":
        if not is_wanted():
            raise NotWanted
        time.sleep(0.005)
    return SegmentPreview(members=0, total=0, sample=[])


async def test_who_stops_waiting_in_the_middle_holds_up_nobody() -> None:
    turns = PlayerQuestionTurns(until_given_up)
    waits = True
    long = asyncio.create_task(turns.ask(segment_question("long"), is_waited_for=lambda: waits))
    short = asyncio.create_task(turns.ask(segment_question("short"), is_waited_for=lambda: True))
    await asyncio.sleep(0.05)
    assert not short.done()
    page = turns.ask(page_question("short"), is_waited_for=lambda: True)
    assert isinstance(await asyncio.wait_for(page, 30), SegmentPreview), "pages do not wait for counts"
    waits = False
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(long, 30)
    assert isinstance(await asyncio.wait_for(short, 30), SegmentPreview)


async def test_a_cancelled_question_ends_its_work() -> None:
    turns = PlayerQuestionTurns(until_given_up)
    long = asyncio.create_task(turns.ask(segment_question("long"), is_waited_for=lambda: True))
    await asyncio.sleep(0.02)
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(long, 30)


def test_who_may_ask_is_told_of() -> None:
    told: list[str] = []
    PlayerQuestionTurns(until_given_up, told.append).expect(APP_ID)
    PlayerQuestionTurns(until_given_up).expect(APP_ID)
    assert told == [APP_ID]


async def test_a_server_that_stops_says_so() -> None:
    def closed(question: PlayersQuestion, is_wanted: IsWanted) -> SegmentPreview:
        raise NotWanted

    with pytest.raises(NotWanted):
        await PlayerQuestionTurns(closed).ask(segment_question("any"), is_waited_for=lambda: True)
