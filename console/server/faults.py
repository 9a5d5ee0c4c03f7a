"""Fault injection: the rules in force, and which of them strike a request. Off until somebody adds one."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from console.faults.words import how_often, to_whom, what_happened, what_happens
from console.messages.faults import Fault, FaultRule
from console.server.fault_rules import MAX_ROUTE_CHARS, ActiveRule, InvalidFault, check_fault

log = logging.getLogger(__name__)

MAX_RULES: Final = 100


class UnknownFault(Exception):
    """There is no rule with this id."""


@dataclass(frozen=True)
class Injection:
    """What one request goes through: silence first, then what `rule` does, if there is one."""

    delays: tuple[ActiveRule, ...]
    rule: ActiveRule | None

    @property
    def delay_secs(self) -> float:
        """How long the request waits."""
        return sum(rule.fault.delay_secs for rule in self.delays)

    @property
    def words(self) -> str:
        """What happens to the request: `delayed 2 s, answered 503`."""
        rules = [*self.delays, self.rule] if self.rule is not None else self.delays
        return ", ".join(what_happened(rule.fault) for rule in rules)


class FaultRules:
    """The rules of this run of the server: nothing of them is kept. Call it on the loop.

    `active` is what every request looks at: False until a rule is added, and again when all are over. `changed` is
    told of rules that come and go, `switched` of the first one and the last. `clock` gives nanoseconds since
    1970-01-01 UTC.
    """

    def __init__(
        self, clock: Callable[[], int], changed: Callable[[], object], rng: random.Random | None = None
    ) -> None:
        self.active = False
        self.injected = 0
        self.switched: Callable[[bool], object] | None = None
        self._clock = clock
        self._changed = changed
        self._rng = rng or random.Random()  # noqa: S311  # not a secret
        self._rules: list[ActiveRule] = []
        self._last_id = 0

    def shown(self) -> list[FaultRule]:
        """Every rule, in the order in which they are tried."""
        now_us = self._now_us()
        return [rule.shown(now_us) for rule in self._rules]

    @property
    def in_force(self) -> int:
        """Rules that hold now or will again."""
        if not self.active:
            return 0
        now_us = self._now_us()
        count = sum(rule.state(now_us) != "over" for rule in self._rules)
        if not count:
            self._all_over()
        return count

    def add(self, faults: Sequence[Fault], *, replace: bool = False) -> None:
        """Add all of them or none. Raises InvalidFault."""
        for index, fault in enumerate(faults):
            try:
                check_fault(fault)
            except InvalidFault as error:
                raise InvalidFault(f"$.faults[{index}]{error.path}", str(error), error.hint) from None
        if (0 if replace else len(self._rules)) + len(faults) > MAX_RULES:
            raise InvalidFault("$.faults", f"There can be {MAX_RULES} rules.", "Remove some first.")
        if replace:
            self._end_all()
        now_us = self._now_us()
        for fault in faults:
            self._last_id += 1
            self._rules.append(ActiveRule(self._last_id, fault, now_us, self._rng))
            log.warning(
                "fault injection, rule %d: %s; for %s; %s",
                self._last_id,
                what_happens(fault),
                to_whom(fault),
                how_often(fault),
            )
        self._settle()

    def remove(self, rule_id: int) -> None:
        """Take one rule away. Raises UnknownFault."""
        found = next((rule for rule in self._rules if rule.rule_id == rule_id), None)
        if found is None:
            raise UnknownFault(f"There is no fault rule {rule_id}.")
        self._rules.remove(found)
        found.end()
        self._settle()

    def clear(self) -> None:
        """Take every rule away; what they hold up goes on at once."""
        self._end_all()
        self._settle()

    def injection(self, *, app_id: str, key_id: str, peer: str, route: str) -> Injection | None:
        """What happens to a request, None for nothing.

        Every rule that strikes and delays adds its delay; the first other one that strikes decides.
        """
        now_us = self._now_us()
        route = route[:MAX_ROUTE_CHARS]
        delays: list[ActiveRule] = []
        for rule in self._rules:
            if not rule.concerns(app_id=app_id, key_id=key_id, peer=peer, route=route) or not rule.strikes(now_us):
                continue
            if rule.fault.action != "delay":
                self.injected += 1
                return Injection(tuple(delays), rule)
            delays.append(rule)
        if not delays:
            return None
        self.injected += 1
        return Injection(tuple(delays), None)

    def _settle(self) -> None:
        was_active = self.active
        self._set_active(bool(self._rules))
        if was_active and not self.active:
            log.info("fault injection is off; %d requests felt it", self.injected)
        self._changed()

    def _all_over(self) -> None:
        self._set_active(False)
        log.info("fault injection is over: every rule has come to its end")
        self._changed()

    def _set_active(self, active: bool) -> None:
        if active != self.active:
            self.active = active
            if self.switched is not None:
                self.switched(active)

    def _end_all(self) -> None:
        rules, self._rules = self._rules, []
        for rule in rules:
            rule.end()

    def _now_us(self) -> int:
        return self._clock() // 1000
