"""A token bucket for each source address."""

from typing import Final

MAX_ADDRESSES: Final = 20_000
_IPV4_MAPPED: Final = "::ffff:"


def address_of(peer: str) -> str:
    """The address a limit counts: an IPv4 client that reached an IPv6 socket is the IPv4 client."""
    if peer.startswith(_IPV4_MAPPED) and "." in peer:
        return peer[len(_IPV4_MAPPED) :]
    return peer


class RateLimiter:
    """Admits `rate` requests a second from one address, with a burst of one second's worth.

    Kept as one number an address: the instant at which its bucket is full again. This is the generic cell rate
    algorithm (ITU-T I.371), which decides exactly like a token bucket. The rate is given at each call, so that a
    change holds from the next request on.
    """

    def __init__(self, max_addresses: int = MAX_ADDRESSES) -> None:
        self._max_addresses = max_addresses
        self._full_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def wait_secs(self, address: str, rate: float, now_secs: float) -> float:
        """Seconds until a request is admitted; 0 admits this one and counts it.

        `now_secs` is monotonic: a step of the wall clock neither blocks nor opens.
        """
        full_at = self._full_at.get(address, now_secs)
        if full_at < now_secs:
            full_at = now_secs
        full_at += 1.0 / rate
        wait = full_at - now_secs - (1.0 if rate >= 1.0 else 1.0 / rate)
        if wait > 1e-9:  # adding tenths ten times does not give exactly one
            return wait
        self._full_at[address] = full_at
        if len(self._full_at) > self._max_addresses:
            self._forget(now_secs)
        return 0.0

    def _forget(self, now_secs: float) -> None:
        """Drop the addresses whose bucket is full: they are as good as new. In a flood of addresses, the eldest too."""
        kept = {address: full_at for address, full_at in self._full_at.items() if full_at > now_secs}
        surplus = len(kept) - self._max_addresses * 3 // 4
        if surplus > 0:
            for address in list(kept)[:surplus]:
                del kept[address]
        self._full_at = kept
