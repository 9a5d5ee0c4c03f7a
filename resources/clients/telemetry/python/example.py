"""Plays a short session: python example.py [URL TOKEN APP_ID [EVENTS [WRONG]]]

WRONG of the EVENTS are not what the server wants, to show what becomes of them: the others are stored.
"""

import json
import sys

from telemetry import Telemetry, now

URL = "http://localhost:4000"
TOKEN = "pk_live_YOUR_KEY"
APP_ID = "YOUR_APP_ID"

given = sys.argv[1:]
url, token, app_id = given[:3] if len(given) >= 3 else (URL, TOKEN, APP_ID)
events = int(given[3]) if len(given) > 3 else 10
wrong = int(given[4]) if len(given) > 4 else 0


def complain(message):
    print(message, file=sys.stderr)


telemetry = Telemetry(url, token, app_id, build_id="1.0.0", player_id="player_python", on_error=complain)
started_at = now()
telemetry.create_player(region="EU", hardware={"gpu": "Example 3000", "memory_gb": 16})
telemetry.funnel_step("tutorial_started", level_id="Level 1")
for i in range(events):
    telemetry.event(
        "Player_Jump",
        level_id="Level 1",
        position=(i, 0.5) if i < wrong else (i, 0.5, -1.25),
        custom_data={"height_m": 1.5, "streak": i, "perfect": True, "comment": "é"},
        input_method="gamepad",
    )
telemetry.trajectory(
    [(0, 0, 0), (1, 0, 0.5), (2, 0.25, 1)], started_at, now(), fps={"mean": 60, "low_5": 55, "low_1": 48.5}
)
telemetry.flush()
telemetry.close()
print(json.dumps({"sent": telemetry.sent, "refused": telemetry.refused, "lost": telemetry.lost}))
