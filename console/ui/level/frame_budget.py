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
# Smooth edges take up to three times as long as rough ones.
_ROUGH_FAST = 0.3
# So many frames in a row must agree: one slow frame, such as the first or one beside other work, is not the rule. After
# a budget turned out too large, many must be fast before it is tried again.
_AGREED, _AGREED_AFTER_SLOW = 2, 12


@dataclass
class FrameBudget:
    """Vertices a frame, while something moves and while all stands still."""

    moving: int
    still: int

    def __post_init__(self) -> None:
        self._verdicts = {True: _Verdict(), False: _Verdict()}

    def spent(self, seconds: float, *, others_s: float = 0.0, moving: bool, limited: bool) -> bool:
        """The vertices of a frame took `seconds`, all else in it `others_s`.

        `limited`: vertices were left out because of the budget. Returns whether they need not have been: another frame
        like this may show more.
        """
        target = MOVING_TARGET_S if moving else STILL_TARGET_S
        # Where all else takes too long already, drawing nothing would not help: half of the time remains.
        share = min(seconds / max(target - others_s, target / 2), _OUTLIER)
        fast = share < _FAST and limited
        factor = self._verdicts[moving].factor(share, fast)
        budget = self.moving if moving else self.still
        budget = min(MOST, max(LEAST, int(budget * factor)))
        if moving:
            self.moving = budget
        else:
            self.still = budget
        self.still = max(self.still, self.moving)
        return fast and budget < MOST


@dataclass
class Smoothing:
    """Whether edges are smooth: always while all stands still, and while something moves as long as there is time."""

    moving: bool = True

    def __post_init__(self) -> None:
        self._slow = self._fast = 0

    def spent(self, seconds: float, *, moving: bool) -> None:
        """A frame took so long altogether."""
        if not moving:
            return
        share = seconds / MOVING_TARGET_S
        self._slow = self._slow + 1 if self.moving and share > _SLOW else 0
        self._fast = self._fast + 1 if not self.moving and share < _ROUGH_FAST else 0
        if self._slow >= _AGREED or self._fast >= _AGREED_AFTER_SLOW:
            self.moving = not self.moving
            self._slow = self._fast = 0


@dataclass
class _Verdict:
    """What the frames since the last change said."""

    slow: int = 0
    fast: int = 0
    wanted: int = _AGREED  # how many fast frames it takes

    def factor(self, share: float, fast: bool) -> float:
        """What to multiply the budget by."""
        self.slow = self.slow + 1 if share > _SLOW else 0
        self.fast = self.fast + 1 if fast else 0
        if self.slow >= _AGREED:
            self.slow, self.wanted = 0, _AGREED_AFTER_SLOW
            return float(1 / share**0.5)
        if self.fast >= self.wanted:
            self.fast, self.wanted = 0, _AGREED
            return 2.0
        return 1.0
