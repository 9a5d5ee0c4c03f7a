"""Another time zone for a test, with its changes of the clock."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

needs_zones = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zone of a single process")

# Central Europe by its rule, so that no table of zones is needed: forward on 29 March 2026, back on 25 October.
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"


@contextmanager
def living_in(zone: str) -> Iterator[None]:
    """Local time is that of `zone`, written as in the environment variable TZ."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        try:
            yield
        finally:
            patch.undo()
            time.tzset()
