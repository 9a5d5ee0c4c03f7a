"""What editing a flag and editing a segment have in common: drafts, saving, conflicts."""

import time
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from console.client import ConsoleRefused
from console.players.definitions import Flag, Segment
from console.ui.context import ViewContext
from console.ui.dialogs import ask
from console.ui.flags.definition_store import DefinitionStore
from console.ui.flags.edit_header import EditHeader
from console.ui.widgets.formatting import ago, visible
from console.ui.widgets.value_field import DraftProblem

T = TypeVar("T", Flag, Segment)
NEW = ""


@dataclass
class Draft(Generic[T]):
    """What a person made of version `base`; None: it is new."""

    value: T
    base: int | None


class DefinitionPage(QWidget, Generic[T]):
    """One definition is shown at a time; the drafts of others wait until they are shown again.

    `edited_changed` when another set of keys has unsaved changes; `gone_to(key)` when the page itself went to another
    definition: one that was just made, or none.
    """

    edited_changed = Signal()
    gone_to = Signal(str)

    what = ""

    def __init__(self, context: ViewContext, store: DefinitionStore, *extra: QWidget) -> None:
        super().__init__()
        self._context = context
        self._store = store
        self._drafts: dict[str, Draft[T]] = {}
        self._key: str | None = None
        self._shown: T | None = None
        self._saving = False
        self.header = EditHeader(context.theme, *extra)
        self.header.save_wanted.connect(self.save)
        self.header.revert_wanted.connect(self.revert)
        self.header.delete_wanted.connect(self.delete)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(f"Parts of the {self.what}")
        self.pages = QStackedWidget()
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        QShortcut(QKeySequence.StandardKey.Save, self).activated.connect(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.tabs)
        layout.addWidget(self.pages, 1)
        store.changed.connect(self._store_changed)
        store.application_changed.connect(lambda _app_id: self._forget())

    # what each kind of definition knows

    def saved(self, key: str) -> T | None:
        """The definition as the server has it."""
        raise NotImplementedError

    def key_of(self, value: T) -> str:
        raise NotImplementedError

    def typed(self) -> T:
        """The form's content. Raises DraftProblem."""
        raise NotImplementedError

    def show_form(self, value: T, *, new: bool) -> None:
        raise NotImplementedError

    def mark(self, problem: DraftProblem) -> None:
        raise NotImplementedError

    def mark_path(self, path: str, text: str) -> bool:
        """Show a refusal at the field. False when the path leads to none."""
        raise NotImplementedError

    async def send(self, value: T, replaces: int | None) -> T:
        raise NotImplementedError

    async def send_delete(self, key: str) -> None:
        raise NotImplementedError

    def value_changed(self, value: T | None) -> None:
        """What is in the form now; None while it is nothing that could be sent."""

    # what people do

    @property
    def key(self) -> str | None:
        """The shown definition; NEW for one that is not saved yet, None for none."""
        return self._key

    @property
    def edited(self) -> set[str]:
        """Definitions with changes that are not saved."""
        return set(self._drafts)

    def add_tab(self, title: str, page: QWidget) -> None:
        self.tabs.addTab(title)
        self.pages.addWidget(page)

    def show_tab(self, index: int) -> None:
        self.tabs.setCurrentIndex(index)

    def show_key(self, key: str) -> None:
        """Show a definition, as a person left it."""
        draft, saved = self._drafts.get(key), self.saved(key)
        value = draft.value if draft is not None else saved
        if value is None:
            self.show_nothing()
            return
        self._key, self._shown = key, value
        self.header.notice.say("")
        self.show_form(value, new=draft is not None and draft.base is None)
        self._show_state()
        self.value_changed(value)

    def show_new(self, value: T) -> None:
        """Start a new one; one that was begun before is gone on with."""
        if NEW not in self._drafts:
            self._drafts[NEW] = Draft(value, None)
            self.edited_changed.emit()
        self.show_tab(0)
        self.show_key(NEW)

    def show_nothing(self) -> None:
        self._key = self._shown = None
        self._show_state()

    def save(self) -> None:
        """Send what is typed; what is wrong is shown at its field."""
        draft = self._drafts.get(self._key) if self._key is not None else None
        if draft is None or self._saving:
            return
        try:
            value = self.typed()
        except DraftProblem as problem:
            self.show_tab(0)
            self.mark(problem)
            return
        self._saving = True
        self._show_state()
        assert self._key is not None
        self._context.tasks.start(
            self._save(self._key, value, draft.base), f"Saving the {self.what}", on_error=self._refused
        )

    def revert(self) -> None:
        """Forget the changes."""
        if self._key is not None:
            self._drop(self._key)
            if self._key == NEW:
                self.gone_to.emit(NEW)
            else:
                self.show_key(self._key)

    def delete(self) -> None:
        key = self._key
        if key:
            ask(
                self.window(),
                f"Delete the {self.what} {visible(key, 60)}?",
                self.delete_words(key),
                [("Delete", lambda: self._start_delete(key), "danger")],
            )

    def delete_words(self, key: str) -> str:
        """What deleting it means."""
        raise NotImplementedError

    # ----------------------------------------------------------------------------------------------------------------

    def _form_changed(self) -> None:
        """A person edited the form."""
        if self._key is None:
            return
        saved, draft = self.saved(self._key), self._drafts.get(self._key)
        base = draft.base if draft is not None else None if saved is None else saved.version
        try:
            value = self.typed()
        except DraftProblem:
            value = None
        before = self.edited
        if value is not None and value == saved:
            self._drafts.pop(self._key, None)
        else:
            kept = value or (draft.value if draft is not None else saved)
            assert kept is not None
            self._drafts[self._key] = Draft(kept, base)
        if value is not None:
            self._shown = value
        self._show_state()
        self.value_changed(value)
        if self.edited != before:
            self.edited_changed.emit()

    def _store_changed(self) -> None:
        if self._key is None:
            return
        draft, saved = self._drafts.get(self._key), self.saved(self._key)
        if draft is None:
            if saved is None:
                self.gone_to.emit(NEW)
            elif saved != self._shown:
                self.show_key(self._key)
            else:
                self._show_state()
        elif draft.base is not None and (saved is None or saved.version != draft.base):
            self._show_conflict(saved)

    def _show_conflict(self, saved: T | None) -> None:
        if saved is None:
            self.header.notice.say(
                f"Somebody deleted this {self.what} meanwhile. What you changed is still here.",
                ("Discard mine", self._discard),
                ("Create it again", lambda: self._rebase(None)),
            )
            return
        self.header.notice.say(
            f"Somebody else changed this {self.what} meanwhile: it is version {saved.version} now.",
            ("Show theirs", self._discard),
            ("Keep mine", lambda: self._rebase(saved.version)),
            tone="warning",
        )

    def _discard(self) -> None:
        if self._key is not None:
            self._drop(self._key)
            if self.saved(self._key) is None:
                self.gone_to.emit(NEW)
            else:
                self.show_key(self._key)

    def _rebase(self, version: int | None) -> None:
        """Save over what somebody else made, knowingly."""
        if self._key is not None:
            self._drafts[self._key].base = version
            self.header.notice.say("")
            self.save()

    async def _save(self, key: str, value: T, replaces: int | None) -> None:
        saved = await self.send(value, replaces)
        self._saving = False
        shown = self._key == key
        if shown:
            self._key = self.key_of(saved)  # what was new has a key by now
        self._drop(key)
        self._store.put(saved)
        if shown:
            self.header.notice.say("")
            self.gone_to.emit(self.key_of(saved))
        self._context.messages.say(f"The {self.what} {visible(self.key_of(saved), 60)} is saved.", kind="good")
        await self._store.load()

    def _refused(self, error: Exception) -> None:
        self._saving = False
        self._show_state()
        refusal = error.error if isinstance(error, ConsoleRefused) else None
        if refusal is not None and refusal.code == "changed_meanwhile":
            self._store.refresh()
            return
        self.show_tab(0)
        if refusal is None or not self.mark_path(refusal.path, str(error)):
            self.header.notice.say(str(error))

    def _start_delete(self, key: str) -> None:
        self._context.tasks.start(
            self._delete(key),
            f"Deleting the {self.what}",
            on_error=lambda error: self.header.notice.say(str(error)),
        )

    async def _delete(self, key: str) -> None:
        await self.send_delete(key)
        self._drop(key)
        await self._store.load()

    def _drop(self, key: str) -> None:
        if self._drafts.pop(key, None) is not None:
            self.edited_changed.emit()

    def _forget(self) -> None:
        self._drafts.clear()
        self.show_nothing()
        self.edited_changed.emit()

    def _show_state(self) -> None:
        if self._key is None or self._shown is None:
            return
        draft, saved = self._drafts.get(self._key), self.saved(self._key)
        self.header.title.setText(visible(self._key, 60) or f"New {self.what}")
        if saved is not None:
            age = ago(saved.updated_at_us, time.time_ns() // 1000)
            self.header.about.setText(f"Version {saved.version}, changed {age}" + (" · not saved" if draft else ""))
        else:
            self.header.about.setText("Not saved yet")
        self.header.show_state(
            edited=draft is not None, new=draft is not None and draft.base is None, saving=self._saving
        )
