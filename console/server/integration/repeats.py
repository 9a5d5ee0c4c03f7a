"""Bodies that were sent more than once, among the newest few hundred."""

from collections import OrderedDict
from typing import Final

MAX_REMEMBERED: Final = 256


class Repeats:
    """Remembers fingerprints of the newest bodies. Constant memory and time."""

    def __init__(self) -> None:
        self.count = 0
        self.last_us = 0
        self.last_request = 0
        self.first_request = 0  # the one that the last repetition repeats
        self.looked_at = 0
        self._known: OrderedDict[int, int] = OrderedDict()

    def note(self, fingerprint: int, request_id: int, at_us: int) -> bool:
        """One more body; whether it is among those remembered."""
        self.looked_at += 1
        known = self._known
        earlier = known.get(fingerprint)
        if earlier is not None:
            self.count += 1
            self.last_us, self.last_request, self.first_request = at_us, request_id, earlier
            return True
        known[fingerprint] = request_id
        if len(known) > MAX_REMEMBERED:
            known.popitem(last=False)
        return False
