"""The line of controls over the plots: what is drawn, of which rate, in which unit, against which budgets."""

from dataclasses import replace
from typing import cast

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from console.ui.performance.choices import (
    BUDGETS_FPS,
    PICTURE_TIPS,
    PICTURE_WORDS,
    RATE_WORDS,
    Choices,
    Picture,
    amount,
)
from console.ui.performance.readout import LineKey
from console.ui.theme import Theme


class Controls(QWidget):
    """`changed(Choices)`: a person chose. `followed(bool)`, `all_wanted()`: what of the time is to be in sight."""

    changed = Signal(object)
    followed = Signal(bool)
    all_wanted = Signal()

    def __init__(self, theme: Theme, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices = choices
        self.picture = QComboBox()
        for picture, words in PICTURE_WORDS.items():
            self.picture.addItem(words, picture)
            self.picture.setItemData(self.picture.count() - 1, PICTURE_TIPS[picture], Qt.ItemDataRole.ToolTipRole)
        self.picture.setAccessibleName("What is drawn")
        self.picture.setToolTip("Lines of the sessions shown, or how the sessions in scope spread")
        self.rate = QComboBox()
        for rate, words in RATE_WORDS.items():
            self.rate.addItem(words[0].upper() + words[1:], rate)
        self.rate.setAccessibleName("Which rate")
        self.rate.setToolTip("The rate that is compared: the mean, or that of the slowest 5 % or 1 % of frames")
        self.unit = QPushButton("ms")
        self.unit.setCheckable(True)
        self.unit.setToolTip("Milliseconds a frame instead of frames per second")
        self.unit.setAccessibleName("Milliseconds a frame")
        self.budgets = QToolButton()
        self.budgets.setText("Budgets")
        self.budgets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.budgets.setToolTip("Which frame rates are lines, and counted as missed")
        menu = QMenu(self.budgets)
        self._budget_actions: dict[float, QAction] = {}
        for fps in BUDGETS_FPS:
            action = menu.addAction(f"{amount(fps, 'fps')} · {amount(fps, 'ms')}")
            action.setCheckable(True)
            action.toggled.connect(lambda on, fps=fps: self._set(self.choices.with_budget(fps, on)))
            self._budget_actions[fps] = action
        self.budgets.setMenu(menu)
        whole = QPushButton("All")
        whole.setToolTip("See the whole time (F)")
        whole.clicked.connect(self.all_wanted)
        self.follow = QPushButton("Follow")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.follow.setToolTip("Keep the newest in sight (End)")
        self.follow.toggled.connect(self.followed)
        self._key = LineKey(theme)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(8)
        bar.addWidget(self.picture)
        bar.addWidget(self.rate)
        bar.addWidget(self.unit)
        bar.addWidget(self.budgets)
        bar.addWidget(self._key)
        bar.addStretch(1)
        bar.addWidget(whole)
        bar.addWidget(self.follow)
        self._show()
        self.picture.currentIndexChanged.connect(
            lambda: self._set(replace(self.choices, picture=cast("Picture", self.picture.currentData())))
        )
        self.rate.currentIndexChanged.connect(lambda: self._set(replace(self.choices, rate=self.rate.currentData())))
        self.unit.toggled.connect(lambda on: self._set(replace(self.choices, unit="ms" if on else "fps")))

    def show_following(self, following: bool) -> None:
        """Bring the button to this without telling."""
        with QSignalBlocker(self.follow):
            self.follow.setChecked(following)

    def set_tokens(self) -> None:
        """Paint in the theme's colours."""
        self._key.update()

    def _set(self, choices: Choices) -> None:
        if choices != self.choices:
            self.choices = choices
            self._show()
            self.changed.emit(choices)

    def _show(self) -> None:
        choices = self.choices
        widgets = (self.picture, self.rate, self.unit, *self._budget_actions.values())
        for widget in widgets:
            widget.blockSignals(True)
        self.picture.setCurrentIndex(self.picture.findData(choices.picture))
        self.rate.setCurrentIndex(self.rate.findData(choices.rate))
        self.unit.setChecked(choices.unit == "ms")
        for fps, action in self._budget_actions.items():
            action.setChecked(fps in choices.budgets)
        for widget in widgets:
            widget.blockSignals(False)
        self._key.show_choices(choices)
