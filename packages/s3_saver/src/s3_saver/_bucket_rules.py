"""The rules of a bucket that several packages share: theirs are merged, and others' stay."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Rule = Mapping[str, Any]

_CORS_LISTS = ("AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders")
_WIDENED = ("AllowedMethods", "AllowedHeaders", "ExposeHeaders")


def merge_cors(present: Sequence[Rule], wanted: Sequence[Rule]) -> list[Rule]:
    """Return a bucket's CORS rules with the wanted ones among them, each in place of the one with
    its ID.

    Some servers (Ceph's) go by the first rule whose origin fits, whatever its methods. So rules for
    any origin come last, and what they allow is allowed by the others as well.
    """
    ids = {rule["ID"] for rule in wanted}
    kept = [rule for rule in present if rule.get("ID") not in ids]
    new = {rule["ID"]: rule for rule in wanted if not any(_covers(other, rule) for other in kept)}
    rules = []
    for rule in present:  # each in its place, so that two who set it up by turns change nothing
        if rule in kept:
            rules.append(rule)
        elif rule["ID"] in new:
            rules.append(new.pop(rule["ID"]))
    rules += new.values()
    last = [rule for rule in rules if "*" in rule["AllowedOrigins"]]
    first = [_widened(rule, last) for rule in rules if "*" not in rule["AllowedOrigins"]]
    return [*first, *last]


def same_cors(one: Sequence[Rule], other: Sequence[Rule]) -> bool:
    """Report whether two lists of CORS rules mean the same."""
    return [_cors(rule) for rule in one] == [_cors(rule) for rule in other]


def merge_lifecycle(present: Sequence[Rule], wanted: Sequence[Rule]) -> list[Rule]:
    """Return a bucket's lifecycle rules with the wanted ones, each in place of the one with its
    ID."""
    ids = {rule["ID"] for rule in wanted}
    kept = [rule for rule in present if rule.get("ID") not in ids]
    meanings = [_lifecycle(rule) for rule in kept]
    return [*kept, *(rule for rule in wanted if _lifecycle(rule) not in meanings)]


def same_lifecycle(one: Iterable[Rule], other: Iterable[Rule]) -> bool:
    """Report whether two lists of lifecycle rules mean the same, in whatever order."""

    def key(meaning: dict[str, Any]) -> str:
        return str(sorted(meaning.items(), key=str))

    meanings = [sorted((_lifecycle(rule) for rule in rules), key=key) for rules in (one, other)]
    return meanings[0] == meanings[1]


def _covers(rule: Rule, other: Rule) -> bool:
    one, two = _cors(rule), _cors(other)
    if one["AllowedOrigins"] != two["AllowedOrigins"]:
        return False
    return all("*" in one[key] or one[key] >= two[key] for key in _WIDENED)


def _widened(rule: Rule, others: Iterable[Rule]) -> Rule:
    found = dict(rule)
    for key in _WIDENED:
        more = {value for other in others for value in other.get(key, ())}
        if more - set(rule.get(key, ())):
            found[key] = sorted({*rule.get(key, ()), *more})
    return found


def _cors(rule: Rule) -> dict[str, Any]:
    """Return what a rule means, without its ID, which some servers forget."""
    return {
        **{key: frozenset(rule.get(key, ())) for key in _CORS_LISTS},
        "MaxAgeSeconds": rule.get("MaxAgeSeconds"),
    }


def _lifecycle(rule: Rule) -> dict[str, Any]:
    """Return what a rule means, without its ID; an older form has its prefix outside a filter."""
    meaning = {key: value for key, value in rule.items() if key not in ("ID", "Prefix")}
    if set(rule.get("Filter", ())) <= {"Prefix"}:
        prefix = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
        meaning["Filter"] = {"Prefix": prefix}
    return meaning
