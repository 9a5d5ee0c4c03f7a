"""How the player API treats an application: its rate tier, and after how long a player counts as gone."""

from typing import get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from console.messages import Application, ApplicationChanges
from console.players.definitions import ChurnWindow, Tier
from console.ui.dialogs import plain_label

_TIERS: dict[Tier, tuple[str, str]] = {
    "free": ("Free", "100 requests a minute, 10 events a second for each key. More is answered 429."),
    "growth": ("Growth", "1,000 requests a minute, 100 events a second for each key. More is answered 429."),
    "pro": ("Pro", "10,000 requests a minute, 1,000 events a second for each key. More is answered 429."),
    "enterprise": ("Enterprise", "No limit. Choose a lower tier to try out how a game behaves when it is refused."),
}
_WINDOWS: dict[ChurnWindow, tuple[str, str]] = {
    "casual": ("Casual, 7 days", "Who stays away for 7 days counts as churned; longer for those who play rarely."),
    "mid_core": (
        "Mid-core, 14 days",
        "Who stays away for 14 days counts as churned; longer for those who play rarely.",
    ),
    "strategy": (
        "Strategy, 30 days",
        "Who stays away for 30 days counts as churned; longer for those who play rarely.",
    ),
}
assert set(_TIERS) == set(get_args(Tier))
assert set(_WINDOWS) == set(get_args(ChurnWindow))
_CHOICE_WIDTH = 176


class PlayerApiChoices(QWidget):
    """Two choices, each with what it means beside it. `changed` carries the ApplicationChanges a person asked for."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.tier = QComboBox()
        self.churn_window = QComboBox()
        self.tier_means = plain_label("", "dim")
        self.churn_means = plain_label("", "dim")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        for row, (name, choice, meaning) in enumerate(
            (("Rate tier", self.tier, self.tier_means), ("Churn window", self.churn_window, self.churn_means))
        ):
            choice.setAccessibleName(name)
            choice.setFixedWidth(_CHOICE_WIDTH)
            grid.addWidget(plain_label(name), row, 0)
            grid.addWidget(choice, row, 1)
            grid.addWidget(meaning, row, 2)
        for tier, (title, text) in _TIERS.items():
            self.tier.addItem(title, tier)
            self.tier.setItemData(self.tier.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
        for window, (title, text) in _WINDOWS.items():
            self.churn_window.addItem(title, window)
            self.churn_window.setItemData(self.churn_window.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
        self.tier.activated.connect(self._tier_chosen)
        self.churn_window.activated.connect(self._window_chosen)
        self._explain()

    def show_application(self, application: Application) -> None:
        """Show what holds for this application."""
        for choice, value in ((self.tier, application.tier), (self.churn_window, application.churn_window)):
            if not choice.view().isVisible():  # nobody is choosing just now
                with QSignalBlocker(choice):
                    choice.setCurrentIndex(choice.findData(value))
        self._explain()

    def _tier_chosen(self) -> None:
        self._explain()
        self.changed.emit(ApplicationChanges(tier=self.tier.currentData()))

    def _window_chosen(self) -> None:
        self._explain()
        self.changed.emit(ApplicationChanges(churn_window=self.churn_window.currentData()))

    def _explain(self) -> None:
        tier: Tier = self.tier.currentData()
        window: ChurnWindow = self.churn_window.currentData()
        self.tier_means.setText(_TIERS[tier][1])
        self.churn_means.setText(_WINDOWS[window][1])
