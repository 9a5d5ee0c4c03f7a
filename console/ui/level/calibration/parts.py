"""Headings, buttons and rows that the parts of the calibration's panel are made of."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget


def say(label: QLabel, words: str, tone: str) -> None:
    """Have a label say something in a tone; where there is nothing to say it takes no room."""
    label.setText(words)
    label.setVisible(bool(words))
    if label.property("tone") != tone:
        label.setProperty("tone", tone)
        label.style().polish(label)


def heading(words: str) -> QLabel:
    """Over a section."""
    label = QLabel(words.upper())
    label.setProperty("role", "heading")
    return label


def button(words: str, tip: str, role: str = "") -> QPushButton:
    """A button with a tip."""
    made = QPushButton(words)
    made.setToolTip(tip)
    if role:
        made.setProperty("role", role)
    return made


def in_a_row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets beside each other, from the left."""
    layout = QHBoxLayout()
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return layout
