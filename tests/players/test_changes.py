from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from console.players import changes
from console.players.changes import apply, merge_patch, patch_between, session_bounds
from console.players.commands import (
    Recorded,
    RecordPurchase,
    RecordSession,
    Register,
    Update,
    decode_recorded,
    encode_recorded,
)
from console.players.profiles import DAY_US, Activity, Player, Profile
from console.players.values import InvalidValue

AT = 1_700_000_000_000_000
SECOND = 1_000_000
DAY = AT // DAY_US

BASE = Player(
    player_id="p",
    app_id="app",
    external_id="alice",
    attributes={"level": 3, "pet": {"name": "Rex"}},
    first_us=AT,
    last_us=AT,
    days=(DAY,),
)


def after(command: changes.PlayerCommand, player: Player | None = BASE, *, seq: int = 9, at_us: int = AT) -> Player:
    return apply(player, command, seq=seq, at_us=at_us, app_id="app")


def test_a_registration_makes_a_player() -> None:
    command = Register(
        player_id="p", external_id="alice", device_id="d", email="a@b", attributes={"level": 1, "no": None}
    )
    assert after(command, None) == Player(
        player_id="p",
        app_id="app",
        external_id="alice",
        device_id="d",
        email="a@b",
        attributes={"level": 1},
        first_us=AT,
        last_us=AT,
        days=(DAY,),
    )


def test_a_registration_merges_what_it_gives_and_leaves_the_rest() -> None:
    player = after(Register(player_id="p", device_id="d", attributes={"pet": {"age": 2}}), at_us=AT + SECOND)
    assert player == replace(
        BASE, device_id="d", attributes={"level": 3, "pet": {"name": "Rex", "age": 2}}, last_us=AT + SECOND
    )
    assert after(Register(player_id="p", email=UNSET), replace(BASE, email="a@b")).email == "a@b"
    assert after(Register(player_id="p", email=None), replace(BASE, email="a@b")).email is None


def test_an_update_is_a_merge_patch_and_no_sign_of_life() -> None:
    player = after(
        Update(player_id="p", device_id="d", email="a@b", attributes={"level": None, "pet": {"name": "Max"}}),
        at_us=AT + SECOND,
    )
    assert player == replace(BASE, device_id="d", email="a@b", attributes={"pet": {"name": "Max"}})
    bare = after(Update(player_id="p", device_id=None, email=None, attributes=None), player)
    assert (bare.device_id, bare.email, bare.attributes, bare.external_id) == (None, None, {}, "alice")
    assert after(Update(player_id="p")) == BASE
    assert after(Update(player_id="p", external_id="bob"), replace(BASE, external_id=None)).external_id == "bob"


def test_purchases_add_up() -> None:
    player = after(RecordPurchase(player_id="p", amount_minor=499), at_us=AT + SECOND)
    player = after(RecordPurchase(player_id="p", amount_minor=1), player, at_us=AT)
    assert player == replace(BASE, revenue_minor=500, purchases=2, last_purchase_us=AT + SECOND, last_us=AT + SECOND)


@pytest.mark.parametrize(
    ("started_us", "duration_secs", "expected"),
    [
        (AT - 60 * SECOND, None, (AT - 60 * SECOND, AT - 60 * SECOND)),
        (AT - 60 * SECOND, 20, (AT - 60 * SECOND, AT - 40 * SECOND)),
        (AT, 1.5, (AT - 1_500_000, AT)),
        (AT - 10 * SECOND, 60, (AT - 60 * SECOND, AT)),
        (AT + 10 * SECOND, 5, (AT - 5 * SECOND, AT)),
        (0, None, (AT, AT)),
    ],
)
def test_a_session_is_over_when_it_is_told_of(started_us: int, duration_secs: float | None, expected: tuple) -> None:
    command = RecordSession(player_id="p", session_id="s", started_us=started_us, duration_secs=duration_secs)
    assert session_bounds(command, AT) == expected
    player = after(command)
    assert (player.first_us, player.last_us) == (min(AT, expected[0]), max(AT, expected[1]))


def test_any_command_begins_a_player_who_is_not_there() -> None:
    for command in [
        Update(player_id="p", external_id="bob"),
        RecordSession(player_id="p", session_id="s", started_us=AT),
        RecordPurchase(player_id="p", amount_minor=1),
    ]:
        player = after(command, None)
        assert (player.player_id, player.app_id, player.first_us, player.last_us) == ("p", "app", AT, AT)


def test_a_player_of_telemetry_alone_is_adopted_with_the_external_id() -> None:
    known = Profile(player_id="p", app_id="app", external_id="alice", first_seen_us=AT - 5, last_seen_us=AT)
    adopted = after(changes.adoption(known), None)
    assert adopted == Player(player_id="p", app_id="app", external_id="alice", first_us=AT - 5, last_us=AT)
    later = after(Update(player_id="p", email="a@b"), adopted, at_us=AT + SECOND)
    assert later.last_us == AT  # nobody was seen: somebody wrote down an address
    assert after(RecordPurchase(player_id="p", amount_minor=1), adopted, at_us=AT + SECOND).last_us == AT + SECOND


def test_the_days_on_which_commands_saw_a_player() -> None:
    player = after(Register(player_id="p"), at_us=AT + 3 * DAY_US)
    player = after(RecordPurchase(player_id="p", amount_minor=1), player, at_us=AT + 3 * DAY_US)
    yesterday = RecordSession(player_id="p", session_id="s", started_us=AT + 2 * DAY_US, duration_secs=90_000)
    player = after(yesterday, player, at_us=AT + 4 * DAY_US)
    player = after(Update(player_id="p", attributes={"level": 4}), player, at_us=AT + 9 * DAY_US)
    assert player.days == (DAY, DAY + 2, DAY + 3)
    for day in range(changes.MAX_DAYS + 5):
        player = after(Register(player_id="p"), player, at_us=AT + day * DAY_US)
    assert player.days == tuple(range(DAY + 5, DAY + changes.MAX_DAYS + 5))


