"""What the funnels view teaches while no game told of a step: how to send one, with the real address and key."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QTabBar, QWidget

from console.messages import Application
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.widgets.code_box import CodeBox
from console.ui.widgets.formatting import visible
from console.ui.widgets.snippets import LANGUAGES, snippet
from console.ui.widgets.teaching_page import lay_out_lesson

_CODE_HEIGHT = 360
_LEAD = (
    "A funnel shows how far players come: a tutorial, a level, a first purchase. Send an event with a funnel_step_name"
    " whenever a player reaches a step. The steps are then found, and put into the order in which players reach them."
)


class NoSteps(QScrollArea):
    """`demo_wanted()`; `events_wanted()`: put a funnel together from gameplay events, when there are some."""

    demo_wanted = Signal()
    events_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._application: Application | None = None
        self.title = plain_label("Waiting for the first funnel step", "title")
        self._languages = QTabBar()
        self._languages.setAccessibleName("Language of the example")
        self._languages.setDrawBase(False)
        for language in LANGUAGES:
            self._languages.addTab(language)
        self._languages.currentChanged.connect(lambda _index: self._fill())
        self.code = CodeBox("Code that sends a funnel step", height=_CODE_HEIGHT)
        copy = QPushButton("Copy")
        copy.setProperty("role", "primary")
        copy.clicked.connect(self.code.copy_all)
        demo = QPushButton("Start demo playtest")
        demo.setToolTip("Simulated players walk the sample level and reach its steps")
        demo.clicked.connect(self.demo_wanted)
        self.from_events = QPushButton("Use gameplay events")
        self.from_events.setToolTip("Put a funnel together from the gameplay events that were recorded")
        self.from_events.clicked.connect(self.events_wanted)
        parts = (self.title, plain_label(_LEAD, "dim"), self._languages, self.code)
        lay_out_lesson(self, parts, (copy, demo, self.from_events))
        context.feed.connected.connect(lambda _hello: self._fill())
        self.show_application(None, has_events=False)

    def show_application(self, application: Application | None, *, has_events: bool) -> None:
        """Whose step is waited for, and whose key the code carries."""
        self._application = application
        name = f" of {visible(application.name, 60)}" if application else ""
        self.title.setText(f"Waiting for the first funnel step{name}")
        self.from_events.setVisible(has_events)
        self._fill()

    def _fill(self) -> None:
        application, status = self._application, self._context.feed.status
        token = application.public_token if application else ""
        url = status.telemetry_urls[0] if status is not None and status.telemetry_urls else ""
        app_id = application.app_id if application else ""
        text = (
            "" if not url else snippet(LANGUAGES[self._languages.currentIndex()], url=url, token=token, app_id=app_id)
        )
        text = text.replace("event_name", "funnel_step_name").replace("Hello_Console", "Tutorial_Finished")
        if text != self.code.toPlainText():
            self.code.setPlainText(text)
