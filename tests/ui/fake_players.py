"""Players of a stand-in server: answers the calls about players from its public fields."""

from typing import Any

import msgspec

from console.client.players import PlayerCalls
from console.messages import players as p
from console.players.definitions import ChurnRisk, Evaluation, Factor, Lifecycle, Override
from console.players.profiles import DAY_US, PlayedSession, Profile, Purchase
from tests.ui.noted import Noted

APP_ID = "72ab8f81-ef36-4a1e-9c3b-2f6d90b1c001"
NOW_US = 1_771_000_000_000_000
HOUR_US = 3_600_000_000


def player_id(number: int = 1) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def make_player_row(number: int = 1, **changes: Any) -> p.PlayerRow:
    stages = ("active", "new", "at_risk", "dormant", "churned", "resurrected")
    values: dict[str, Any] = {
        "player_id": player_id(number),
        "app_id": APP_ID,
        "external_id": f"player_{number:05}",
        "device_id": "",
        "email": "",
        "stage": stages[number % 6],
        "churn_risk": (number * 37 % 100) / 100,
        "session_count": number % 40,
        "revenue_minor": 499 * (number % 5),
        "first_seen_us": NOW_US - (number % 90 + 1) * DAY_US,
        "last_seen_us": NOW_US - number * HOUR_US,
        "api": ("both", "telemetry", "player")[number % 3],
    }
    return p.PlayerRow(**(values | changes))


def make_profile(number: int = 1, **changes: Any) -> Profile:
    values: dict[str, Any] = {
        "player_id": player_id(number),
        "app_id": APP_ID,
        "external_id": f"player_{number:05}",
        "device_id": "device_abc",
        "email": "kim@example.com",
        "attributes": {"level": 45, "country": "US", "is_vip": True, "gear": {"sword": "iron", "runes": [1, 2]}},
        "session_count": 12,
        "revenue_minor": 4999,
        "purchases": 2,
        "last_purchase_us": NOW_US - 3 * DAY_US,
        "first_seen_us": NOW_US - 40 * DAY_US,
        "last_seen_us": NOW_US - 3 * DAY_US,
        "days": tuple(range(20_450, 20_457)),
    }
    return Profile(**(values | changes))


def make_detail(number: int = 1, profile: Profile | None = None, **changes: Any) -> p.PlayerDetail:
    profile = profile or make_profile(number)
    values: dict[str, Any] = {
        "profile": profile,
        "lifecycle": Lifecycle(
            player_id=profile.player_id,
            stage="at_risk",
            days_since_last_activity=3.2,
            typical_gap_days=1.0,
            churn_window_days=14,
            thresholds={"at_risk": 2.5, "dormant": 7.0, "churned": 14.0},
            next_transition_at="2026-02-17T04:00:00Z",
            reason="Away for 3.2 days, more than 2.5 times the usual 1 day.",
        ),
        "churn_risk": ChurnRisk(
            player_id=profile.player_id,
            risk_score=0.41,
            risk_level="medium",
            factors=[
                Factor(factor="inactivity", description="Away for 3.2 days; usually back in 1.", contribution=0.3),
                Factor(factor="session_decline", description="2 sessions in 14 days, usually 6.", contribution=0.11),
                Factor(factor="playtime_decline", description="As much as before.", contribution=0.0),
            ],
            prediction_date="2026-02-13T16:26:40Z",
            confidence=0.58,
        ),
        "sessions": [
            PlayedSession(
                session_id=f"session_{n:03}",
                started_us=NOW_US - (n + 3) * DAY_US,
                ended_us=NOW_US - (n + 3) * DAY_US + (n + 1) * 190_000_000,
            )
            for n in range(12)
        ],
        "purchases": [
            Purchase(at_us=NOW_US - 3 * DAY_US, amount_minor=499, transaction_id="t-1"),
            Purchase(at_us=NOW_US - 9 * DAY_US, amount_minor=4500),
        ],
        "segments": [p.SegmentName(segment_id="payers", name="Payers"), p.SegmentName(segment_id="vip", name="VIP")],
        "flags": [
            Evaluation(
                flag_key="new_tutorial",
                value=True,
                variant_key="enabled",
                reason="segment_match",
                segment_id="payers",
            ),
            Evaluation(flag_key="shop_layout", value={"columns": 3}, variant_key="wide", reason="split"),
            Evaluation(flag_key="xp_factor", value=1.5, variant_key=None, reason="override"),
        ],
        "overrides": [Override(flag_key="xp_factor", player_id=profile.player_id, value=1.5, at_us=NOW_US)],
    }
    return p.PlayerDetail(**(values | changes))


class FakePlayers(Noted, PlayerCalls):
    """A part of the FakeClient: `player_rows` are listed, `player_details` opened.

    Nothing is computed from the instant that is asked for; tests look at the calls.
    """

    calls: list[tuple[str, dict[str, Any]]]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.player_rows: list[p.PlayerRow] = []
        self.player_details: dict[str, p.PlayerDetail] = {}

    async def players(
        self,
        app_id: str,
        *,
        search: str = "",
        sort: p.PlayerSort = "last_seen",
        descending: bool = True,
        limit: int = 200,
        offset: int = 0,
        now_us: int | None = None,
    ) -> p.PlayerPage:
        self._note(
            "players",
            app_id=app_id,
            search=search,
            sort=sort,
            descending=descending,
            limit=limit,
            offset=offset,
            now_us=now_us,
        )
        found = [row for row in self.player_rows if row.app_id == app_id and search in row.external_id]
        return p.PlayerPage(total=len(found), rows=found[offset : offset + limit])

    async def player(self, player_id: str, *, now_us: int | None = None) -> p.PlayerDetail:
        self._note("player", player_id=player_id, now_us=now_us)
        return self.player_details[player_id]

    async def change_player(self, player_id: str, changes: p.PlayerChanges) -> p.PlayerDetail:
        self._note("change_player", player_id=player_id, changes=changes)
        detail = self.player_details[player_id]
        given = {
            name: value
            for name in ("external_id", "device_id", "email")
            if (value := getattr(changes, name)) is not msgspec.UNSET
        }
        if isinstance(changes.attributes, dict):
            merged = detail.profile.attributes | changes.attributes
            given["attributes"] = {key: value for key, value in merged.items() if value is not None}
        detail = msgspec.structs.replace(detail, profile=msgspec.structs.replace(detail.profile, **given))
        self.player_details[player_id] = detail
        return detail
