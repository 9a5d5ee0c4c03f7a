"""A progress bar on a terminal, nothing elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from console.cli.output import is_terminal


class Progress(Protocol):
    """`total` None: not known."""

    def show(self, done: float, total: float | None) -> None: ...


class _Silent:
    def show(self, done: float, total: float | None) -> None:
        """Nobody watches."""


@contextmanager
def progress(title: str, unit: str) -> Iterator[Progress]:
    """On stderr, so that stdout stays for the answer."""
    if not is_terminal():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn(title),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=0)

        class Shown:
            def show(self, done: float, total: float | None) -> None:
                bar.update(task, completed=done, total=done if total is None else total)

        yield Shown()
