"""Flags and segments of the stand-in client: a server's memory without a server."""

from typing import Any

from msgspec.structs import replace

from console import messages as m
from console.client import ConsoleRefused
from console.client.players import PlayerCalls
from console.messages import players as p
from console.players.definitions import (
    Check,
    Evaluation,
    Explanation,
    Flag,
    Override,
    Rule,
    RuleTrace,
    Segment,
    Share,
    Variant,
)
from tests.ui.noted import Noted

NOW_US = 1_771_000_000_000_000
PLAYER_ID = "550e8400-e29b-41d4-a716-446655440000"
LEVELLED = {"operator": "AND", "conditions": [{"field": "attributes.level", "operator": ">=", "value": 10}]}


def make_flag(key: str = "new_tutorial", **changes: Any) -> Flag:
    values: dict[str, Any] = {
        "key": key,
        "name": key.replace("_", " ").capitalize(),
        "default_value": False,
        "enabled": True,
        "created_at_us": NOW_US - 3_600_000_000,
        "updated_at_us": NOW_US - 60_000_000,
    }
    return Flag(**(values | changes))


def make_split_flag(key: str = "checkout_button", **changes: Any) -> Flag:
    """A multivariate flag with three variants, a rule for a segment and a split."""
    variants = [Variant(key=name, value={"colour": name}) for name in ("red", "green", "blue")]
    rules = [
        Rule(rule_id="r1", segment_id="beta-testers", variant_key="green"),
        Rule(
            rule_id="r2", rollout=50.0, split=[Share(variant_key="red", weight=3), Share(variant_key="blue", weight=1)]
        ),
    ]
    values = {"type": "multivariate", "default_value": {"colour": "red"}, "variants": variants, "rules": rules}
    return make_flag(key, **(values | changes))


def make_segment(segment_id: str = "beta-testers", **changes: Any) -> Segment:
    values: dict[str, Any] = {
        "segment_id": segment_id,
        "name": segment_id.replace("-", " ").capitalize(),
        "conditions": LEVELLED,
        "updated_at_us": NOW_US - 60_000_000,
    }
    return Segment(**(values | changes))


def make_player_row(player_id: str = PLAYER_ID, **changes: Any) -> p.PlayerRow:
    values: dict[str, Any] = {
        "player_id": player_id,
        "app_id": "72ab8f81-ef36-4a1e-9c3b-2f6d90b1c001",
        "external_id": "player_123",
        "device_id": "",
        "email": "",
        "stage": "active",
        "churn_risk": 0.12,
        "session_count": 4,
        "revenue_minor": 499,
        "first_seen_us": NOW_US - 86_400_000_000,
        "last_seen_us": NOW_US,
        "api": "player",
    }
    return p.PlayerRow(**(values | changes))


def make_explanation(flag_key: str = "new_tutorial", **changes: Any) -> Explanation:
    passed = Check(
        what="condition",
        path="$.rules[0].conditions.conditions[0]",
        passed=True,
        text="attributes.level 45 >= 10",
        field="attributes.level",
        operator=">=",
        expected=10,
        actual=45,
    )
    failed = Check(
        what="rollout", path="$.rules[0].rollout", passed=False, text="bucket 0.61 is not below 0.25", actual=0.61
    )
    values: dict[str, Any] = {
        "evaluation": Evaluation(flag_key=flag_key, value=False, variant_key="disabled", reason="default"),
        "checks": [Check(what="enabled", path="$.enabled", passed=True, text="the flag is on")],
        "rules": [
            RuleTrace(rule_id="r1", index=0, passed=False, reached=True, checks=[passed, failed]),
            RuleTrace(rule_id="r2", index=1, passed=True, reached=False, checks=[]),
        ],
    }
    return Explanation(**(values | changes))


