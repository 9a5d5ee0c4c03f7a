"""What is known of one SDK: counted as its requests pass, in constant memory and time a request."""

from collections import Counter, deque
from typing import Final

from console.server.integration.observation import Observation
from console.server.integration.pace import Pace
from console.server.integration.repeats import Repeats
from console.server.integration.retries import Retries
from console.server.integration.samples import Sample
from console.telemetry.events import EventKind

_SAMPLED_AT_ONCE: Final = 16
_SAMPLE_EVERY_US: Final = 1_000_000
_DELAYS: Final = 64
_PLAYERS: Final = "/v1/players/players"

PlayerUse = str  # see `player_use`


class Sizes:
    """The least, the most and the sum of some counts."""

    def __init__(self) -> None:
        self.count = self.total = self.least = self.most = 0

    def note(self, number: int) -> None:
        self.least = min(self.least, number) if self.count else number
        self.most = max(self.most, number)
        self.count += 1
        self.total += number

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0


class SdkFacts:
    """One SDK. Times are µs since 1970-01-01 UTC, 0 for never; `app_id` is "" while no known key was seen."""

    def __init__(self, app_id: str, family: str, peer: str, first_us: int) -> None:
        self.app_id = app_id
        self.family = family
        self.peer = peer
        self.user_agent = ""
        self.first_us = self.last_us = first_us
        self.requests = self.accepted = self.rejected = self.injected = self.events = 0
        self.last_event_us = 0
        self.last_rejection: Observation | None = None
        self.accepted_since_rejection = 0
        self.errors: Counter[str] = Counter()  # by code: there are few
        self.telemetry_requests = 0
        self.batches = Sizes()
        self.bodies = Sizes()
        self.compressed = 0
        self.compressed_bytes = 0  # what the compressed ones grew to
        self.compressed_wire = 0
        self.pace = Pace()
        self.player_pace = Pace()
        self.retries = Retries()
        self.player_retries = Retries()  # apart: a limit of one API says nothing of the other
        self.duplicates = Repeats()
        self.refused_bodies = Repeats()
        self.player_uses: Counter[PlayerUse] = Counter()
        self.player_refusals: Counter[PlayerUse] = Counter()
        # from samples
        self.sampled = 0
        self.kinds: Counter[EventKind] = Counter()
        self.fields: Counter[tuple[EventKind, str]] = Counter()
        self.delays_us: deque[int] = deque(maxlen=_DELAYS)
        self.zoneless = self.offset = 0
        self._next_sample_us = 0
        self._asked_samples = 0

    def note(self, seen: Observation) -> None:
        """One request, in the order in which requests were committed."""
        at_us = seen.received_at_us
        self.last_us = max(self.last_us, at_us)
        self.requests += 1
        if seen.injected:
            self.injected += 1
        if seen.injected and (seen.status >= 400 or not seen.status):
            pass  # nothing that the client did
        elif seen.status >= 400:
            self.rejected += 1
            self.errors[seen.error] += 1
            self.last_rejection = seen
            self.accepted_since_rejection = 0
        else:
            self.accepted += 1
            self.accepted_since_rejection += 1
            self.events += seen.events
            if seen.events:
                self.last_event_us = max(self.last_event_us, at_us)
        if seen.telemetry:
            self.pace.note(at_us)
            self.retries.note(at_us, seen.status, seen.retry_after_us, seen.request_id)
            self._note_telemetry(seen)
        elif seen.route.startswith("/v1"):
            self.player_pace.note(at_us)
            self.player_retries.note(at_us, seen.status, seen.retry_after_us, seen.request_id)
            uses = self.player_refusals if seen.status >= 400 else self.player_uses
            uses[player_use(seen.method, seen.route)] += 1
        else:
            self.pace.note(at_us)  # it counts against the same limit

    def count(self, at_us: int, events: int, *, telemetry: bool) -> None:
        """One more accepted request that there is no time to look at."""
        self.requests += 1
        self.accepted += 1
        self.accepted_since_rejection += 1
        self.events += events
        self.last_us = self.last_event_us = max(self.last_us, at_us)
        if telemetry:
            self.telemetry_requests += 1
            self.pace.note(at_us)
        else:
            self.player_pace.note(at_us)

    def _note_telemetry(self, seen: Observation) -> None:
        self.telemetry_requests += 1
        if 0 < seen.status < 400:
            self.batches.note(seen.events)
            if seen.body_bytes:  # of the past only the newest bodies are read
                self.bodies.note(seen.body_bytes)
            if seen.body_bytes and seen.wire_bytes != seen.body_bytes:
                self.compressed += 1
                self.compressed_bytes += seen.body_bytes
                self.compressed_wire += seen.wire_bytes
        if seen.fingerprint and not seen.injected:
            self.note_body(seen)

    def note_body(self, seen: Observation) -> None:
        """The fingerprint of a body: with its request, or later when making it took time."""
        if seen.status < 400:
            self.duplicates.note(seen.fingerprint, seen.request_id, seen.received_at_us)
        elif seen.status < 500 and seen.status != 429:
            self.refused_bodies.note(seen.fingerprint, seen.request_id, seen.received_at_us)

    def wants_sample(self, at_us: int) -> bool:
        """Whether this request's body is worth decoding: the first ones, then one a second."""
        if self._asked_samples >= _SAMPLED_AT_ONCE and at_us < self._next_sample_us:
            return False
        self._asked_samples += 1
        self._next_sample_us = at_us + _SAMPLE_EVERY_US
        return True

    def add_sample(self, sample: Sample, received_at_us: int) -> None:
        """What a decoded body told."""
        self.sampled += 1
        self.kinds.update(sample.kinds)
        self.fields.update(sample.fields)
        self.delays_us.append(received_at_us - sample.newest_us)
        self.zoneless += sample.zoneless
        self.offset += sample.offset


def player_use(method: str, route: str) -> PlayerUse:
    """What a request of the player API is for, in one word."""
    path = route.partition("?")[0]
    if path.startswith("/v1/flags/"):
        return "flags" if path.endswith("/evaluate") else "management"
    if path.startswith("/v1/segments/"):
        return "segments" if path.endswith("/evaluate") or path.startswith("/v1/segments/player/") else "management"
    if path.startswith("/v1/events/"):
        return "stream" if path.endswith("/stream") else "events"
    if path == _PLAYERS:
        return "register" if method == "POST" else "look-up"
    if path.startswith(_PLAYERS):
        last = path.rpartition("/")[2]
        if method == "POST" and last in ("session", "purchase"):
            return last
        return "update" if method == "PATCH" else "look-up"
    return "other"
