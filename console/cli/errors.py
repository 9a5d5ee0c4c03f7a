"""How a command says that it could not do what was asked."""

FAILED = 1
MISUSED = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class CommandFailed(Exception):
    """The text is one line for people, told on stderr; `status` is the exit status."""

    def __init__(self, text: str, status: int = FAILED) -> None:
        super().__init__(text)
        self.status = status
