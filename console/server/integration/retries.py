"""What a client does after it was told to come back later."""

from typing import Final

# Waking up a little early is a matter of clocks.
TOLERANCE_US: Final = 50_000


class Retries:
    """Whether a client waits as long as `Retry-After` said (RFC 9110, 10.2.3). Constant memory and time.

    One pause is judged at a time: from the first refusal to the first request that comes after the time that was
    told. All requests before that came too early, and prolong the pause when they are refused themselves.
    """

    def __init__(self) -> None:
        self.refusals = 0
        self.waited = 0  # pauses that were kept
        self.broken = 0  # pauses in which something came too early
        self.early = 0  # requests that came too early
        self.earliest_us = 0  # how much too early the worst one was
        self.last_refusal_us = 0
        self.last_early_us = 0
        self.last_early_request = 0
        self.last_status = 0
        self._until_us = 0
        self._told_us = 0
        self._broken_now = False

    @property
    def pending(self) -> bool:
        """Nothing came since the last refusal."""
        return bool(self._until_us) and not self._broken_now

    def note(self, at_us: int, status: int, retry_after_us: int, request_id: int) -> None:
        """One request, in order of arrival; `retry_after_us` 0 for one that was not told to come back."""
        if self._until_us:
            if at_us + TOLERANCE_US >= self._until_us:
                if self._broken_now:
                    self.broken += 1
                else:
                    self.waited += 1
                self._until_us, self._broken_now = 0, False
            elif at_us > self._told_us:
                self.early += 1
                self._broken_now = True
                self.last_early_us, self.last_early_request = at_us, request_id
                self.earliest_us = max(self.earliest_us, self._until_us - at_us)
        if retry_after_us:
            self.refusals += 1
            self.last_refusal_us, self.last_status = at_us, status
            self._until_us = max(self._until_us, at_us + retry_after_us)
            self._told_us = at_us
