"""The flags and segments of demos: something to flip while simulated players play."""

from typing import Any

from console.client import ConsoleClient
from console.messages import Application
from console.messages.players import SaveFlag, SaveSegment
from console.players.definitions import Flag, Prerequisite, Rule, Segment, Share, Variant


def _all_of(*conditions: tuple[str, str, Any]) -> dict[str, Any]:
    leaves = [{"field": field, "operator": operator, "value": value} for field, operator, value in conditions]
    return {"operator": "AND", "conditions": leaves}


SEGMENTS = (
    Segment(
        segment_id="slipping-away",
        name="Slipping away",
        description="Played regularly, and has been missing for longer than usual.",
        conditions=_all_of(("lifecycle_stage", "in", ["at_risk", "dormant"])),
    ),
    Segment(
        segment_id="payers",
        name="Payers",
        description="Bought something.",
        conditions=_all_of(("is_payer", "==", True)),
    ),
    Segment(
        segment_id="newcomers",
        name="Newcomers",
        description="Known for less than a week.",
        conditions=_all_of(("first_seen_at", "within_last", "7d")),
    ),
    Segment(
        segment_id="gamepad-europe",
        name="Gamepad, Europe",
        description="Plays with a gamepad in one of four European countries.",
        conditions=_all_of(
            ("attributes.input_method", "==", "Gamepad"),
            ("attributes.country", "in", ["DE", "FR", "PL", "SE"]),
        ),
    ),
)

FLAGS = (
    Flag(
        key="double_coins",
        name="Double coins",
        description="Every coin counts twice. Flip it: simulated players obey within seconds.",
        enabled=False,
        default_value=False,
        rules=[Rule(rule_id="everyone", value=True)],
    ),
    Flag(
        key="new_tutorial",
        name="New tutorial",
        description="The shorter tutorial, for newcomers and a quarter of all others.",
        enabled=True,
        default_value=False,
        rules=[
            Rule(rule_id="newcomers", segment_id="newcomers", value=True),
            Rule(rule_id="quarter", rollout=25.0, value=True),
        ],
    ),
    Flag(
        key="welcome_back",
        name="Welcome back offer",
        description="What to offer players who are slipping away; payers get the better half of it.",
        type="multivariate",
        enabled=True,
        default_value="nothing",
        variants=[
            Variant(key="none", value="nothing"),
            Variant(key="chest", value="golden chest"),
            Variant(key="boost", value="experience boost"),
        ],
        rules=[
            Rule(rule_id="payers", segment_id="payers", variant_key="chest"),
            Rule(
                rule_id="slipping",
                segment_id="slipping-away",
                split=[Share(variant_key="chest", weight=1), Share(variant_key="boost", weight=3)],
            ),
        ],
    ),
    Flag(
        key="tutorial_hints",
        name="Hints in the tutorial",
        description="How many seconds until a hint appears; only where the new tutorial is on.",
        type="number",
        enabled=True,
        default_value=0,
        prerequisites=[Prerequisite(flag_key="new_tutorial", value=True)],
        rules=[Rule(rule_id="gamepad", segment_id="gamepad-europe", value=12), Rule(rule_id="others", value=8)],
    ),
)


async def make_demo_definitions(client: ConsoleClient, application: Application) -> None:
    """Give the application flags and segments, unless it has some. Raises as the client does."""
    app_id = application.app_id
    if await client.flags(app_id) or await client.segments(app_id):
        return
    for segment in SEGMENTS:
        await client.save_segment(app_id, SaveSegment(segment=segment))
    for flag in FLAGS:
        await client.save_flag(app_id, SaveFlag(flag=flag))
