"""Where the files that ship beside the code are."""

from pathlib import Path


def resource(name: str) -> Path:
    """Path of a file under `resources/`, in a checkout and in an installed wheel alike."""
    package = Path(__file__).resolve().parent
    installed = package / "_resources" / name
    return installed if installed.exists() else package.parent / "resources" / name
