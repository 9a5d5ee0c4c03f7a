"""One segment: its conditions, who meets them now, and its history."""

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QWidget

from console.messages.players import SaveSegment
from console.players.definitions import Segment
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.flags.condition_editor import EMPTY, ConditionEditor
from console.ui.flags.definition_page import NEW, DefinitionPage
from console.ui.flags.definition_store import DefinitionStore
from console.ui.flags.history_panel import HistoryPanel
from console.ui.flags.members_panel import MembersPanel
from console.ui.flags.parts import Problems, Section, bring_into_sight, column_of, labelled, order_tabs, take_out
from console.ui.flags.paths import steps_of
from console.ui.widgets.formatting import plural, visible
from console.ui.widgets.value_field import DraftProblem

_HISTORY = 1


class SegmentPage(DefinitionPage[Segment]):
    """`flag_wanted(key)` for a flag that uses the segment, `player_wanted(player_id)` for a member."""

    what = "segment"
    player_wanted = Signal(str)
    flag_wanted = Signal(str)

    def __init__(self, context: ViewContext, store: DefinitionStore) -> None:
        super().__init__(context, store)
        self._segment = Segment(segment_id="", name="", conditions=EMPTY)
        self.problems = Problems(self)
        self.segment_id = QLineEdit()
        self.segment_id.setProperty("role", "mono")
        self.segment_id.setPlaceholderText("beta-testers")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Beta testers")
        self.description = QLineEdit()
        self.description.setPlaceholderText("Who they are, and what for")
        self.conditions = ConditionEditor(context.theme, "Players who meet these conditions")
        self.members = MembersPanel(context)
        self.members.player_wanted.connect(self.player_wanted)
        self.members.refused.connect(self._members_refused)
        self.history = HistoryPanel(context)
        self._users = QHBoxLayout()
        self._users.setSpacing(12)
        self.add_tab("Definition", self._make_form())
        self.add_tab("History", self.history)
        for line in (self.segment_id, self.name, self.description):
            line.textEdited.connect(lambda _text: self._edited())
        self.conditions.changed.connect(self._edited)

    def new_segment(self) -> None:
        """Start a new segment."""
        self.show_new(Segment(segment_id="", name="", conditions=EMPTY))
        self.segment_id.setFocus()

    # the page's kind

    def saved(self, key: str) -> Segment | None:
        return self._store.segment(key)

    def key_of(self, value: Segment) -> str:
        return value.segment_id

    def typed(self) -> Segment:
        return replace(
            self._segment,
            segment_id=self.segment_id.text().strip(),
            name=self.name.text().strip(),
            description=self.description.text().strip(),
            conditions=self.conditions.conditions(),
        )

    def show_form(self, value: Segment, *, new: bool) -> None:
        self.problems.clear()
        self._segment = value
        self.conditions.set_attributes(self._store.attributes)
        with QSignalBlocker(self.conditions):
            self.segment_id.setText(value.segment_id)
            self._id_row.setVisible(new)
            self.name.setText(value.name)
            self.description.setText(value.description)
            self.conditions.show_conditions(value.conditions)
        self.tabs.setTabVisible(_HISTORY, not new)
        if not new:
            self.history.set_subject(self._store.app_id, value.segment_id)
        self._show_users()

    def mark(self, problem: DraftProblem) -> None:
        self._mark(problem.widget, str(problem))

    def mark_path(self, path: str, text: str) -> bool:
        return self._mark(self._widget_at(path), text)

    async def send(self, value: Segment, replaces: int | None) -> Segment:
        return await self._context.client.save_segment(
            self._store.app_id, SaveSegment(segment=value, replaces=replaces)
        )

    async def send_delete(self, key: str) -> None:
        await self._context.client.delete_segment(self._store.app_id, key)

    def delete_words(self, key: str) -> str:
        users = self._store.users_of(key)
        if users:
            names = ", ".join(flag.key for flag in users[:5])
            return f"{plural(len(users), 'flag')} use it ({visible(names, 120)}): take it out of their rules first."
        return "No flag uses it. Programs that ask for it are told that there is no such segment."

    def value_changed(self, value: Segment | None) -> None:
        self.members.set_conditions(self._store.app_id, None if value is None else value.conditions)

    # ----------------------------------------------------------------------------------------------------------------

    def _edited(self) -> None:
        self.problems.clear()
        self._form_changed()
        # Conditions come and go.
        QTimer.singleShot(0, self, lambda: order_tabs([self.description, self.conditions, self.members]))

    def _store_changed(self) -> None:
        self.conditions.set_attributes(self._store.attributes)
        super()._store_changed()
        if self._key:
            self.history.refresh()
            self._show_users()

    def _members_refused(self, path: str, text: str) -> None:
        """While a person still types, the field is marked and the cursor stays."""
        widget = self._widget_at(path)
        if widget is None or not self.problems.show(widget, text, focus=False):
            self.members.note.setText(text)

    def _mark(self, widget: QWidget | None, text: str) -> bool:
        if widget is None or not self.problems.show(widget, text):
            return False
        bring_into_sight(self._scroll, widget, self.problems.sentence)
        return True

    def _widget_at(self, path: str) -> QWidget | None:
        match steps_of(path):
            case ("conditions", *rest):
                return self.conditions.widget_at(tuple(rest))
            case ("segment_id", *_):
                return self.segment_id if self._key == NEW else None
            case (str(name), *_):
                return {"name": self.name, "description": self.description}.get(name)
        return None

    def _show_users(self) -> None:
        while (item := self._users.itemAt(0)) is not None:
            widget = item.widget()
            if widget is None:
                self._users.removeItem(item)
            else:
                take_out(self._users, widget)
        users = self._store.users_of(self._segment.segment_id) if self._segment.segment_id else []
        for flag in users[:20]:
            button = QPushButton(visible(flag.key, 40))
            button.setProperty("role", "link")
            button.clicked.connect(lambda _checked=False, key=flag.key: self.flag_wanted.emit(key))
            self._users.addWidget(button)
        if not users:
            self._users.addWidget(plain_label("No flag uses this segment yet.", "dim"), 1)
        else:
            self._users.addStretch(1)

    def _make_form(self) -> QWidget:
        page = QWidget()
        column = column_of(page)
        about = Section("Segment")
        self._id_row = QWidget()
        row = labelled("Id", self.segment_id)
        row.setContentsMargins(0, 0, 0, 0)
        self._id_row.setLayout(row)
        about.content.addWidget(self._id_row)
        about.content.addLayout(labelled("Name", self.name))
        about.content.addLayout(labelled("Description", self.description))
        used = Section("Used by")
        used.content.addLayout(self._users)
        for section in (about, self.conditions, self.members, used):
            column.addWidget(section)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return self._scroll
