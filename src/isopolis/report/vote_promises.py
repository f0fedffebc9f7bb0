"""The section of a vote's report about promises of fairness: which are kept, and who falls short."""

from __future__ import annotations

from collections.abc import Sequence

from isopolis.engage.budget.audit import BROKEN, HOLDS, OPEN, Audit, Judged, Verdict
from isopolis.engage.budget.audit.axioms import title
from isopolis.model.text import count, joint, listing, phrase

from .blocks import Block, Text, table
from .vote_words import money_of, names_of, rule_name

__all__ = ["Promises"]


class Promises:
    """Axioms and priceability of every outcome of an audit, in words.

    Parameters
    ----------
    audit : Audit
    """

    def __init__(self, audit: Audit) -> None:
        self.audit, self.outcome, self.e = audit, audit.outcome, audit.outcome.election
        self.money, self.names = money_of(self.e), names_of(self.e)

    def blocks(self) -> tuple[Block, ...]:
        """Axioms and priceability of every outcome, and the groups that show a breach."""
        judged = list(self.audit.judged.values())
        head = (phrase("Promise"), phrase("Measured by"), *(rule_name(j.name) for j in judged))
        rows = [
            (title(v.axiom), _measure(v), *(_answer(j.axioms[i].answer) for j in judged))
            for i, v in enumerate(judged[0].axioms)
        ]
        rows.append(
            (
                phrase("Equal purses could have bought it (priceability)"), phrase("money"),
                *(_answer(j.priced.answer) for j in judged),
            )
        )  # fmt: skip
        words = tuple(range(2 + len(judged)))
        blocks: list[Block] = [
            Text(
                phrase(
                    "A group of voters who agree on projects is entitled to the part of the budget that "
                    "is its part of the voters. A promise is broken when such a group could have paid for "
                    "what it agrees on and each of its members got less."
                )
            ),
            table(phrase("Promises of fairness"), head, rows, words=words, open_rows=60),
        ]
        if self.audit.weighted:
            blocks.append(Text(phrase(
                "Ballots have points or ranks; here every project on a ballot counts as supported."
            ), "note"))  # fmt: skip
        return (*blocks, *self._breaches(judged))

    def _breaches(self, judged: Sequence[Judged]) -> list[Block]:
        """Who falls short, promise by promise; rules that break it for the same people stand together."""
        found: dict[tuple[str, str], list[tuple[str, Judged]]] = {}
        for j in judged:
            proofs = [(title(v.axiom), _measure(v), self._proof(v)) for v in j.axioms]
            priced = phrase("Equal purses could have bought it (priceability)")
            for promise, measure, text in (*proofs, (priced, phrase("money"), self._kept_back(j))):
                if text:
                    found.setdefault((promise, measure), []).append((text, j))
        together: dict[tuple[str, str, str], list[str]] = {}
        for (promise, measure), proven in found.items():
            for text in dict.fromkeys(text for text, _ in proven):
                rules = listing([phrase("“{name}”", name=rule_name(j.name)) for t, j in proven if t == text])
                together.setdefault((text, measure, rules), []).append(promise)
        if not together:
            return []
        rows = [
            (joint(many, "; "), measure, rules, text) for (text, measure, rules), many in together.items()
        ]
        head = (
            phrase("Promise"), phrase("Measured by"), phrase("Broken or open under"),
            phrase("Who falls short, or why it is open"),
        )  # fmt: skip
        return [table(phrase("What is broken or open"), head, rows, words=(0, 1, 2, 3), open_rows=60)]

    def _proof(self, verdict: Verdict) -> str:
        if verdict.answer == OPEN:
            return verdict.how
        projects = verdict.breach.projects if verdict.breach else ()
        return joint((verdict.said(self.names, self.money, self.e.n_voters), self._shut_out(projects)))

    def _kept_back(self, judged: Judged) -> str:
        if judged.priced.answer == OPEN:
            return judged.priced.how
        over = judged.priced.over[:3]
        said = [
            phrase(
                "Whatever voters pay, supporters of “{name}” keep {money} more than it costs.",
                name=self.names[p], money=self.money(round(extra)),
            )
            for p, extra in over
        ]  # fmt: skip
        return joint((*said, self._shut_out([p for p, _ in over])))

    def _shut_out(self, projects: Sequence[int]) -> str:
        """Say which of these projects no rule may fund, for want of votes."""
        low = {one.project for one in self.audit.lost if one.reason == "threshold"}
        names = [phrase("“{name}”", name=self.names[p]) for p in projects if p in low]
        if not names:
            return ""
        return phrase(
            "The rules of this vote shut out {projects}: fewer than {least} votes or points.",
            projects=listing(names), least=count(self.outcome.card.min_score or 0),
        )  # fmt: skip


def _measure(verdict: Verdict) -> str:
    return phrase("money") if verdict.measure == "cost" else phrase("number of projects")


def _answer(answer: str) -> str:
    words = {HOLDS: phrase("kept"), BROKEN: phrase("broken"), OPEN: phrase("not decided")}
    return words[answer]
