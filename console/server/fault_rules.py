"""One fault rule at work: whether it can be meant, when it holds, whom it concerns, and what it did so far."""

import ipaddress
import random
import re
import weakref
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Final

from console.messages import Application
from console.messages.faults import Fault, FaultRule, FaultState

MAX_DELAY_SECS: Final = 120.0
MAX_RETRY_AFTER_SECS: Final = 3600
MAX_BYTES_PER_SECOND: Final = 1_000_000.0
MAX_CYCLE_SECS: Final = 86_400.0
_MAX_TARGETS: Final = 100
MAX_ROUTE_CHARS: Final = 256
_MAX_STARS: Final = 8
_SECOND_US: Final = 1_000_000

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class InvalidFault(Exception):
    """A rule that cannot be meant. `path` leads to the value, `hint` says what to write instead."""

    def __init__(self, path: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.path = path
        self.hint = hint


def check_fault(fault: Fault) -> None:
    """Raises InvalidFault, with a path inside the rule such as `.delay_secs`."""
    _check_action(fault)
    if not 0 < fault.probability <= 1:
        raise InvalidFault(".probability", "The probability must be above 0 and at most 1.", "5 % is 0.05.")
    if fault.count is not None and fault.count < 1:
        raise InvalidFault(".count", "A rule must happen at least once.", "Leave the count out for no end.")
    _check_schedule(fault)
    for name in ("app_ids", "key_ids", "peers", "routes"):
        if len(getattr(fault, name)) > _MAX_TARGETS:
            raise InvalidFault(f".{name}", f"A rule names at most {_MAX_TARGETS} of them.", "Add another rule.")
    for index, route in enumerate(fault.routes):
        if not route.startswith(("/", "*")) or len(route) > MAX_ROUTE_CHARS or route.count("*") > _MAX_STARS:
            raise InvalidFault(
                f".routes[{index}]",
                f"A route is a path from / on, of up to {MAX_ROUTE_CHARS} characters and {_MAX_STARS} stars.",
                "Write /api/events or /v1/players/*.",
            )
    for index, peer in enumerate(fault.peers):
        _network(peer, f".peers[{index}]")


def check_targets(faults: Sequence[Fault], applications: Sequence[Application]) -> None:
    """Raises InvalidFault for an application or a key that there is not: such a rule would silently strike nobody.

    Paths begin with `$.faults`. A revoked key is still a key: its requests are known by it.
    """
    app_of = {key.key_id: application.app_id for application in applications for key in application.keys}
    app_ids = {application.app_id for application in applications}
    for number, fault in enumerate(faults):
        for index, app_id in enumerate(fault.app_ids):
            if app_id not in app_ids:
                path = f"$.faults[{number}].app_ids[{index}]"
                raise InvalidFault(path, f"No application has the id {app_id[:60]!r}.", "List the applications.")
        for index, key_id in enumerate(fault.key_ids):
            path = f"$.faults[{number}].key_ids[{index}]"
            if key_id not in app_of:
                raise InvalidFault(path, f"No key has the id {key_id[:60]!r}.", "List the keys of the application.")
            if fault.app_ids and app_of[key_id] not in fault.app_ids:
                raise InvalidFault(
                    path, f"The key {key_id} is of another application than the rule.", "Name that one, or none."
                )


def _check_action(fault: Fault) -> None:
    if fault.retry_after_secs is not None and not 0 <= fault.retry_after_secs <= MAX_RETRY_AFTER_SECS:
        raise InvalidFault(
            ".retry_after_secs", f"Retry-After is 0 … {MAX_RETRY_AFTER_SECS} s.", "Leave it out for no such header."
        )
    if fault.action == "delay" and not 0 < fault.delay_secs <= MAX_DELAY_SECS:
        raise InvalidFault(
            ".delay_secs",
            f"A delay is above 0 and at most {MAX_DELAY_SECS:g} s.",
            "Drop the connection to never answer.",
        )
    if fault.action == "slow" and not 1 <= fault.bytes_per_second <= MAX_BYTES_PER_SECOND:
        raise InvalidFault(
            ".bytes_per_second",
            f"A slow answer has 1 … {MAX_BYTES_PER_SECOND:,.0f} bytes a second.",
            "An answer has some 200 bytes.",
        )


def _check_schedule(fault: Fault) -> None:
    if (fault.on_secs is None) != (fault.off_secs is None):
        raise InvalidFault(".off_secs", "Seconds on and seconds off belong together.", "Give both, or neither.")
    if fault.on_secs is not None and fault.off_secs is not None:
        for name, secs in (("on_secs", fault.on_secs), ("off_secs", fault.off_secs)):
            if not isfinite(secs) or not 0 < secs <= MAX_CYCLE_SECS:
                raise InvalidFault(
                    f".{name}", f"A part of a cycle is above 0 and at most {MAX_CYCLE_SECS:,.0f} s.", "Try 10."
                )
    if fault.from_us is not None and fault.until_us is not None and fault.until_us <= fault.from_us:
        raise InvalidFault(".until_us", "The rule would end before it begins.", "Let it end later.")


def _network(text: str, path: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InvalidFault(
            path, f"{text[:60]!r} is neither an address nor a network.", "Write 192.168.1.7 or 192.168.1.0/24."
        ) from None


class ActiveRule:
    """A rule that was checked. `rng` draws for its probability. Call it on the loop."""

    def __init__(self, rule_id: int, fault: Fault, added_at_us: int, rng: random.Random) -> None:
        self.rule_id = rule_id
        self.fault = fault
        self.matched = 0
        self.injected = 0
        self._added_at_us = added_at_us
        self._rng = rng
        self._apps = frozenset(fault.app_ids)
        self._keys = frozenset(fault.key_ids)
        self._networks = [_network(peer, ".peers") for peer in fault.peers]
        self._routes = _route_pattern(fault.routes)
        # Weak: of a connection that is gone nothing is left here.
        self._when_ended: set[weakref.WeakMethod[Callable[[], None]]] = set()

    def concerns(self, *, app_id: str, key_id: str, peer: str, route: str) -> bool:
        """Whether a request is one of those the rule is about; "" for a key that is not known."""
        return (
            (not self._apps or app_id in self._apps)
            and (not self._keys or key_id in self._keys)
            and (self._routes is None or self._routes.fullmatch(route) is not None)
            and (not self._networks or self._knows(peer))
        )

    def strikes(self, now_us: int) -> bool:
        """Whether it happens to one request that it concerns; counts what it decides."""
        if self.state(now_us) != "on":
            return False
        self.matched += 1
        if self.fault.probability < 1 and self._rng.random() >= self.fault.probability:
            return False
        self.injected += 1
        return True

    def state(self, now_us: int) -> FaultState:
        """Whether it holds at this instant, will again, or never will."""
        fault = self.fault
        if fault.count is not None and self.injected >= fault.count:
            return "over"
        if fault.until_us is not None and now_us >= fault.until_us:
            return "over"
        begin_us = self._added_at_us if fault.from_us is None else fault.from_us
        if now_us < begin_us and fault.from_us is not None:
            return "waiting"
        if fault.on_secs is not None and fault.off_secs is not None:
            cycle_us = int((fault.on_secs + fault.off_secs) * _SECOND_US)
            if (now_us - begin_us) % max(1, cycle_us) >= fault.on_secs * _SECOND_US:
                return "waiting"
        return "on"

    def when_ended(self, act: Callable[[], None]) -> Callable[[], None]:
        """Have a method called when the rule is taken away, if its object lives then; returns what calls that off."""
        method = weakref.WeakMethod(act, self._when_ended.discard)
        self._when_ended.add(method)
        return lambda: self._when_ended.discard(method)

    def end(self) -> None:
        """Let go of what is held up by the rule."""
        methods, self._when_ended = self._when_ended, set()
        for method in [*methods]:  # one that acts may let go of another, which then leaves the set
            act = method()
            if act is not None:
                act()

    def shown(self, now_us: int) -> FaultRule:
        """The rule as it crosses the console API."""
        return FaultRule(
            rule_id=self.rule_id,
            fault=self.fault,
            added_at_us=self._added_at_us,
            state=self.state(now_us),
            matched=self.matched,
            injected=self.injected,
        )

    def _knows(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _route_pattern(routes: list[str]) -> re.Pattern[str] | None:
    """Paths in which `*` stands for anything; None for no restriction.

    A star takes as little as it can and never gives anything back, so a path is read once for each of them.
    """
    if not routes:
        return None
    return re.compile("|".join(_one_route(route) for route in routes), re.DOTALL)


def _one_route(route: str) -> str:
    first, *others = [re.escape(part) for part in re.sub(r"\*+", "*", route).split("*")]
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}"
