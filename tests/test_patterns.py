"""Patterns: the usual ones are taken, and none that is taken can keep the matcher busy."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.patterns import MAX_TEXT_CHARS, BadPattern, compile_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        r"beta|alpha",
        r"colou?r",
        r"^v\d+\.\d+\.\d+$",
        r"\d+\.\d+\.\d+",
        r"^[^@]+@example\.com$",
        r"[^@]+@[^@]+\.[^@]+",
        r"@(gmail|yahoo)\.com$",
        r".*foo",
        r".*foo.*",
        r"^.*foo.*$",
        r"foo.*bar",
        r"^[A-Z]{2}-\d{4}$",
        r"^(\d+,)*\d+$",
        r"(?i)^player_",
        r"(?i)ſ+s",
        r"^[a-z]+(-[a-z]+)*$",
        r"^(?:GTX|RTX) ?\d{4}( Ti| Super)?$",
        r"NVIDIA.*(RTX|GTX).*",
        r"(foo|bar)+",
        r"^\w+\s+\w+$",
        r"\Aa{3,5}\Z",
        r"^$",
        r"(?>a+)b",
        r"[[a]",
        r"(?m:^)é[^é]ж\b",
    ],
)
def test_the_usual_patterns_are_taken(pattern: str) -> None:
    assert compile_pattern(pattern).pattern == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a*)*b",
        r"(a|a)*b",
        r"(a|aa)+$",
        r"(a|b|ab)*c",
        r"([a-z]+)*$",
        r"(.*a){20}",
        r"^(.*)*$",
        r".*x.*y.*z",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"(\w+\s?)*$",
        r"(\d+,?)*x",
        r"(x+x+)+y",
        r"(x++x)+y",
        r"a*a*a*a*b",
        r"\s+\s+\s+$",
        r"^(a?){50}a{50}$",
        r"(?:a?){30}b",
        r"(a{0,200}){0,200}b",
        r"(?:.|\n)*x.*y",
        r"(?i)(k+K?)*x",
        r"(?i:(s+S?)*)x",
        r"(?m)^.*x.*y$",
        r"(?m:^.*x.*y$)",
        r"(?:^|b).*x.*y$",
    ],
)
def test_patterns_that_can_take_long_are_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match="may take very long"):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "empty"),
        ("a" * 201, "has 201 characters: at most 200 are taken"),
        ("(", "unterminated subpattern at character 1"),
        ("ab*?+*", "multiple repeat"),
        ("[z-a]", "bad character range"),
        ("a{99999999999}", "too large"),
        (r"(a)\1", "refers back"),
        (r"(?P<x>a)(?P=x)", "refers back"),
        (r"(a)?(?(1)a|b)", "refers back"),
        (r"(?=a)b", "looks ahead or behind"),
        (r"a(?!b)", "looks ahead or behind"),
        (r"(?<=a)b", "looks ahead or behind"),
    ],
)
def test_what_is_no_pattern_or_not_taken_is_named(pattern: str, message: str) -> None:
    with pytest.raises(BadPattern, match=re.escape(message)):
        compile_pattern(pattern)


_atoms = st.sampled_from(["a", "b", ".", "x", r"\d", r"\w", r"\s", "[ab]", "[^a]", "1", r"\b", "(?i:a)", "é"])
_repeats = st.sampled_from(["*", "+", "?", "*?", "+?", "{0,3}", "{2,5}", "{1,50}", "{3,}"])
_patterns = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, _repeats).map(lambda parts: f"({parts[0]}){parts[1]}"),
        st.tuples(_atoms, _repeats).map("".join),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}|{parts[1]})"),
        st.lists(inner, min_size=2, max_size=4).map("".join),
    ),
    max_leaves=8,
)
_texts = ["a", "ab", "1", "a1", " a", "x", "ax", "\n", "aab", "é"]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["", "^"]), _patterns, st.sampled_from(["", "$", "!"]))
def test_what_is_taken_is_searched_in_no_time(start: str, middle: str, end: str) -> None:
    try:
        pattern = compile_pattern(start + middle + end)
    except BadPattern:
        return
    for text in _texts:
        began = time.thread_time()
        pattern.search((text * MAX_TEXT_CHARS)[: MAX_TEXT_CHARS - 1] + "?")
        assert time.thread_time() - began < 1.0, text


@given(st.text(max_size=60))
def test_any_text_is_a_pattern_or_refused_as_one(pattern: str) -> None:
    with suppress(BadPattern):
        assert compile_pattern(pattern).pattern == pattern
