"""A patch leads from any state to any other, as a page reads it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ninefifteen.web.patches import patch, reshaped
from tests.web.patching import bare, merged

LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"])
NAMES = st.sampled_from("abc")
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3)
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3)


@given(DOCUMENTS, DOCUMENTS)
def test_a_patch_leads_from_one_state_to_the_other(old: dict[str, Any], new: dict[str, Any]):
    assert bare(merged(old, patch(old, new))) == bare(new)


@given(DOCUMENTS)
def test_between_a_state_and_itself_there_is_no_patch(document: dict[str, Any]):
    assert patch(document, document) == {}


def test_a_field_that_goes_and_one_that_becomes_null_are_the_same_patch():
    assert patch({"a": 1, "b": 2}, {"b": None}) == {"a": None, "b": None}
    assert patch({"a": None}, {}) == {}


def test_strategies_are_keyed_by_name_with_candidates_and_plans_apart():
    run = {"strategy": "nine_fifteen", "phase": "done", "candidates": [{"rank": 1}], "plan": None}
    assert reshaped({"clock": "t", "strategies": [run]}) == {
        "clock": "t",
        "strategies": {"nine_fifteen": {"strategy": "nine_fifteen", "phase": "done"}},
        "candidates": {"nine_fifteen": [{"rank": 1}]},
        "plans": {},
    }


def test_a_heading_without_strategies_stays_as_it_is():
    assert reshaped({"clock": "t", "date": None}) == {"clock": "t", "date": None}
