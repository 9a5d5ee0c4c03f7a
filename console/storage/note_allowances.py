"""How many requests that stored no events are kept, a second and a sender: a flood must not push out what matters."""

import time
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

from console.storage.journal_records import OtherRequest

_PEERS_REMEMBERED = 1_000
_STRANGERS_PER_SEC = 50.0
_STRANGER_PER_SEC = 0.2
_STRANGER_AT_ONCE = 20.0


class _Bucket(Struct, gc=False):
    left: float
    refilled_at: float

    def take(self, now: float, per_sec: float, most: float) -> bool:
        self.left = min(most, self.left + (now - self.refilled_at) * per_sec)
        self.refilled_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class NoteAllowances:
    """Apart: look-ups must not cost a rejection its place, nor strangers without a key one of a known game.

    A stranger's address has 20 at once and one in five seconds after: enough to see who knocks, and with what.
    """

    def __init__(self, per_sec: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`per_sec` rejections, and as many look-ups, a second; as many may come at once."""
        self._per_sec = per_sec
        self._monotonic = monotonic
        self._rejected = _Bucket(per_sec, monotonic())
        self._answered = _Bucket(per_sec, monotonic())
        self._strangers = _Bucket(_STRANGERS_PER_SEC, monotonic())
        self._peers: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, request: OtherRequest) -> bool:
        """Whether there is room for this request; it is used up then."""
        now = self._monotonic()
        if not request.rejected:
            return self._answered.take(now, self._per_sec, self._per_sec)
        if not request.keyless:
            return self._rejected.take(now, self._per_sec, self._per_sec)
        return self._bucket_of(request.peer, now).take(
            now, _STRANGER_PER_SEC, _STRANGER_AT_ONCE
        ) and self._strangers.take(now, min(_STRANGERS_PER_SEC, self._per_sec), _STRANGERS_PER_SEC)

    def _bucket_of(self, peer: str, now: float) -> _Bucket:
        bucket = self._peers.get(peer)
        if bucket is None:
            if len(self._peers) >= _PEERS_REMEMBERED:
                self._peers.popitem(last=False)
            bucket = self._peers[peer] = _Bucket(_STRANGER_AT_ONCE, now)
        self._peers.move_to_end(peer)
        return bucket
