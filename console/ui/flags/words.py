"""Flags, rules and conditions in words, for lists and headings. Pure.

What comes from the server is read with care: a condition may be anything a program once saved.
"""

from collections.abc import Mapping
from typing import Any

from console.players.definitions import Flag, FlagType, Reason, Rule
from console.ui.flags.fields import LIST_OPERATORS, OPERATORS
from console.ui.widgets.formatting import plural, visible
from console.ui.widgets.value_text import list_text, value_text

TYPE_WORDS: dict[FlagType, str] = {
    "boolean": "on or off",
    "string": "text",
    "number": "number",
    "json": "JSON",
    "multivariate": "variants",
}
BECAUSE: dict[Reason, str] = {
    "override": "this player has an override",
    "disabled": "the flag is off",
    "segment_match": "a rule for a segment passes",
    "rule_match": "a rule passes",
    "rollout": "a roll-out includes this player",
    "split": "a split gives it to this player",
    "prerequisite_failed": "a prerequisite fails",
    "default": "no rule passes",
    "error": "the flag cannot be evaluated",
}
_CUT = 40


def condition_words(document: Any, depth: int = 0) -> str:
    """`level is at least 10 and country is one of US, CA`."""
    if not isinstance(document, Mapping):
        return "?"
    parts = document.get("conditions")
    if isinstance(parts, list):
        joint = " or " if document.get("operator") == "OR" else " and "
        text = joint.join(condition_words(part, depth + 1) for part in parts)
        return f"({text})" if depth and len(parts) > 1 else text or "everyone"
    field = str(document.get("field", "?")).removeprefix("attributes.")
    operator = str(document.get("operator", "?"))
    value = document.get("value")
    shown = list_text(value) if operator in LIST_OPERATORS and isinstance(value, list) else value_text(value)
    return f"{visible(field, _CUT)} {OPERATORS.get(operator, operator)} {visible(shown, _CUT)}"


def served_words(rule: Rule, flag: Flag) -> str:
    """What a rule gives: a value, a variant, or a split."""
    if rule.split is not None:
        total = sum(share.weight for share in rule.split) or 1.0
        return " / ".join(f"{visible(share.variant_key, _CUT)} {share.weight / total:.0%}" for share in rule.split)
    if rule.variant_key is not None:
        return visible(rule.variant_key, _CUT)
    value = True if rule.value is None and flag.type == "boolean" else rule.value
    return visible(value_text(value), _CUT)


def rule_words(rule: Rule, flag: Flag, segment_names: Mapping[str, str]) -> str:
    """`25 % of Beta testers → true`."""
    who = []
    if rule.segment_id is not None:
        who.append(visible(segment_names.get(rule.segment_id, rule.segment_id), _CUT))
    if rule.conditions is not None:
        who.append(condition_words(rule.conditions))
    everyone = " and ".join(who) or "everyone"
    if rule.rollout is not None:
        everyone = f"{rule.rollout:g} % of {everyone}"
    when = ", scheduled" if rule.schedule is not None else ""
    return f"{everyone}{when} → {served_words(rule, flag)}"


def flag_words(flag: Flag, segment_names: Mapping[str, str]) -> str:
    """One line of a list: what the first rule does, and how many more there are."""
    default = visible(value_text(flag.default_value), _CUT)
    if not flag.enabled:
        return f"off: everyone gets {default}"
    if not flag.rules:
        return f"everyone gets {default}"
    more = len(flag.rules) - 1
    text = rule_words(flag.rules[0], flag, segment_names)
    return f"{text}, {plural(more, 'more rule')}" if more else text
