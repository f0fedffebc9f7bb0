"""What a plan says to a councillor."""

from __future__ import annotations

from fractions import Fraction

from isopolis.model import Undefined
from isopolis.model.text import Number, count, listing, phrase, phrases

from .plan import Level, Plan
from .stability import Stability

__all__ = ["explained"]


def explained(plan: Plan, firm: Stability | None = None) -> tuple[str, ...]:
    """Return sentences: what opens, for whom it counts most, how good it can get, what it hangs on.

    Parameters
    ----------
    plan : Plan
    firm : Stability, optional
    """
    said = [_opening(plan)]
    within = plan.question.measure == "within"
    before, after = _worst(plan.before, within), _worst(plan.after, within)
    if before is not None and after is not None:
        said.append(_worst_off(before, after, within))
    if any(lv.unreached for lv in plan.after):
        said.append(phrase("Some people still reach no site at all; they are counted, and shown by group."))
    said.append(_sure(plan))
    for step in plan.steps:
        if step.ties:
            others = listing(step.ties, "or")
            said.append(
                phrase(
                    "{site} could be exchanged for {others} with the same result.",
                    site=step.site,
                    others=others,
                )
            )
    for site, times in firm.kept if firm is not None and firm.asked else ():
        said.append(_again(site, times, firm.asked if firm is not None else 0))
    return tuple(said)


def _again(site: str, times: int, asked: int) -> str:
    return phrase(
        "{site} is chosen again in {times} of {asked} repeats with other counts or travel times.",
        site=site,
        times=count(times),
        asked=count(asked),
    )


def _opening(plan: Plan) -> str:
    if not plan.steps and not plan.closed:
        return phrase("Within these limits no site would help.")
    if plan.closed:
        opened = listing(plan.sites) if plan.steps else phrase("nothing")
        return phrase("Open {sites}, and close {closed}.", sites=opened, closed=listing(plan.closed))
    return phrases(
        "Open one site: {sites}.", "Open {n} sites, the most useful first: {sites}.", len(plan.steps),
        sites=listing(plan.sites),
    )  # fmt: skip


def _worst(levels: tuple[Level, ...], within: bool) -> tuple[str, Fraction] | None:
    """Return the worst-off group and its value, the first by name among equals."""
    known = [
        (lv.value if within else -lv.value, lv.group) for lv in levels if not isinstance(lv.value, Undefined)
    ]
    if not known:
        return None
    value, group = min(known)
    return group, abs(value)


def _worst_off(before: tuple[str, Fraction], after: tuple[str, Fraction], within: bool) -> str:
    words = {
        "before": before[0],
        "after": after[0],
        "was": _number(before[1], within),
        "now": _number(after[1], within),
    }
    if within:
        return phrase(
            "The worst-off group is {before} today, with {was} within the standard; then it is {after}, "
            "with {now}.",
            **words,
        )
    return phrase(
        "The worst-off group is {before} today, {was} minutes beyond the standard on average; then it is "
        "{after}, with {now} minutes.",
        **words,
    )


def _number(value: Fraction | float, within: bool) -> Number:
    return Number(f"{float(value) * 100:.1f}%" if within else f"{float(value):.1f}")


def _sure(plan: Plan) -> str:
    if plan.proven and plan.tolerance:
        return phrase("No other choice within these limits is better by more than a trace: this was proven.")
    if plan.proven:
        return phrase("No other choice within these limits is better: this was proven.")
    if plan.gap <= plan.tolerance and plan.question.objective == "leximin":
        return phrase(
            "No other choice helps the worst-off group more. Groups after it may still gain: not proven."
        )
    within = plan.question.measure == "within"
    gap = f"{plan.gap * 100:.2g}" if within else f"{plan.gap:.2g}"
    if within:
        return phrase(
            "A better choice may exist, by {gap} percentage points at most in the figure that leads.",
            gap=Number(gap),
        )
    return phrase(
        "A better choice may exist, by {gap} minutes at most in the figure that leads.",
        gap=Number(gap),
    )
