"""The line above a funnel: which one, its buttons, and the breakdown."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from console.messages import Application
from console.messages.funnels import Funnel
from console.ui.funnels.model import BY_WORDS
from console.ui.icons import icon
from console.ui.theme import Theme
from console.ui.widgets.formatting import visible

_FUNNEL_WIDTHS = (300, 420)  # the least holds `Edited · ` before the name that is not a person's
_AS_FOUND = "All steps, in their usual order"


class FunnelHead(QWidget):
    """Its widgets are the view's to connect."""

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.application, self.funnel, self.by = QComboBox(), QComboBox(), QComboBox()
        self.edit, self.save, self.delete = QPushButton("Edit"), QPushButton("Save …"), QPushButton()
        self.application.setAccessibleName("Application")
        self.application.setMaximumWidth(220)
        self.application.hide()
        self.funnel.setAccessibleName("Funnel")
        self.funnel.setToolTip("Which funnel is shown (Ctrl+F)")
        self.funnel.setMinimumWidth(_FUNNEL_WIDTHS[0])
        self.funnel.setMaximumWidth(_FUNNEL_WIDTHS[1])
        self.funnel.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # names come, and change
        self.by.setAccessibleName("Breakdown")
        self.by.setToolTip("Compare builds, levels or input methods: what was told with the first step")
        for by, words in BY_WORDS.items():
            self.by.addItem(words, by)
        self.edit.setCheckable(True)
        self.edit.setToolTip("Add, remove, order and rename steps, and choose how they are counted")
        self.save.setToolTip("Keep this funnel by a name, or rename the kept one")
        self.delete.setProperty("role", "quiet")
        self.delete.setIcon(icon("trash", colors.tokens.dim, disabled=colors.tokens.faint))
        self.delete.setAccessibleName("Delete the funnel")
        self.delete.setToolTip("Delete this funnel; events stay")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        for part in (self.application, self.funnel, self.edit, self.save, self.delete):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.by)

    def show_applications(self, applications: Sequence[Application]) -> None:
        """Offer these; one alone needs no choice."""
        with QSignalBlocker(self.application):
            self.application.clear()
            for application in applications:
                self.application.addItem(visible(application.name, 40), application.app_id)
        self.application.setVisible(len(applications) > 1)

    def select_application(self, app_id: str) -> None:
        self.application.setCurrentIndex(self.application.findData(app_id))

    def show_funnels(self, funnels: Sequence[Funnel], chosen: Funnel | None, *, edited: bool) -> None:
        """Offer the funnels that are kept, and say whether the shown one was changed since."""
        name = chosen.name if chosen else _AS_FOUND
        wanted = [(_AS_FOUND, None), *((visible(funnel.name, 60), funnel.funnel_id) for funnel in funnels)]
        shown_id = chosen.funnel_id if chosen else None
        wanted = [(f"Edited · {words}" if edited and ident == shown_id else words, ident) for words, ident in wanted]
        shown = [(self.funnel.itemText(n), self.funnel.itemData(n)) for n in range(self.funnel.count())]
        if shown != wanted:
            with QSignalBlocker(self.funnel):
                self.funnel.clear()
                for words, ident in wanted:
                    self.funnel.addItem(words, ident)
        self.funnel.setCurrentIndex(next(n for n, (_, ident) in enumerate(wanted) if ident == shown_id))
        self.funnel.setAccessibleDescription(name)
        self.delete.setVisible(chosen is not None)
        self.save.setText("Save …" if edited or chosen is None else "Save as …")

    def set_usable(self, usable: bool) -> None:
        """Whether there is a funnel at all."""
        for part in (self.edit, self.save, self.by):
            part.setEnabled(usable)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
