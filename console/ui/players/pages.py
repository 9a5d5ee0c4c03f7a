"""Rows that come page by page as they are looked at: a hundred thousand players cost no more than a screen. Pure."""

from collections import OrderedDict
from collections.abc import Sequence

from console.messages.players import PlayerRow

PAGE_ROWS = 200
KEPT_PAGES = 40


class PlayerPages:
    """The loaded pages of one question, which `total` rows match. An old page is shown until it is replaced."""

    def __init__(self, page_rows: int = PAGE_ROWS, kept: int = KEPT_PAGES) -> None:
        self.page_rows = page_rows
        self.total = 0
        self._kept = kept
        self._pages: OrderedDict[int, Sequence[PlayerRow]] = OrderedDict()
        self._old: set[int] = set()

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, row: int) -> PlayerRow | None:
        """None where the page is not loaded."""
        number, index = divmod(row, self.page_rows)
        page = self._pages.get(number)
        return page[index] if page is not None and index < len(page) else None

    def find(self, player_id: str) -> int | None:
        """The row of a player on a loaded page."""
        for number, page in self._pages.items():
            for index, row in enumerate(page):
                if row.player_id == player_id:
                    return number * self.page_rows + index
        return None

    def missing(self, first: int, last: int) -> list[int]:
        """The pages to ask for so that these rows can be shown as they are, the nearest to `first` first."""
        numbers = range(max(first, 0) // self.page_rows, max(last, 0) // self.page_rows + 1)
        for number in numbers:  # what is in sight is dropped last
            if number in self._pages:
                self._pages.move_to_end(number)
        return [number for number in numbers if number not in self._pages or number in self._old]

    def put(self, number: int, rows: Sequence[PlayerRow], total: int) -> None:
        """Take in a page. Pages far from what is looked at are dropped over the bound."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        self._old.discard(number)
        self.total = total
        pages = -(-total // self.page_rows)
        for gone in [other for other in self._pages if other >= pages and other > 0]:
            self._drop(gone)
        while len(self._pages) > self._kept:
            self._drop(next(iter(self._pages)))

    def expire(self) -> None:
        """Everything may have changed: ask again before relying on it."""
        self._old = set(self._pages)

    def clear(self) -> None:
        """Another question: nothing of this one holds."""
        self._pages.clear()
        self._old.clear()
        self.total = 0

    def _drop(self, number: int) -> None:
        del self._pages[number]
        self._old.discard(number)
