"""A file that tells how much of it was read: how far an upload is."""

import io
from collections.abc import Callable
from pathlib import Path


class CountedFile(io.BufferedReader):
    """Reads as any file does. `read_so_far` is told how many bytes were read, on whatever thread reads."""

    def __init__(self, path: Path, read_so_far: Callable[[int], None]) -> None:
        """Raises OSError."""
        super().__init__(io.FileIO(path))
        self._read_so_far = read_so_far

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self._read_so_far(self.tell())
        return content
