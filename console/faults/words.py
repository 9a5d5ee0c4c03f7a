"""Fault rules in words: the same in the window, the command line, the log and beside each request."""

from datetime import UTC, datetime

from console.messages.faults import Fault


def what_happens(fault: Fault) -> str:
    """What the rule does to a request: `503, Retry-After 2 s`."""
    match fault.action:
        case "answer":
            retry = "" if fault.retry_after_secs is None else f", Retry-After {fault.retry_after_secs} s"
            return f"Answer {fault.status}{retry}"
        case "delay":
            return f"Delay {fault.delay_secs:g} s"
        case "drop":
            return "Drop the connection"
        case "cut_body":
            return "Close in the middle of the body"
        case "slow":
            return f"Answer at {fault.bytes_per_second:g} bytes/s"
        case "cut_answer":
            return "Close in the middle of the answer"
        case "lose_answer":
            return "Store, but lose the answer"


def what_happened(fault: Fault) -> str:
    """What it did to a request, as the list of requests says it: `answered 503`."""
    match fault.action:
        case "answer":
            return f"answered {fault.status}"
        case "delay":
            return f"delayed {fault.delay_secs:g} s"
        case "drop":
            return "connection dropped"
        case "cut_body":
            return "closed in the middle of the body"
        case "slow":
            return f"slow answer, {fault.bytes_per_second:g} bytes/s"
        case "cut_answer":
            return "answer cut off"
        case "lose_answer":
            return "answer lost"


def to_whom(fault: Fault, names: dict[str, str] | None = None) -> str:
    """Whom it happens to; `names` of applications and keys by their ids."""
    names = names or {}
    parts = [
        ", ".join(names.get(each, each) for each in wanted)
        for wanted in (fault.app_ids, fault.key_ids, fault.peers, fault.routes)
        if wanted
    ]
    return " and ".join(parts) if parts else "everybody"


def how_often(fault: Fault) -> str:
    """How often, and when: `5 %, at most 20 times, 8 s of every 60 s`."""
    parts = [f"{fault.probability * 100:.4g} %" if fault.probability < 1 else "always"]
    if fault.count is not None:
        parts.append(f"at most {fault.count:,} {'time' if fault.count == 1 else 'times'}")
    if fault.on_secs is not None and fault.off_secs is not None:
        parts.append(f"{fault.on_secs:g} s of every {fault.on_secs + fault.off_secs:g} s")
    if fault.from_us is not None:
        parts.append(f"from {_clock(fault.from_us)}")
    if fault.until_us is not None:
        parts.append(f"until {_clock(fault.until_us)}")
    return ", ".join(parts)


def _clock(instant_us: int) -> str:
    return datetime.fromtimestamp(instant_us / 1_000_000, UTC).astimezone().strftime("%H:%M:%S")
