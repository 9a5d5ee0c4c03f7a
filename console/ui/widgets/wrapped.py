"""A label of words that wrap, as high as they need."""

from PySide6.QtWidgets import QLabel


def fit_height(label: QLabel, width: int, *, least: int = 0) -> None:
    """Fix a label's height to what its words need in a width, both in pixels.

    The height it was fixed to before is taken away first: Qt would count it as needed, and no label would ever shrink.
    """
    label.setMinimumHeight(0)
    label.setFixedHeight(max(least, label.heightForWidth(width)))
