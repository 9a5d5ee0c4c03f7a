"""One request as HTTP: who sent what, and exactly what was answered."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from console.messages import RequestDetail
from console.ui.style import heading_font, mono_font
from console.ui.theme import SPACING
from console.ui.widgets.formatting import byte_size, exact_time, status_meaning, visible, visible_lines
from console.ui.widgets.inspection import header_lines, response_text
from console.ui.widgets.problems_panel import wrapped_label


class RequestPanel(QScrollArea):
    """Facts, headers with their keys redacted, and the answer. Every value can be selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("The HTTP request and its answer")

    def show_detail(self, detail: RequestDetail) -> None:
        """Show a request; the former one's labels go with their page."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACING[2], SPACING[2], SPACING[2], SPACING[2])
        layout.setSpacing(SPACING[1])
        layout.addWidget(_heading("Request"))
        layout.addLayout(_form(_facts(detail)))
        layout.addSpacing(SPACING[1])
        layout.addWidget(_heading("Headers"))
        headers = header_lines(detail.headers)
        layout.addLayout(_form(headers or [("", "none were kept")]))
        layout.addSpacing(SPACING[1])
        layout.addWidget(_heading("Answer"))
        answer = wrapped_label("The exact answer")
        answer.setFont(mono_font())
        answer.setText(visible_lines(response_text(detail.response)) or "empty")
        layout.addWidget(answer)
        layout.addStretch(1)
        self.setWidget(page)
        page.setAutoFillBackground(False)  # the scroll area would paint it in another ground

    @property
    def texts(self) -> list[str]:
        """Everything that is said, label by label."""
        return [label.text() for label in self.findChildren(QLabel)]


def _facts(detail: RequestDetail) -> list[tuple[str, str]]:
    row = detail.row
    took = "not recorded" if row.took_us is None else f"{row.took_us:,} µs"
    size = byte_size(row.bytes) if row.bytes < 1000 else f"{byte_size(row.bytes)} ({row.bytes:,} bytes)"
    if detail.wire_bytes != row.bytes:
        size += f", {detail.wire_bytes:,} on the wire"
    facts = [
        ("Request", visible(f"{row.method} {row.route}")),
        ("Status", status_meaning(row.status)),
        ("Injected", visible(row.injected)),
        ("Received", exact_time(row.received_at_us)),
        ("Events", f"{row.events:,}"),
        ("Body", size),
        ("Took", took),
        ("From", visible(row.peer)),
        ("Client", visible(row.client)),
        ("Key", visible(row.key_label)),
        ("Application", visible(row.app_id)),
        ("Request id", str(row.request_id)),
    ]
    if detail.first_seq is not None:
        facts.append(("First event", f"seq {detail.first_seq}"))
    return [(name, value) for name, value in facts if value]


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setFont(heading_font())
    return label


def _form(lines: list[tuple[str, str]]) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(SPACING[2])
    form.setVerticalSpacing(2)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    for name, value in lines:
        title = QLabel(name)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setProperty("role", "dim")
        text = wrapped_label(name)
        text.setFont(mono_font())
        text.setText(value)
        form.addRow(title, text)
    return form
