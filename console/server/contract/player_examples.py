"""Examples of the player API's bodies: what the page shows, and what tools start from."""

from typing import Final

from console.server.contract.operations import EXAMPLE_ID
from console.server.contract.parts import Json

_SEEN: Final = "2025-01-25T14:30:00Z"

PLAYER: Final[Json] = {
    "id": EXAMPLE_ID,
    "external_id": "player_123",
    "device_id": "device_abc",
    "email": "anna@example.com",
    "lifecycle_stage": "active",
    "session_count": 12,
    "total_revenue": 49.99,
    "is_payer": True,
    "first_seen_at": "2025-01-01T00:00:00Z",
    "last_seen_at": _SEEN,
    "attributes": {"level": 45, "country": "US", "is_vip": True},
}

LIFECYCLE: Final[Json] = {
    "player_id": EXAMPLE_ID,
    "stage": "active",
    "days_since_last_activity": 0.5,
    "typical_gap_days": 1.0,
    "churn_window_days": 14,
    "thresholds": {"at_risk": 2.5, "dormant": 7.0, "churned": 14.0},
    "next_transition_at": "2025-01-28T02:30:00Z",
    "reason": "Last seen 12 hours ago; usually back after 1 day, so at risk begins after 2.5 days.",
}

CHURN_RISK: Final[Json] = {
    "player_id": EXAMPLE_ID,
    "risk_score": 0.26,
    "risk_level": "low",
    "factors": [
        {"factor": "inactivity", "description": "Last seen 12 hours ago.", "contribution": 0.14},
        {"factor": "no_purchase_30d", "description": "No purchase for 30 days.", "contribution": 0.12},
    ],
    "prediction_date": "2025-01-26T02:30:00Z",
    "confidence": 0.71,
}

TRACKED_EVENT: Final[Json] = {
    "player_id": EXAMPLE_ID,
    "event_name": "level_complete",
    "session_id": "session_abc123",
    "properties": {"level": 5, "score": 12500, "time_seconds": 180, "stars_earned": 3},
}

_EVENT_ID: Final = "0b5f7a52-9c41-4a0e-8d6e-1f2a3b4c5d6e"

RECORDED_EVENT: Final[Json] = {
    "event_id": _EVENT_ID,
    "player_id": EXAMPLE_ID,
    "event_name": "level_complete",
    "timestamp": _SEEN,
    "received_at": _SEEN,
}

BATCH_ANSWER: Final[Json] = {
    "accepted": 1,
    "rejected": 1,
    "results": [
        {"index": 0, "event_id": _EVENT_ID},
        {
            "index": 1,
            "error": {
                "code": "VALIDATION_ERROR",
                "message": "$.events[1].event_name: is missing: an event has a name",
            },
        },
    ],
}

STREAM: Final = (
    "retry: 3000\n\n"
    "id: 42\n"
    "event: event\n"
    f'data: {{"event_id":"{_EVENT_ID}","player_id":"{EXAMPLE_ID}","event_name":"level_complete",'
    f'"session_id":"session_abc123","properties":{{"level":5}},"timestamp":"{_SEEN}","received_at":"{_SEEN}",'
    '"api":"player"}\n\n'
    ": hb\n\n"
)

EVALUATION: Final[Json] = {
    "flag_key": "new_tutorial",
    "value": True,
    "variant_key": "enabled",
    "reason": "segment_match",
    "segment_id": "beta-testers",
}

NEW_FLAG: Final[Json] = {
    "key": "new_tutorial",
    "type": "boolean",
    "enabled": True,
    "default_value": False,
    "rules": [{"rule_id": "quarter", "rollout": 25, "value": True}],
}

FLAG: Final[Json] = {
    **NEW_FLAG,
    "name": "",
    "description": "",
    "variants": [],
    "prerequisites": [],
    "version": 1,
    "created_at": _SEEN,
    "updated_at": _SEEN,
}

NEW_SEGMENT: Final[Json] = {
    "id": "beta-testers",
    "name": "Beta testers",
    "conditions": {
        "operator": "AND",
        "conditions": [{"field": "attributes.level", "operator": ">=", "value": 10}],
    },
}

SEGMENT: Final[Json] = {**NEW_SEGMENT, "description": "", "version": 1, "created_at": _SEEN, "updated_at": _SEEN}
