"""Plays through the player API once: python example.py http://localhost:18000/v1 pk_live_…"""

import json
import sys

from player_api import PlayerApi

base_url, key = sys.argv[1:3]
with PlayerApi(base_url, key) as api:
    player = api.register(external_id="player_python", device_id="device_python", attributes={"level": 5})
    api.record_session(player["id"], session_id="session_python", duration_seconds=180)
    api.record_purchase(player["id"], "4.99", transaction_id="order_python")
    api.track(player["id"], "level_complete", {"level": 5, "score": 12500}, session_id="session_python")
    api.track(player["id"], "item_collect", {"item": "coin", "amount": 100}, session_id="session_python")
    api.flush()
    api.update(player["id"], attributes={"level": 6})
    tutorial = api.flag("new_tutorial", player["id"], default=False)
    segments = [segment["id"] for segment in api.segments(player["id"])]
    print(json.dumps({"player_id": player["id"], "new_tutorial": tutorial, "segments": segments}))
