"""Findings at the gate: what is about too few people is withheld, the rest is coarsened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from isopolis.model import Finding, Group, Undefined
from isopolis.model.text import Number, phrase

from .policy import Policy
from .rules import Hit

__all__ = ["release_findings"]

CITY = "city"
DETAIL = ("zone", "name", "people", "contribution", "share", "location_quotient", "before", "after")
LISTS = ("share", "location_quotient")
CHANGE = "_change"
CLOSED = ("sha256", "files", "columns", "seed")
"""Left out of where a finding came from: who can guess a file can check the guess by its fingerprint."""
SMALL_GROUP = re.compile(r"^Only [\d,]+ people in this group")
NUMBER_OF_PEOPLE = re.compile(r"\b(\d[\d,]*)(?= (?:people|persons?|residents?)\b)")
Reason = tuple[str, str]
PERCENT = re.compile(r"\d+\.\d+%")


def release_findings(
    findings: Iterable[Finding], policy: Policy, sensitive: frozenset[str] = frozenset()
) -> tuple[tuple[Finding, ...], tuple[Hit, ...]]:
    """Withhold or coarsen each finding.

    Parameters
    ----------
    findings : iterable of Finding
    policy : Policy
    sensitive : frozenset of str
        Names of the sensitive dimensions; those of `policy` are added.

    Returns
    -------
    findings : tuple of Finding
        In the same order; a withheld one keeps its question and has ``Undefined("withheld", reason)``.
    hits : tuple of Hit
        What was withheld, wholly (``hidden``) or in part (``coarsened``).
    """
    every = tuple(findings)
    names = sensitive | policy.sensitive
    reasons = [_reason(f, policy, names) for f in every]
    closed = {_question(f): r for f, r in zip(every, reasons, strict=True) if r}
    out: list[Finding] = []
    hits: list[Hit] = []
    for finding, own in zip(every, reasons, strict=True):
        reason = own or _reason_of_change(finding, closed)
        if reason:
            safe = _withheld(finding, reason)
            hits.append(_hit(finding, *reason, "hidden"))
        else:
            safe, missing = _coarse(finding, policy, bool(_names(finding) & names))
            text = "Some groups have too few people in this zone to be shown."
            hits += [_hit(finding, "few-people", text, "coarsened")] if missing else []
        out.append(safe)
    return tuple(out), tuple(hits)


def _names(finding: Finding) -> set[str]:
    names = set(finding.dimension.split(" × ")) if finding.dimension else set()
    for text in (finding.group, finding.versus):
        if "=" in text:
            names |= set(Group.parse(text).dimensions)
    return names


def _question(finding: Finding) -> tuple[str, ...]:
    return tuple(
        getattr(finding, n) for n in ("measure", "dimension", "group", "versus", "scale", "scope", "date")
    )


def _reason_of_change(finding: Finding, closed: Mapping[tuple[str, ...], Reason]) -> Reason | None:
    """A change is as closed as either of its dates."""
    if not finding.measure.endswith(CHANGE):
        return None
    for date in finding.date.split("/"):
        base = replace(finding, measure=finding.measure.removesuffix(CHANGE), date=date)
        if _question(base) in closed:
            return closed[_question(base)]
    return None


def _reason(finding: Finding, policy: Policy, sensitive: frozenset[str]) -> Reason | None:
    """Rule and reason for which the whole finding is withheld, or None."""
    local = finding.scope != CITY
    people = _people(finding) if local else finding.n_people
    least = policy.threshold
    if local and _names(finding) & sensitive:
        least = policy.sensitive_threshold
    if local and people < policy.local_people:
        text = phrase("Withheld: the zone has fewer than {least} residents.", least=policy.local_people)
        return "few-people", text
    if 0 < finding.n_people < least:
        return "few-people", phrase("Withheld: it would be about fewer than {least} people.", least=least)
    if not finding.group:
        return None
    if local and finding.n_group > people:
        text = phrase("Withheld: how many people of the group live in the zone is not stated.")
        return "unknown-size", text
    empty = finding.n_group == 0 and not finding.defined and not (local and _names(finding) & sensitive)
    if finding.n_group < least and not empty:
        return "few-people", phrase("Withheld: the group has fewer than {least} people.", least=least)
    rest = finding.n_people - finding.n_group
    if finding.versus == "rest" and 0 < rest < least:
        text = phrase("Withheld: all but fewer than {least} people belong to the group.", least=least)
        return "few-people", text
    return None


def _people(finding: Finding) -> int:
    return int(finding.detail.get("people", finding.n_people))


def _hit(finding: Finding, rule: str, reason: str, action: str) -> Hit:
    return Hit(finding.scope, finding.group or finding.dimension, rule, reason, action)


def _withheld(finding: Finding, reason: Reason) -> Finding:
    """Keep the question, drop every number."""
    return Finding(
        measure=finding.measure,
        value=Undefined("withheld", reason[1]),
        dimension=finding.dimension,
        group=finding.group,
        versus=finding.versus,
        scale=finding.scale,
        scope=finding.scope,
        date=finding.date,
        provenance=_open(finding.provenance),
        explanation=reason[1],
    )


def _coarse(finding: Finding, policy: Policy, sensitive: bool) -> tuple[Finding, tuple[str, ...]]:
    """Round numbers, drop what a detail tells about few people; also the categories dropped."""
    local = finding.scope != CITY

    def number(x: float) -> float:
        return _significant(x, policy.local_digits) if local else round(x, policy.digits)

    numbers: dict[str, Any] = {}
    for name in ("value", "expected", "maximum", "excess", "sd", "p"):
        item = getattr(finding, name)
        numbers[name] = number(item) if isinstance(item, float) else item
    if finding.interval is not None:
        numbers["interval"] = (number(finding.interval[0]), number(finding.interval[1]))
    detail, missing = _detail(finding, policy, sensitive, number)
    explanation = finding.explanation
    if local:
        explanation = PERCENT.sub(lambda m: f"{round(float(m[0][:-1]))}%", explanation)
    note = phrase(
        "Numbers of people are rounded to multiples of {base} to protect people.",
        base=Number(f"{policy.rounding}"),
    )
    safe = replace(
        finding,
        **numbers,
        n_people=_multiple(finding.n_people, policy.rounding),
        n_group=_multiple(finding.n_group, policy.rounding),
        caveats=(*(_caveat(c, policy.rounding) for c in finding.caveats), note),
        provenance=_open(finding.provenance),
        explanation=explanation,
        detail=detail,
    )
    return safe, missing


def _open(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Where a finding came from, without what would help to check a guess of the counts."""
    kept = {k: v for k, v in provenance.items() if k not in CLOSED}
    return {k: _open(v) if isinstance(v, Mapping) else v for k, v in kept.items()}


