"""Promises of the project's own files."""

import gc
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_the_lock_pins_every_dependency_with_hashes_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pinned = {match.lower() for match in re.findall(r"^([A-Za-z0-9._-]+)==\S+.*\\$", lock, flags=re.MULTILINE)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=~!; \[]", line, maxsplit=1)[0].lower().replace("_", "-") for line in declared}
    assert names <= pinned


def test_the_lock_keeps_qt_below_the_release_that_aborts() -> None:
    version = re.search(r"^pyside6-essentials==(\d+)\.(\d+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert version is not None
    assert (6, 9) <= (int(version[1]), int(version[2])) < (6, 12)


def test_the_architecture_page_names_every_module() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    modules = {path.name for path in (ROOT / "console").rglob("*.py") if path.name != "__init__.py"}
    missing = sorted(name for name in modules if name not in page)
    assert missing == []


def test_every_folder_of_resources_ships() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    shipped = {Path(source) for source in wheel["force-include"]}
    folders = {path.relative_to(ROOT) for path in (ROOT / "resources").iterdir() if path.is_dir()}
    assert shipped == folders - {Path("resources/__pycache__")}, "bytecode comes and goes with the order of tests"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and False are immortal from Python 3.12 on")
def test_signals_do_not_lose_references_to_none_and_false() -> None:
    """PySide6 6.12.0 on Python 3.11 drops one reference each emit, and aborts after about 2,000."""
    script = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Sender(QObject):
    sent = Signal(object, bool)

app = QCoreApplication([])
sender = Sender()
sender.sent.connect(lambda value, flag: None)
before = sys.getrefcount(None), sys.getrefcount(False)
for _ in range(5000):
    sender.sent.emit(None, False)
print(min(sys.getrefcount(None) - before[0], sys.getrefcount(False) - before[1]))
"""
    gc.collect()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert int(done.stdout) > -500


def test_every_painter_ends_however_painting_ends() -> None:
    """One that an exception leaves active on a widget ends the program as soon as Qt paints again."""
    made = [
        f"{path.name}:{number}"
        for path in (ROOT / "console").rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\bQPainter\(", line) and not re.match(r" *with QPainter\(", line)
    ]
    assert made == []


def test_no_row_is_selected_by_asking_the_keyboard() -> None:
    """Qt's own `selectRow` does: with Shift held it may select nothing. `ui.widgets.selecting` does not."""
    asking = [
        f"{path.name}:{number}"
        for path in (ROOT / "console").rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\.select(Row|Column)\(", line)
    ]
    assert asking == []
