"""A small client of the player API, for tools and game servers in Python. Needs `requests`; copy it into your project.

Events are queued, sent in batches from a thread of their own, and sent again when the server asks for patience or
cannot be reached. Each carries an id, so that one that arrived twice is recorded once.
"""

import json
import random
import threading
import time
import uuid
from collections import deque
from datetime import datetime, timezone

import requests

MAX_BATCH_EVENTS = 500
MAX_BATCH_BYTES = 512 * 1024
MAX_QUEUED_EVENTS = 10_000
FLUSH_EVERY_SECS = 1.5
MAX_BACKOFF_SECS = 30.0
MAX_ATTEMPTS = 5  # of a call whose answer somebody waits for
TIMEOUT_SECS = (3, 10)  # to connect, to answer


class ApiError(Exception):
    """The server refused. `code` is one of the documented ones; the message says what to mend."""

    def __init__(self, status, code, message):
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class PlayerApi:
    """One application's players. `base_url` ends with /v1; `on_error` hears of events that the server refused."""

    def __init__(self, base_url, key, *, on_error=print):
        self._base = base_url.rstrip("/")
        self._headers = {"X-API-Key": key}
        self._on_error = on_error
        self._session = requests.Session()  # of the caller's thread
        self._queue = deque()
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self.lost = 0  # events that found the queue full
        self._thread = threading.Thread(target=self._run, name="player api", daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, timeout_secs=5.0):
        """Send what is queued, for a limited time, then stop."""
        self._closed = True
        self._wake.set()
        self._thread.join(timeout_secs)
        self._session.close()

    # players

    def register(self, *, external_id=None, device_id=None, email=None, attributes=None):
        """Create the player, or add to the one there is; returns the player, whose `id` all other calls want."""
        given = {"external_id": external_id, "device_id": device_id, "email": email, "attributes": attributes}
        body = {name: value for name, value in given.items() if value is not None}
        return self._call("POST", "/players/players", body)

    def player(self, player_id):
        return self._call("GET", f"/players/players/{player_id}")

    def update(self, player_id, **changes):
        """Change what is named; None deletes it."""
        return self._call("PATCH", f"/players/players/{player_id}", changes)

    def record_session(self, player_id, *, session_id=None, started_at=None, duration_seconds=None):
        given = {"session_id": session_id, "started_at": started_at, "duration_seconds": duration_seconds}
        body = {name: value for name, value in given.items() if value is not None}
        return self._call("POST", f"/players/players/{player_id}/session", body)

    def record_purchase(self, player_id, amount, *, transaction_id=None):
        """`amount` as text ("4.99") or Decimal. With a `transaction_id` it counts once, however often it is sent."""
        transaction_id = transaction_id or str(uuid.uuid4())  # else an answer that got lost would count twice
        body = {"transaction_id": transaction_id}
        return self._call("POST", f"/players/players/{player_id}/purchase", body, params={"amount": str(amount)})

    # flags and segments

    def flag(self, key, player_id, default=None):
        """The player's value of a flag; `default` when the server cannot be asked or does not know the flag."""
        try:
            return self._call("POST", f"/flags/flags/{key}/evaluate", {"player_id": player_id}, attempts=1)["value"]
        except (ApiError, requests.RequestException):
            return default

    def flags(self, player_id, keys=None):
        """Every flag, or those named, with value and reason."""
        body = {"player_id": player_id}
        if keys is not None:
            body["requested_flags"] = list(keys)
        return self._call("POST", "/flags/flags/evaluate", body)["flags"]

    def segments(self, player_id):
        return self._call("GET", f"/segments/player/{player_id}")["segments"]

    # events

    def track(self, player_id, event_name, properties=None, *, session_id=None):
        """Queue an event; never waits. When the queue is full the oldest event is given up."""
        event = {
            "event_id": str(uuid.uuid4()),
            "player_id": player_id,
            "event_name": event_name,
            "properties": properties or {},
            "timestamp": datetime.now(timezone.utc).isoformat(timespec="microseconds"),
        }
        if session_id is not None:
            event["session_id"] = session_id
        with self._lock:
            if len(self._queue) >= MAX_QUEUED_EVENTS:
                self._queue.popleft()
                self.lost += 1
            self._queue.append(json.dumps(event, allow_nan=False).encode())
            if len(self._queue) >= MAX_BATCH_EVENTS:
                self._wake.set()

    def flush(self, timeout_secs=10.0):
        """Wait until the queue is empty; False when it is not in time."""
        deadline = time.monotonic() + timeout_secs
        while time.monotonic() < deadline:
            self._wake.set()
            with self._lock:
                if not self._queue:
                    break
            time.sleep(0.02)
        # The batch under way was taken off the queue: it is done when nobody sends.
        if not self._sending.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return False
        self._sending.release()
        return not self._queue

    def stream(self, *, after=None, player_id=None, event_name=None):
        """Events as they are recorded, for ever: (id, event) pairs. Needs a secret key.

        Give the last `id` as `after` to go on where you stopped.
        """
        params = {name: value for name, value in (("player_id", player_id), ("event_name", event_name)) if value}
        pause = 1.0
        while True:
            headers = dict(self._headers, Accept="text/event-stream")
            if after is not None:
                headers["Last-Event-ID"] = str(after)
            try:
                # The server sends a heartbeat every 15 s: a silence three times as long is a dead connection.
                with requests.get(
                    self._base + "/events/events/stream", headers=headers, params=params, stream=True, timeout=(3, 45)
                ) as response:
                    if response.status_code not in (429, 503):
                        _data_of(response) if response.status_code >= 400 else None
                        for after, event in _server_sent_events(response, after):
                            pause = 1.0
                            yield after, event
            except requests.RequestException:
                pass
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, MAX_BACKOFF_SECS)

    # -----------------------------------------------------------------------------------------------------------------

    def _call(self, method, path, body=None, *, params=None, attempts=MAX_ATTEMPTS):
        pause = 0.5
        for attempt in range(1, attempts + 1):
            try:
                response = self._session.request(
                    method, self._base + path, headers=self._headers, json=body, params=params, timeout=TIMEOUT_SECS
                )
            except requests.RequestException:
                if attempt == attempts:
                    raise
                wait = pause
            else:
                if response.status_code not in (429, 503) or attempt == attempts:
                    return _data_of(response)
                wait = _retry_after(response, pause)
            time.sleep(wait * random.uniform(1.0, 1.3))
            pause = min(2 * pause, MAX_BACKOFF_SECS)

    def _run(self):
        pause = 0.5
        with requests.Session() as session:
            while True:
                self._wake.wait(FLUSH_EVERY_SECS)
                self._wake.clear()
                while self._queue:
                    with self._sending:
                        wait = self._send_batch(session, pause)
                    if wait:
                        pause = min(2 * pause, MAX_BACKOFF_SECS)
                        time.sleep(wait * random.uniform(1.0, 1.3))
                    else:
                        pause = 0.5
                if self._closed:
                    return

    def _send_batch(self, session, pause):
        """Send the oldest events; returns how long to wait before the next attempt, 0 when they are done with."""
        with self._lock:
            batch, size = [], 0
            while self._queue and len(batch) < MAX_BATCH_EVENTS and (not batch or size < MAX_BATCH_BYTES):
                batch.append(self._queue.popleft())
                size += len(batch[-1]) + 1
        body = b'{"events":[' + b",".join(batch) + b"]}"
        headers = dict(self._headers, **{"Content-Type": "application/json"})
        try:
            response = session.post(
                self._base + "/events/events/batch", data=body, headers=headers, timeout=TIMEOUT_SECS
            )
        except requests.RequestException:
            return self._put_back(batch, pause)
        if response.status_code in (429, 503):
            return self._put_back(batch, _retry_after(response, pause))
        try:
            for result in _data_of(response).get("results", ()):
                if "error" in result:
                    self._on_error(f"event {batch[result['index']].decode()} was refused: {result['error']}")
        except ApiError as error:
            self._on_error(f"{len(batch)} events were refused: {error}")
        return 0

    def _put_back(self, batch, wait):
        with self._lock:
            self._queue.extendleft(reversed(batch))
            while len(self._queue) > MAX_QUEUED_EVENTS:
                self._queue.popleft()
                self.lost += 1
        return wait


def _data_of(response):
    """What is inside the envelope. Raises ApiError."""
    try:
        answer = response.json()
    except requests.exceptions.JSONDecodeError:
        raise ApiError(response.status_code, "INTERNAL_ERROR", "the answer is not JSON") from None
    if response.status_code < 400 and answer.get("success"):
        return answer["data"]
    error = answer.get("error") or {}
    raise ApiError(response.status_code, error.get("code", ""), error.get("message", ""))


def _retry_after(response, otherwise):
    try:
        return float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return otherwise


def _server_sent_events(response, last_id):
    """(id, data) of each event of the stream (HTML standard, 9.2.6)."""
    kind, data = "message", []
    for line in response.iter_lines(decode_unicode=False):
        field, _, value = line.decode("utf-8").partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            last_id = value
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)
        elif not line:
            if kind == "event" and data:
                yield last_id, json.loads("\n".join(data))
            kind, data = "message", []
