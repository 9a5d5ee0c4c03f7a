"""How the suite is divided among processes."""

from tests.workers import place_in_line, work_unit


def test_a_file_stays_together_and_so_do_windows_on_one_screen() -> None:
    ids = ["tests/ui/test_a.py::test_b[x::y]", "tests/e2e/test_window.py::test_c", "tests/server/test_d.py::test_e"]
    assert [work_unit(each, one_screen=False) for each in ids] == [each.partition("::")[0] for each in ids]
    assert [work_unit(each, one_screen=True) for each in ids] == ["screen", "screen", "tests/server/test_d.py"]


def test_the_long_ones_begin() -> None:
    files = ["tests/telemetry/test_a.py", "tests/server/test_b.py", "tests/ui/test_c.py", "tests/e2e/test_d.py"]
    assert sorted(files, key=place_in_line) == files[::-1]
