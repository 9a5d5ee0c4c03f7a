"""The one time a secret key is readable."""

from PySide6.QtWidgets import QWidget

from console.messages import CreatedApplication, CreatedKey
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog, SecretField, plain_label

_ONCE = (
    "The secret key is shown this once: only its fingerprint is stored. Copy it now, and keep it out of your game. "
    "If it is lost, rotate it."
)
_PUBLIC = "The public key is meant to be built into your game. You find it here again at any time."


class CreatedDialog(Dialog):
    """New keys, copyable. Escape closes it only after the secret was copied or the person confirmed."""

    def __init__(
        self, parent: QWidget, title: str, text: str, fields: list[tuple[str, str]], context: ViewContext
    ) -> None:
        super().__init__(parent, title, text, width=640)
        self._context = context
        self.fields: dict[str, SecretField] = {}
        for name, value in fields:
            self.content.addWidget(plain_label(name, "dim"))
            self.fields[name] = SecretField(value, name, self._copied)
            self.content.addWidget(self.fields[name])
        self._unseen_secret = any(value.startswith("sk_") for _, value in fields)
        self._warned = False
        self.done_button = self.add_button("Done", self._leave, role="primary")
        if self._unseen_secret:
            self.fields[fields[-1][0]].button.setFocus()

    @classmethod
    def for_application(cls, parent: QWidget, created: CreatedApplication, context: ViewContext) -> "CreatedDialog":
        fields = [
            ("Application ID (app_id)", created.application.app_id),
            ("Public key", created.public_key),
            ("Secret key", created.secret_key),
        ]
        return cls(parent, f"{created.application.name} is ready", f"{_PUBLIC}\n\n{_ONCE}", fields, context)

    @classmethod
    def for_key(cls, parent: QWidget, created: CreatedKey, context: ViewContext) -> "CreatedDialog":
        secret = created.key.kind == "secret"
        name = "Secret key" if secret else "Public key"
        text = _ONCE if secret else _PUBLIC
        return cls(parent, f"New {created.key.kind} key", text, [(name, created.token)], context)

    def reject(self) -> None:
        self._leave()

    def _copied(self, name: str) -> None:
        if name == "Secret key":
            self._unseen_secret = False
        self._context.messages.say(f"{name} copied.", kind="good")

    def _leave(self) -> None:
        if self._unseen_secret and not self._warned:
            self._warned = True
            self.set_text(f"{_ONCE}\n\nIt was not copied yet. Choose Done again to close anyway.")
            self.text.setProperty("tone", "warning")
            self.text.style().polish(self.text)
            return
        self.accept()
