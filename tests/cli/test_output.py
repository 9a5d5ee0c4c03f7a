import pytest

from console.cli.output import local_time, plain, print_table, size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (84e9, "84.0 GB"),
    ],
)
def test_sizes_are_shortened(count: float, text: str) -> None:
    assert size(int(count)) == text


def test_text_from_others_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[2Jb\nc") == "a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}c"
    assert plain("Überall ✓") == "Überall ✓"


def test_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["NAME", "KEY"], [["a", "pk"], ["longer\x07", ""]])
    assert capsys.readouterr().out.splitlines() == ["NAME     KEY", "a        pk", "longer\N{REPLACEMENT CHARACTER}"]


def test_no_time_is_never() -> None:
    assert local_time(None) == "never"
    assert len(local_time(1_770_000_000_000_000)) == len("2026-02-02 02:40:00")