class FakeFlags(Noted, PlayerCalls):
    """The part of the FakeClient that keeps flags, segments and overrides."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.flag_list: list[Flag] = []
        self.segment_list: list[Segment] = []
        self.override_list: list[Override] = []
        self.history_list: list[p.DefinitionChange] = []
        self.segment_preview = p.SegmentPreview(members=3, total=12, sample=[make_player_row()])
        self.flag_preview = p.FlagPreview(total=0, counts=[])
        self.explanation = make_explanation()

    async def flags(self, app_id: str) -> list[Flag]:
        self._note("flags", app_id=app_id)
        return self.flag_list

    async def save_flag(self, app_id: str, request: p.SaveFlag) -> Flag:
        self._note("save_flag", app_id=app_id, request=request)
        old = next((flag for flag in self.flag_list if flag.key == request.flag.key), None)
        _check_version(old.version if old else None, request.replaces)
        saved = replace(request.flag, version=old.version + 1 if old else 1, updated_at_us=NOW_US)
        self.flag_list = sorted(
            [flag for flag in self.flag_list if flag is not old] + [saved], key=lambda flag: flag.key
        )
        return saved

    async def delete_flag(self, app_id: str, key: str) -> None:
        self._note("delete_flag", app_id=app_id, key=key)
        self.flag_list = [flag for flag in self.flag_list if flag.key != key]

    async def preview_flag(self, app_id: str, request: p.PreviewFlag) -> p.FlagPreview:
        self._note("preview_flag", app_id=app_id, request=request)
        return self.flag_preview

    async def explain_flag(self, app_id: str, key: str, player_id: str, *, now_us: int | None = None) -> Explanation:
        self._note("explain_flag", app_id=app_id, key=key, player_id=player_id, now_us=now_us)
        return self.explanation

    async def overrides(self, app_id: str) -> list[Override]:
        self._note("overrides", app_id=app_id)
        return self.override_list

    async def set_override(self, app_id: str, key: str, player_id: str, value: Any) -> None:
        self._note("set_override", app_id=app_id, key=key, player_id=player_id, value=value)
        self.override_list = [
            *self.override_list,
            Override(flag_key=key, player_id=player_id, value=value, at_us=NOW_US),
        ]

    async def clear_override(self, app_id: str, key: str, player_id: str) -> None:
        self._note("clear_override", app_id=app_id, key=key, player_id=player_id)
        self.override_list = [one for one in self.override_list if (one.flag_key, one.player_id) != (key, player_id)]

    async def clear_overrides(self, app_id: str, *, flag_key: str = "", player_id: str = "") -> int:
        self._note("clear_overrides", app_id=app_id, flag_key=flag_key, player_id=player_id)
        before = self.override_list
        self.override_list = [
            one
            for one in before
            if (flag_key and one.flag_key != flag_key) or (player_id and one.player_id != player_id)
        ]
        return len(before) - len(self.override_list)

    async def definition_history(self, app_id: str, *, key: str = "", limit: int = 200) -> list[p.DefinitionChange]:
        self._note("definition_history", app_id=app_id, key=key, limit=limit)
        return [change for change in self.history_list if not key or change.key == key][:limit]

    async def segments(self, app_id: str) -> list[Segment]:
        self._note("segments", app_id=app_id)
        return self.segment_list

    async def save_segment(self, app_id: str, request: p.SaveSegment) -> Segment:
        self._note("save_segment", app_id=app_id, request=request)
        wanted = request.segment
        old = next((one for one in self.segment_list if one.segment_id == wanted.segment_id), None)
        _check_version(old.version if old else None, request.replaces)
        saved = replace(wanted, version=old.version + 1 if old else 1, updated_at_us=NOW_US)
        rest = [one for one in self.segment_list if one is not old]
        self.segment_list = sorted([*rest, saved], key=lambda one: one.segment_id)
        return saved

    async def delete_segment(self, app_id: str, segment_id: str) -> None:
        self._note("delete_segment", app_id=app_id, segment_id=segment_id)
        self.segment_list = [one for one in self.segment_list if one.segment_id != segment_id]

    async def preview_segment(self, app_id: str, request: p.PreviewSegment) -> p.SegmentPreview:
        self._note("preview_segment", app_id=app_id, request=request)
        return self.segment_preview


def _check_version(have: int | None, replaces: int | None) -> None:
    if have != replaces:
        code = "key_taken" if replaces is None else "changed_meanwhile"
        raise ConsoleRefused(409, m.ConsoleError(code=code, message="Somebody else changed it meanwhile."))