def _caveat(text: str, base: int) -> str:
    """Take exact numbers of people out of a sentence."""
    if SMALL_GROUP.match(text):
        return phrase("Fewer than 100 people in this group: read the excess over chance, not the value.")

    def coarse(match: re.Match[str]) -> str:
        people = _multiple(int(match[1].replace(",", "")), base)
        return f"about {people:,}" if people else f"fewer than {base}"

    made = NUMBER_OF_PEOPLE.sub(coarse, str(text))
    return text if made == text else made[:1].upper() + made[1:]


def _significant(x: float, digits: int) -> float:
    return float(f"{x:.{digits}g}")


def _multiple(n: float, base: int) -> int:
    return base * round(n / base)


def _detail(
    finding: Finding, policy: Policy, sensitive: bool, number: Any
) -> tuple[dict[str, Any], tuple[str, ...]]:
    detail: dict[str, Any] = {k: v for k, v in finding.detail.items() if k in DETAIL}
    missing: tuple[str, ...] = ()
    if "share" in detail or "location_quotient" in detail:
        people = _people(finding)
        share = detail.get("share", {})
        missing = _too_few(share, people, policy, sensitive) if share else tuple(detail["location_quotient"])
        for name in LISTS:
            if name in detail:
                detail[name] = {k: number(v) for k, v in detail[name].items() if k not in missing}
        detail["withheld"] = list(missing)
    if "people" in detail:
        detail["people"] = _multiple(detail["people"], policy.rounding)
    if "contribution" in detail:
        detail["contribution"] = number(detail["contribution"])
    for end in ("before", "after"):
        if end in detail:
            detail[end] = {k: _rounded(v, number) for k, v in detail[end].items()}
    return detail, missing


def _rounded(item: Any, number: Any) -> Any:
    if isinstance(item, float):
        return number(item)
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [number(float(x)) for x in item]
    return item


def _too_few(share: Mapping[str, float], people: int, policy: Policy, sensitive: bool) -> tuple[str, ...]:
    """Categories of a zone not to be shown, and enough others that the rest does not tell them."""
    least = policy.sensitive_threshold if sensitive else policy.threshold
    count = {c: s * people for c, s in share.items()}
    alone = sum(n > 0 for n in count.values()) == 1 and len(count) > 1
    if alone and (sensitive or people < policy.small_group):
        return tuple(share)
    low = -1.0 if sensitive else 0.5
    out = [c for c, n in count.items() if low < n < least - 0.5]
    others = sorted((c for c in count if c not in out and count[c] > 0), key=lambda c: count[c])
    while out and others and (len(out) < 2 or sum(count[c] for c in out) < least):
        out.append(others.pop(0))
    return tuple(c for c in share if c in out)
