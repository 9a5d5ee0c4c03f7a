"""Player requests as the journal holds them, without a journal."""

from pathlib import Path

from console.players.commands import Command, Recorded, Register, encode_recorded
from console.storage.journal_records import PlayerRequest
from console.storage.player_store import PlayerStore

JOURNAL_ID = "0123456789abcdef0123456789abcdef"
APP = "app"
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
START_US = 20_000 * DAY_US  # a midnight in 2024


class FakeJournal:
    """Requests one after another; each takes an id and a number for each of its commands."""

    def __init__(self) -> None:
        self.requests: list[PlayerRequest] = []
        self.events = 0
        self.reads = 0

    def journal_id(self) -> str:
        return JOURNAL_ID

    def player_requests(self, after_request_id: int, limit: int) -> list[PlayerRequest]:
        self.reads += 1
        return [request for request in self.requests if request.request_id > after_request_id][:limit]

    def add(
        self,
        *commands: Command,
        at_us: int = START_US,
        app_id: str = APP,
        idempotency_key: str | None = None,
        fingerprint: bytes = b"",
    ) -> PlayerRequest:
        recorded = Recorded(commands=list(commands), idempotency_key=idempotency_key, fingerprint=fingerprint)
        request = PlayerRequest(len(self.requests) + 1, at_us, app_id, self.events + 1, encode_recorded(recorded))
        self.events += len(commands)
        self.requests.append(request)
        return request

    @property
    def last_request_id(self) -> int:
        return len(self.requests)


def opened(path: Path, journal: FakeJournal) -> PlayerStore:
    """A store that has done what is journaled."""
    store = PlayerStore(path, journal)
    store.open(journal.last_request_id)
    return store


def register(player_id: str, *, external_id: str | None = None, **more: object) -> Register:
    return Register(player_id=player_id, external_id=external_id, **more)  # type: ignore[arg-type]
