"""How many vertices a frame may draw, learned from how long frames take. No Qt."""

from dataclasses import dataclass

MOVING_TARGET_S = 1 / 30
STILL_TARGET_S = 0.12
LEAST, MOST = 6_000, 16_000_000

# What to begin with, moving and still, until frames were measured.
SOFTWARE_BUDGET = 12_000, 40_000
HARDWARE_BUDGET = 500_000, 2_000_000

# The number changes only when frames leave this share of the target: twice the vertices take at most twice the time,
# so a budget that was doubled is not halved at once, and tracks do not flicker between two levels of detail.
_SLOW, _FAST = 1.25, 0.55
_OUTLIER = 4.0


@dataclass
class FrameBudget:
    """Vertices a frame, while something moves and while all stands still."""

    moving: int
    still: int

    def spent(self, seconds: float, *, others_s: float = 0.0, moving: bool, limited: bool) -> None:
        """The vertices of a frame took `seconds`, all else in it `others_s`.

        `limited`: vertices were left out because of the budget.
        """
        target = MOVING_TARGET_S if moving else STILL_TARGET_S
        # Where all else takes too long already, drawing nothing would not help: half of the time remains.
        share = min(
            seconds / max(target - others_s, target / 2), _OUTLIER
        )  # one slow frame, such as the first, is not the rule
        budget = self.moving if moving else self.still
        if share > _SLOW:
            budget = int(budget / share**0.5)
        elif share < _FAST and limited:
            budget *= 2
        budget = min(MOST, max(LEAST, budget))
        if moving:
            self.moving = budget
        else:
            self.still = budget
        self.still = max(self.still, self.moving)
