"""The rules of the house that a program can count: see house.py."""

import pytest
from house import RULES, broken, exceptions


def test_every_exception_is_to_a_rule() -> None:
    """The list of exceptions has a table for each rule that has any, and no others."""
    assert exceptions().keys() <= RULES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds(rule: str) -> None:
    """Nothing breaks a rule but what the list of today's exceptions has; nothing is added there."""
    allowed = exceptions().get(rule, {})
    found = broken(rule)
    new = {place: hints for place, hints in found.items() if len(hints) > allowed.get(place, 0)}
    assert not new, f"{RULES[rule].says} Fix it; the list of exceptions may only get shorter."


@pytest.mark.parametrize("rule", RULES)
def test_exceptions_are_needed(rule: str) -> None:
    """The list of today's exceptions has no more than is so: it gets shorter with each fix."""
    found = {place: len(hints) for place, hints in broken(rule).items()}
    allowed = exceptions().get(rule, {})
    stale = {place: found.get(place, 0) for place, n in allowed.items() if n > found.get(place, 0)}
    assert not stale, "`python tests/house.py` shortens the list"
