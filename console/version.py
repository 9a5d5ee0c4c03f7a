"""Which version of the program this is."""


def program_version() -> str:
    """The installed version; "0+unknown" when run from files that were never installed."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and seldom needed

    try:
        return version("playtest-console")
    except PackageNotFoundError:
        return "0+unknown"
