"""A small client of the telemetry API, for tools, bots and games in Python 3.9 and newer.

Needs `requests` and `msgpack`; copy it into your project. Events are queued, sent in batches from a thread of their
own, and sent again when the server asks for patience or cannot be reached. The server stores a batch as a whole or
not at all: one that it refuses is cut in halves until the wrong event is alone, and only that is given up.
"""

import random
import struct
import threading
import time
import uuid
from collections import deque
from datetime import datetime, timezone

import msgpack
import requests

MAX_BATCH_EVENTS = 500
MAX_BATCH_BYTES = 512 * 1024
MAX_QUEUED_EVENTS = 10_000
MAX_QUEUED_BYTES = 32 * 1024 * 1024
FLUSH_EVERY_SECS = 1.5
FIRST_PAUSE_SECS = 0.5
MAX_PAUSE_SECS = 30.0
TIMEOUT_SECS = (3, 10)  # to connect, to answer
PATIENCE = (429, 502, 503, 504)  # answers after which the same batch is sent again
REFUSED = (400, 413)  # answers after which a batch is cut in halves


class Telemetry:
    """One player's session. `on_error` hears, in words, of every event that the server refused.

    `sent`, `refused` and `lost` count events: stored by the server, refused by it, and given up by a full queue.
    """

    def __init__(self, url, token, app_id, *, build_id, player_id, session_id=None, on_error=print):
        self._url = url.rstrip("/") + "/api/events"
        self._headers = {"x-public-token": token, "Content-Type": "application/msgpack"}
        self._player = {"app_id": app_id, "build_id": build_id, "player_id": player_id}
        self.session_id = session_id or str(uuid.uuid4())
        self._on_error = on_error
        self._queue = deque()  # events as MessagePack
        self._queued_bytes = 0
        self._batches = []  # under way: to be sent again, or halves of a refused one; the last comes first
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._abandon = threading.Event()
        self.sent = self.refused = self.lost = 0
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, timeout_secs=5.0):
        """Send what is queued, for a limited time, then stop. What is left then counts as lost."""
        self._closing.set()
        self._wake.set()
        self._thread.join(timeout_secs)
        self._abandon.set()
        self._thread.join(0.1)
        with self._lock:
            self.lost += len(self._queue) + sum(map(len, self._batches))
            self._queue.clear()
            self._batches.clear()

    # what happens; none of these waits

    def create_player(self, *, region=None, hardware=None):
        """Say once who plays. `hardware` is a dict of your choice."""
        self._add(event_name="Create_Player", timestamp=now(), region=region, hardware=hardware)

    def event(self, name, *, level_id=None, position=None, custom_data=None, input_method=None):
        """Something happened. `position` is (x, y, z) in the game's own coordinates."""
        position = None if position is None else list(position)
        self._add(
            event_name=name,
            session_id=self.session_id,
            timestamp=now(),
            level_id=level_id,
            position=position,
            custom_data=custom_data,
            input_method=input_method,
        )

    def funnel_step(self, name, *, level_id=None):
        """The player reached a step of a funnel, such as the tutorial's end."""
        self._add(funnel_step_name=name, session_id=self.session_id, timestamp=now(), level_id=level_id)

    def trajectory(self, positions, started_at, ended_at, *, fps=None, status=None, input_method=None, level_id=None):
        """Where the player was: (x, y, z) after (x, y, z), evenly spread from `started_at` to `ended_at` (`now()`).

        `fps` is a dict of `mean`, `low_5` and `low_1`. One trajectory every few seconds is a good measure.
        """
        self._add(
            session_id=self.session_id,
            positions=[float(number) for position in positions for number in position],
            timestamp_start=started_at,
            timestamp_end=ended_at,
            fps=fps,
            status=status,
            input_method=input_method,
            level_id=level_id,
        )

    def flush(self, timeout_secs=10.0):
        """Wait until everything is sent; False when it is not in time."""
        deadline = time.monotonic() + timeout_secs
        while time.monotonic() < deadline:
            with self._lock:
                if not self._queue and not self._batches:
                    return True
            self._wake.set()
            time.sleep(0.02)
        return False

    # -----------------------------------------------------------------------------------------------------------------

    def _add(self, **fields):
        event = dict(self._player, **{name: value for name, value in fields.items() if value is not None})
        packed = msgpack.packb(event)
        with self._lock:
            self._queue.append(packed)
            self._queued_bytes += len(packed)
            while len(self._queue) > MAX_QUEUED_EVENTS or self._queued_bytes > MAX_QUEUED_BYTES:
                self._queued_bytes -= len(self._queue.popleft())
                self.lost += 1
            if len(self._queue) >= MAX_BATCH_EVENTS or self._queued_bytes >= MAX_BATCH_BYTES:
                self._wake.set()

    def _run(self):
        pause = FIRST_PAUSE_SECS
        with requests.Session() as http:
            while True:
                self._wake.wait(FLUSH_EVERY_SECS)
                self._wake.clear()
                closing = self._closing.is_set()
                while self._take():
                    wait = self._send(http, pause)
                    if wait is None:
                        pause = FIRST_PAUSE_SECS
                    else:
                        pause = min(2 * pause, MAX_PAUSE_SECS)
                        # The random part keeps a thousand clients from coming back in the same moment.
                        if self._abandon.wait(wait * random.uniform(1.0, 1.3)):
                            return
                if closing:
                    return

    def _take(self):
        """Move the oldest events into a batch, unless one is under way; False when there is nothing to send."""
        with self._lock:
            if not self._batches and self._queue:
                batch, size = [], 5
                while self._queue and len(batch) < MAX_BATCH_EVENTS:
                    size += len(self._queue[0])
                    if batch and size > MAX_BATCH_BYTES:
                        break
                    batch.append(self._queue.popleft())
                    self._queued_bytes -= len(batch[-1])
                self._batches.append(batch)
            return bool(self._batches)

    def _send(self, http, pause):
        """Send one batch. Returns how long to wait before it may be sent again, None when it is done with."""
        with self._lock:
            batch = self._batches[-1]
        body = b"\xdd" + struct.pack(">I", len(batch)) + b"".join(batch)  # an array of events (array 32)
        try:
            response = http.post(self._url, data=body, headers=self._headers, timeout=TIMEOUT_SECS)
        except requests.RequestException:
            return pause
        if response.status_code in PATIENCE:
            return _retry_after(response, pause)
        with self._lock:
            if not self._batches:  # given up by close()
                return None
            self._batches.pop()
            if response.status_code in REFUSED and len(batch) > 1:
                middle = len(batch) // 2
                self._batches += [batch[middle:], batch[:middle]]
                return None
            if response.ok:
                self.sent += len(batch)
                return None
            self.refused += len(batch)
        what = msgpack.unpackb(batch[0]) if len(batch) == 1 else f"{len(batch)} events"
        self._on_error(f"refused with {response.status_code}: {what}: {response.text}")
        return None


def now():
    """The time as the server wants it: ISO 8601, UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def _retry_after(response, otherwise):
    try:
        secs = float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return otherwise
    return min(secs, 300.0) if secs >= 0 else otherwise
