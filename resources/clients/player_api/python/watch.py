"""Prints events as they are recorded, one JSON object a line: python watch.py http://localhost:18000/v1 sk_live_…"""

import json
import sys

from player_api import PlayerApi

base_url, secret_key = sys.argv[1:3]
with PlayerApi(base_url, secret_key) as api:
    for stream_id, event in api.stream():
        print(json.dumps({"stream_id": stream_id, **event}), flush=True)
