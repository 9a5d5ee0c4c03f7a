"""The menu at the filter's left end: filters that were used, those kept, and examples of the language."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu, QWidget

from console.telemetry.filters import Scope, fields
from console.ui.widgets.filter_memory import FilterMemory
from console.ui.widgets.formatting import visible

_TEXT_CHARS: Final = 60
_RECENT_SHOWN: Final = 10
_EXAMPLES: Final[dict[Scope, tuple[str, ...]]] = {
    "events": (
        "event:Player_*",
        "fps.low_1:<30",
        "-is:late",
        "time:>now-5m",
        'level:"Level 1" (kind:funnel OR kind:gameplay)',
    ),
    "requests": ("status:>=400", "took:>50", "bytes:>100000", "route:*/events", "time:>now-5m -status:200"),
}


def filter_menu(memory: FilterMemory, scope: Scope, text: str, use: Callable[[str], object], parent: QWidget) -> QMenu:
    """A menu for a filter's `text`; `use` puts another in its place. It is made anew each time it is opened."""
    menu = QMenu(parent)
    text = text.strip()
    saved = memory.saved
    if text:
        keep, what = (memory.forget, "Forget") if text in saved else (memory.save, "Save")
        menu.addAction(f"{what} this filter").triggered.connect(partial(_act, keep, text))
    _add_texts(menu, "Saved", saved, use)
    recent = [one for one in memory.recent if one != text][:_RECENT_SHOWN]
    _add_texts(menu, "Recent", recent, use)
    if recent:
        menu.addAction("Forget the recent ones").triggered.connect(memory.forget_recent)
    menu.addSeparator()
    _add_texts(menu.addMenu("Examples"), "", _EXAMPLES[scope], use)
    known = menu.addMenu("Fields")
    known.setToolTipsVisible(True)
    for field in fields(scope):
        action = known.addAction(f"{field.name}\t{field.about}")
        action.setToolTip(field.example)
        action.triggered.connect(partial(_act, use, f"{text} {field.example}".strip()))
    return menu


def _add_texts(menu: QMenu, title: str, texts: Sequence[str], use: Callable[[str], object]) -> None:
    if not texts:
        return
    if title:
        menu.addSeparator()
        menu.addAction(title).setEnabled(False)
    for text in texts:
        action = menu.addAction(visible(text, _TEXT_CHARS).replace("&", "&&"))
        action.triggered.connect(partial(_act, use, text))


def _act(act: Callable[[str], object], text: str, _checked: bool = False) -> None:
    act(text)
