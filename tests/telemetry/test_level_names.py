import pytest

from console.telemetry.level_names import plain_level_name, same_level


@pytest.mark.parametrize(
    "name",
    [
        "oa_minia",
        "OA Minia",
        " oa-minia ",
        "/Game/Maps/OA_Minia",
        "/Game/Maps/OA_Minia.OA_Minia",
        "/Game/Maps/UEDPIE_0_OA_Minia",
        "Assets/Scenes/oa minia.unity",
        "maps\\oa_minia.bsp",
        "oa_minia.glb",
    ],
)
def test_one_level_in_the_ways_of_its_engines(name: str) -> None:
    assert plain_level_name(name) == "oaminia"


def test_names_that_only_resemble_each_other_are_not_one() -> None:
    assert plain_level_name("Level 1") != plain_level_name("Level 11")
    assert plain_level_name("v1.2") == "v12"
    assert plain_level_name("//") == plain_level_name("") == ""


def test_only_what_is_certain_is_suggested() -> None:
    assert same_level("OA Minia", ["q3dm6", "oa_minia"]) == "oa_minia"
    assert same_level("oa_minia", ["oa_minia"]) is None, "it has its own name already"
    assert same_level("OA Minia", ["oa_minia", "oa-minia"]) is None, "either may be meant"
    assert same_level("...", ["---"]) is None
