"""The flags as one player sees them, and the player's overrides."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.players.definitions import Evaluation, Override
from console.ui.dialogs import plain_label
from console.ui.players.attributes import cell_text, value_hover
from console.ui.theme import Theme
from console.ui.widgets.formatting import visible
from console.ui.widgets.player_words import REASON_WORDS
from console.ui.widgets.small_table import Column, Line, SmallTable
from console.ui.widgets.table_columns import Tone

_TONES = {"override": Tone.WARNING, "disabled": Tone.DIM, "error": Tone.BAD, "default": Tone.DIM}
_COLUMNS = (Column("Flag", 168), Column("Value", 0, mono=True), Column("Variant", 104), Column("Reason", 136))


class FlagsPage(QWidget):
    """`why_wanted(key)`, `override_wanted(key)`, `clear_wanted(key)`: what to do with a flag; `clear_all_wanted`."""

    why_wanted = Signal(str)
    override_wanted = Signal(str)
    clear_wanted = Signal(str)
    clear_all_wanted = Signal()

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overridden: set[str] = set()
        self.table = SmallTable(colors, "Flags of this player", _COLUMNS)
        self.table.opened.connect(lambda key: self.why_wanted.emit(str(key)))
        self.table.itemSelectionChanged.connect(self._enable)
        self.why, self.override = QPushButton("Why?"), QPushButton("Override …")
        self.clear, self.clear_all = QPushButton("Clear override"), QPushButton("Clear all")
        self.why.setToolTip("Every rule with what was compared (Enter)")
        self.override.setToolTip("Give this player a value, whatever the rules say")
        self.clear_all.setToolTip("Clear every override of this player")
        self.why.clicked.connect(lambda: self.why_wanted.emit(self._key))
        self.override.clicked.connect(lambda: self.override_wanted.emit(self._key))
        self.clear.clicked.connect(lambda: self.clear_wanted.emit(self._key))
        self.clear_all.clicked.connect(self.clear_all_wanted)
        self._none = plain_label("This application has no flags yet.", "dim")
        self._none.setContentsMargins(16, 12, 16, 12)
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 12, 8)
        bar.setSpacing(8)
        for button in (self.why, self.override, self.clear):
            bar.addWidget(button)
        bar.addStretch(1)
        bar.addWidget(self.clear_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._none)
        layout.addWidget(self.table, 1)
        layout.addLayout(bar)
        self._enable()

    def show_flags(self, flags: list[Evaluation], overrides: list[Override]) -> None:
        """What the player gets of each flag; overrides are marked."""
        self._overridden = {override.flag_key for override in overrides}
        self._none.setVisible(not flags)
        self.table.setVisible(bool(flags))
        self.table.show_lines([_line(flag) for flag in flags])
        self.clear_all.setEnabled(bool(overrides))
        self._enable()

    @property
    def _key(self) -> str:
        return str(self.table.current_key or "")

    def _enable(self) -> None:
        chosen = self.table.current_key is not None
        self.why.setEnabled(chosen)
        self.override.setEnabled(chosen)
        self.clear.setEnabled(self.table.current_key in self._overridden)


def _line(flag: Evaluation) -> Line:
    reason = REASON_WORDS[flag.reason]
    return Line(
        flag.flag_key,
        (visible(flag.flag_key), cell_text(flag.value), visible(flag.variant_key or ""), reason),
        (
            visible(flag.flag_key),
            value_hover(flag.value),
            "",
            f"Segment {flag.segment_id}" if flag.segment_id else flag.reason,
        ),
        (None, None, Tone.DIM, _TONES.get(flag.reason)),
    )
