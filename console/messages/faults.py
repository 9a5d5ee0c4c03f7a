"""Values of fault injection that cross the console API, as MessagePack both ways."""

from typing import Literal

from msgspec import Struct

from console.faults.names import FaultAction

FaultStatus = Literal[429, 500, 503]
FaultState = Literal["on", "waiting", "over"]


class Fault(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rule: what goes wrong, for whom, how often, and when.

    `action`, and what is stored:

    - `answer`: `status` instead of an answer, after `retry_after_secs` if given; nothing is stored
    - `delay`: `delay_secs` of silence, then everything as usual
    - `drop`: the connection is closed before the request is looked at; nothing is stored
    - `cut_body`: the connection is closed in the middle of the request's body; nothing is stored
    - `slow`: the answer arrives at `bytes_per_second`; the events are kept
    - `cut_answer`: the connection is closed in the middle of the answer; the events are kept
    - `lose_answer`: the connection is closed instead of the answer; the events are kept

    Empty lists mean everybody. `app_ids` and `key_ids` know a request by its key; `peers` are addresses or networks
    (`192.168.1.0/24`); `routes` are paths in which `*` stands for anything. What is given must all hold.
    `probability` is the share of requests it happens to; `count` ends the rule after so many. It holds from `from_us`
    until `until_us` (µs since 1970-01-01 UTC), and within that for `on_secs` of every `on_secs + off_secs`, beginning
    with `from_us` or else when the rule was added.
    """

    action: FaultAction
    status: FaultStatus = 503
    retry_after_secs: int | None = None
    delay_secs: float = 0.0
    bytes_per_second: float = 0.0
    app_ids: list[str] = []
    key_ids: list[str] = []
    peers: list[str] = []
    routes: list[str] = []
    probability: float = 1.0
    count: int | None = None
    from_us: int | None = None
    until_us: int | None = None
    on_secs: float | None = None
    off_secs: float | None = None


class FaultRule(Struct, frozen=True, kw_only=True):
    """A rule of the server that runs: it is gone when the server stops.

    `matched` requests were of those it concerns while it held; `injected` ones felt it. `waiting`: for its schedule.
    """

    rule_id: int
    fault: Fault
    added_at_us: int
    state: FaultState
    matched: int = 0
    injected: int = 0


class AddFaults(Struct, frozen=True, kw_only=True):
    """Rules to add, all of them or none; `replace` takes the others away."""

    faults: list[Fault]
    replace: bool = False
