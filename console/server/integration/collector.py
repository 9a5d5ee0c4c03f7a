"""Which SDK a request is of, and the facts of every SDK, within bounds."""

from typing import Final

from console.server.integration.facts import SdkFacts
from console.server.integration.families import family_of
from console.storage.journal import IngestRequest, OtherRequest

MAX_SDKS: Final = 500
MAX_SENDERS: Final = 2_000
_KEPT_SHARE: Final = 0.75


class Collector:
    """The facts by application, family and peer.

    A request that was refused before its key was looked at is counted with what the same client sent before, so that
    a client is seen whole. What came without a known key becomes the application's once such a key comes. When there
    are too many, those without an application go first, then those that were silent longest: a quarter at once, so
    that a flood of made-up names costs little for each.
    """

    def __init__(self, *, max_sdks: int = MAX_SDKS, max_senders: int = MAX_SENDERS) -> None:
        self.forgotten = 0
        self._max_sdks = max_sdks
        self._max_senders = max_senders
        self._facts: dict[tuple[str, str, str], SdkFacts] = {}
        self._by_sender: dict[tuple[str, str, str], SdkFacts] = {}  # by application, whole user agent, peer
        self._newest: dict[tuple[str, str], SdkFacts] = {}  # with an application, by user agent and peer

    def __len__(self) -> int:
        return len(self._facts)

    def all(self) -> list[SdkFacts]:
        """The facts of every SDK, the newest first."""
        return sorted(self._facts.values(), key=lambda facts: facts.last_us, reverse=True)

    def of(self, request: IngestRequest | OtherRequest) -> SdkFacts:
        """The facts that a request adds to."""
        sender = (request.app_id, request.client, request.peer)
        facts = self._by_sender.get(sender)
        if facts is None:
            facts = self._find(request, sender)
            if len(self._by_sender) > self._max_senders:
                self._by_sender.clear()  # found again with the next request of each
                self._newest.clear()
        return facts

    def _find(self, request: IngestRequest | OtherRequest, sender: tuple[str, str, str]) -> SdkFacts:
        app_id, client, peer = sender
        if not app_id and (known := self._newest.get((client, peer))) is not None:
            return known  # not remembered under this sender: the application may change
        family = family_of(client)
        key = (app_id, family, peer)
        facts = self._facts.get(key)
        if facts is None:
            facts = self._adopted(key) or SdkFacts(app_id, family, peer, request.received_at_us)
            self._facts[key] = facts
            if len(self._facts) > self._max_sdks:
                self._forget(facts)
        facts.user_agent = client
        if app_id:
            self._by_sender[sender] = facts
            self._newest[client, peer] = facts
            self._by_sender.pop(("", client, peer), None)
        else:
            self._by_sender[sender] = facts
        return facts

    def _adopted(self, key: tuple[str, str, str]) -> SdkFacts | None:
        """What came from there without a known key."""
        app_id, family, peer = key
        facts = self._facts.pop(("", family, peer), None) if app_id else None
        if facts is not None:
            facts.app_id = app_id
            for sender in [sender for sender, known in self._by_sender.items() if known is facts]:
                del self._by_sender[sender]
        return facts

    def _forget(self, newest: SdkFacts) -> None:
        order = sorted(self._facts.items(), key=lambda item: (item[1] is newest, bool(item[1].app_id), item[1].last_us))
        gone = len(order) - max(1, round(self._max_sdks * _KEPT_SHARE))
        for key, _ in order[:gone]:
            del self._facts[key]
        self.forgotten += gone
        self._by_sender.clear()
        self._newest.clear()