# merge patch (RFC 7396)

# The examples of the RFC's appendix A whose target and patch are objects.
RFC_EXAMPLES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC_EXAMPLES)
def test_merge_patch_is_the_standards(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


def objects(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    keys = st.sampled_from(["a", "b", "region", "hardware"])
    return st.dictionaries(
        keys, st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=6)
    )


whole = (
    st.booleans() | st.integers(0, 2) | st.floats(0, 2) | st.text(max_size=1) | st.lists(st.integers(0, 1), max_size=2)
)
patches = objects(whole | st.none())


@settings(deadline=None)
@given(objects(whole), objects(whole))
def test_a_patch_between_two_objects_turns_one_into_the_other(before: dict, wanted: dict) -> None:
    patched = merge_patch(before, patch_between(before, wanted))
    assert repr(sorted_deep(patched)) == repr(sorted_deep(wanted))
    assert patch_between(wanted, wanted) == {}


def sorted_deep(value: Any) -> Any:
    return {key: sorted_deep(value[key]) for key in sorted(value)} if isinstance(value, dict) else value


def test_a_patch_between_tells_one_from_true() -> None:
    assert patch_between({"a": [1, {"b": 1}]}, {"a": [1, {"b": True}]}) == {"a": [1, {"b": True}]}
    assert patch_between({"a": [1]}, {"a": [1, 2]}) == {"a": [1, 2]}


@settings(deadline=None)
@given(objects(whole), patches)
def test_merging_changes_neither_argument(target: dict, patch: dict) -> None:
    before = repr((target, patch))
    merge_patch(target, patch)
    assert repr((target, patch)) == before


# two halves


@settings(deadline=None)
@given(objects(whole), st.integers(1, 9), objects(whole), st.integers(1, 9), patches)
def test_a_patch_of_what_a_client_sees_gives_what_it_wants(
    own: dict, own_seq: int, told: dict, told_seq: int, patch: dict
) -> None:
    """Whichever half a shared attribute comes from: a merge patch of the visible attributes is what is visible next."""
    player = after(Register(player_id="p", attributes=own), None, seq=own_seq)
    shared = {name: told[name] for name in changes.SHARED_ATTRIBUTES if name in told}
    activity = Activity(first_us=AT, last_us=AT, attributes=shared, attribute_seqs=dict.fromkeys(shared, told_seq))
    visible = changes.joined_attributes(player, activity)
    resolved = changes.resolved_attributes(player, visible, patch)
    patched = after(Update(player_id="p", attributes=resolved), player, seq=10)
    wanted = sorted_deep(merge_patch(visible, patch))
    assert repr(sorted_deep(changes.joined_attributes(patched, activity))) == repr(wanted)


def test_of_a_shared_attribute_the_later_write_holds() -> None:
    activity = Activity(first_us=AT, last_us=AT, attributes={"region": "EU"}, attribute_seqs={"region": 5})
    assert changes.joined_attributes(None, activity) == {"region": "EU"}
    assert changes.joined_attributes(BASE, None) == BASE.attributes
    assert changes.joined_attributes(None, None) == {}
    for seq, region in [(4, "EU"), (6, "US")]:
        player = after(Update(player_id="p", attributes={"region": "US"}), seq=seq)
        assert changes.joined_attributes(player, activity)["region"] == region
    gone = after(Update(player_id="p", attributes=None), seq=6)
    assert changes.joined_attributes(gone, activity) == {}


def test_attributes_that_add_up_to_too_much_are_refused() -> None:
    full = after(Register(player_id="p", attributes={f"k{n}": n for n in range(200)}), None)
    changes.check_size(full)
    with pytest.raises(InvalidValue) as raised:
        changes.check_size(after(Update(player_id="p", attributes={"one": 1}), full))
    assert raised.value.path == "$.attributes"
    assert raised.value.message.startswith("with the attributes there are already, it has 201 keys")


# replay

ids = st.sampled_from(["a", "b"]) | st.none()
commands = st.lists(
    st.builds(
        Register,
        player_id=st.just("p"),
        external_id=ids,
        device_id=ids,
        email=ids | st.just(UNSET),
        attributes=patches,
    )
    | st.builds(
        Update,
        player_id=st.just("p"),
        device_id=ids | st.just(UNSET),
        email=ids | st.just(UNSET),
        attributes=patches | st.none() | st.just(UNSET),
    )
    | st.builds(
        RecordSession,
        player_id=st.just("p"),
        session_id=st.text(max_size=2),
        started_us=st.integers(0, 2 * AT),
        duration_secs=st.none() | st.floats(0, 86_400),
    )
    | st.builds(RecordPurchase, player_id=st.just("p"), amount_minor=st.integers(1, 10**8)),
    max_size=8,
)


@settings(deadline=None)
@given(commands)
def test_commands_read_back_from_the_journal_make_the_same_player(made: list[changes.PlayerCommand]) -> None:
    decoded = decode_recorded(encode_recorded(Recorded(commands=list(made)))).commands
    assert replayed(made) == replayed(decoded)


@settings(deadline=None)
@given(commands)
def test_a_player_is_never_seen_later_than_the_last_request_nor_last_before_first(made: list) -> None:
    player = replayed(made)
    if player is not None:
        assert player.first_us <= player.last_us <= AT + len(made)


def replayed(made: list) -> Player | None:
    player = None
    for seq, command in enumerate(made, 1):
        player = apply(player, command, seq=seq, at_us=AT + seq, app_id="app")
    return player
