"""The menu at the filter's left end: filters that were used, those kept, and examples of the language."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QMenu, QWidget

from console.telemetry.filters import Scope, fields
from console.ui.widgets.filter_memory import MAX_NAME_CHARS, FilterMemory
from console.ui.widgets.formatting import visible
from console.ui.widgets.text_dialog import TextDialog

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
    menu.setToolTipsVisible(True)
    text = text.strip()
    saved = memory.saved
    if text:
        kept = next((one for one in saved if one.text == text), None)
        menu.addAction("Save this filter …" if kept is None else "Rename this filter …").triggered.connect(
            partial(_ask_name, memory, text, "" if kept is None else kept.name, parent)
        )
        if kept is not None:
            menu.addAction("Forget this filter").triggered.connect(partial(_act, memory.forget, text))
    _add_texts(menu, "Saved", [(one.name or one.text, one.text) for one in saved], use)
    recent = [one for one in memory.recent if one != text][:_RECENT_SHOWN]
    _add_texts(menu, "Recent", [(one, one) for one in recent], use)
    if recent:
        menu.addAction("Forget the recent ones").triggered.connect(memory.forget_recent)
    menu.addSeparator()
    _add_texts(menu.addMenu("Examples"), "", [(one, one) for one in _EXAMPLES[scope]], use)
    known = menu.addMenu("Fields")
    known.setToolTipsVisible(True)
    for field in fields(scope):
        action = known.addAction(f"{field.name}\t{field.about}")
        action.setToolTip(field.example)
        action.triggered.connect(partial(_act, use, f"{text} {field.example}".strip()))
    return menu


def _ask_name(memory: FilterMemory, text: str, name: str, parent: QWidget, _checked: bool = False) -> None:
    about = "Kept under a name, or under its own text where you give none."
    title = "Rename filter" if name else "Save filter"
    dialog = TextDialog(parent.window(), title, about, "Name", name, "Save", partial(memory.save, text))
    dialog.field.setMaxLength(MAX_NAME_CHARS)
    dialog.field.setPlaceholderText(visible(text, _TEXT_CHARS))
    dialog.open()


def _add_texts(menu: QMenu, title: str, filters: Sequence[tuple[str, str]], use: Callable[[str], object]) -> None:
    """Filters by what they are called: a name, or their own text."""
    if not filters:
        return
    if title:
        menu.addSeparator()
        menu.addAction(title).setEnabled(False)
    for called, text in filters:
        action = menu.addAction(visible(called, _TEXT_CHARS).replace("&", "&&"))
        if called != text:
            action.setToolTip(visible(text))
        action.triggered.connect(partial(_act, use, text))


def _act(act: Callable[[str], object], text: str, _checked: bool = False) -> None:
    act(text)
