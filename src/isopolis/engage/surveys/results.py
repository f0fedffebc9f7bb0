"""What a survey says: as answered and weighted to the census, and only what may be published."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.engage.representation.weighted import Share, shares
from isopolis.intersect.raking import Margin, Raked, kish, rake
from isopolis.model import Counts, Dimension, Undefined
from isopolis.model.text import Number, count, listing, phrase
from isopolis.privacy import Block, Policy, suppress, verdicts

from .form import Form, Question, said_in_language
from .randomised import Estimate, estimate

__all__ = ["Average", "QuestionResult", "Results", "ShownShare", "results"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Answers = Sequence[Mapping[str, str]]

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class ShownShare:
    """One possible answer, as far as it may be shown.

    Parameters
    ----------
    name, label : str
    people : int or Undefined
    raw, weighted : float or Undefined
        Part of those the shares are of.
    raw_interval, weighted_interval : (low, high) or None
        95 %.
    """

    name: str
    label: str
    people: int | Undefined
    raw: float | Undefined
    raw_interval: tuple[float, float] | None
    weighted: float | Undefined
    weighted_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Average:
    """Mean of the numbers that were answered, with 95 % intervals."""

    raw: float
    raw_interval: tuple[float, float]
    weighted: float | Undefined
    weighted_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What one question says.

    Parameters
    ----------
    name, label, kind : str
    people : int or Undefined
        Who the shares are of; rounded down to tens where no table of counts is shown.
    shares : tuple of ShownShare
    average : Average or None
    estimate : Estimate or None
        Of a randomised question.
    refusal : Undefined or None
        Why nothing is shown.
    notes : tuple of str
    """

    name: str
    label: str
    kind: str
    people: int | Undefined
    shares: tuple[ShownShare, ...] = ()
    average: Average | None = None
    estimate: Estimate | None = None
    refusal: Undefined | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What a survey says.

    Parameters
    ----------
    people : int
        Who handed in the form.
    questions : tuple of QuestionResult
    weighted_by : tuple of str
    raked : Raked
        Its `refusal` says why there are no weighted numbers.
    notes : tuple of str
    """

    people: int
    questions: tuple[QuestionResult, ...]
    weighted_by: tuple[str, ...]
    raked: Raked
    notes: tuple[str, ...]


def results(
    form: Form, answers: Answers, margins: Sequence[Margin] = (), *, policy: Policy, language: str = ""
) -> Results:
    """Count and weight the answers of a survey, for publication.

    Parameters
    ----------
    form : Form
    answers : sequence of mapping
        Of each person, as `answering.check` keeps them.
    margins : sequence of Margin
        What to weight by; of the same people.
    policy : Policy
        With protection ``suppress``.
    language : str
        Of labels, as the form names it.
    """
    n = len(answers)
    weighted = rake(margins) if margins and n else _unweighted(n)
    work = _Work(form, answers, weighted, policy, language)
    found = tuple(work.question(q) for q in form.asked)
    by = tuple(m.name for m in margins)
    return Results(n, found, by, weighted, (_weights_said(weighted, by),))


def _unweighted(n: int) -> Raked:
    why = Undefined("no-census", phrase("Without a census there is nothing to weight by."))
    return Raked(np.ones(n), 0, True, 0.0, 0, *kish(np.ones(n)), refusal=why)


def _weights_said(raked: Raked, by: Sequence[str]) -> str:
    if raked.refusal is not None:
        return raked.refusal.reason
    return phrase(
        "Weighted by {by}. The weights cost as much as asking fewer people: the {n} who answered tell as "
        "much as {effective} would with equal weights (design effect {effect}).",
        by=listing(list(by)), n=count(len(raked.weights)), effective=count(raked.effective_n),
        effect=Number(f"{raked.design_effect:.2f}"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    form: Form
    answers: Answers
    raked: Raked
    policy: Policy
    language: str

    def question(self, q: Question) -> QuestionResult:
        given = [a.get(q.name, "") for a in self.answers]
        some = np.array([bool(g) for g in given], dtype=bool)
        n = int(some.sum())
        # what the text says of other answers differs from person to person
        label = re.sub(r"\$\{[^{}]*\}", "…", said_in_language(q.label, self.language, self.form.language))
        if n < self.policy.threshold:
            return QuestionResult(q.name, label, q.kind, self.few(), refusal=self.few())
        if q.design is not None:
            return self.randomised(q, label, given, some)
        if q.kind == "select_one":
            return self.one(q, label, given, some)
        if q.kind == "select_multiple":
            return self.many(q, label, given, some)
        about = n // self.policy.rounding * self.policy.rounding
        if q.kind in ("integer", "decimal"):
            average = self.average(np.array([float(g) for g in given if g]), some)
            return QuestionResult(q.name, label, q.kind, about, average=average)
        why = Undefined("own-words", phrase("Answers in people's own words are not published."))
        return QuestionResult(q.name, label, q.kind, about, refusal=why)

    def few(self) -> Undefined:
        why = phrase("Fewer than {least} people answered.", least=count(self.policy.threshold))
        return Undefined("too-few", why)

    def labels(self, q: Question) -> list[tuple[str, str]]:
        have = self.form.choices[q.list_name]
        return [(c.name, said_in_language(c.label, self.language, self.form.language)) for c in have]

    def one(self, q: Question, label: str, given: list[str], some: Flags) -> QuestionResult:
        names = self.labels(q)
        position = {name: i for i, (name, _) in enumerate(names)}
        codes = np.array([position.get(g, -1) for g in given], dtype=np.int64)
        whole, notes = self.base(some)
        if whole:
            codes = np.where(codes < 0, len(names), codes)
        hidden = self.hidden(q.name, [n for n, _ in names], codes)
        if hidden is None:
            return QuestionResult(q.name, label, q.kind, self.few(), refusal=self.unsafe())
        told = shares(codes, [*(n for n, _ in names), ""][: len(names) + whole], self.raked)
        shown = tuple(
            self.share(name, words, s, bool(h))
            for (name, words), s, h in zip(names, told, hidden, strict=False)
        )
        return QuestionResult(q.name, label, q.kind, int((codes >= 0).sum()), shown, notes=notes)

    def many(self, q: Question, label: str, given: list[str], some: Flags) -> QuestionResult:
        whole, notes = self.base(some)
        shown = []
        for name, words in self.labels(q):
            chosen = np.array([name in g.split() for g in given], dtype=bool)
            codes = np.where(chosen, 0, np.where(some | whole, 1, -1))
            hidden = self.hidden(q.name, [name, f"not {name}"], codes)
            told = shares(codes, [name, ""], self.raked)[0]
            shown.append(self.share(name, words, told, hidden is None or bool(hidden.any())))
        base = len(given) if whole else int(some.sum())
        return QuestionResult(q.name, label, q.kind, base, tuple(shown), notes=notes)

    def base(self, some: Flags) -> tuple[bool, tuple[str, ...]]:
        """Shares of everyone, where those who did not answer are so few that their number must not show."""
        silent = int((~some).sum())
        if not 0 < silent < self.policy.threshold:
            return False, ()
        return True, (phrase("Shares are of all who handed in the form: few left this question out."),)

    def hidden(self, name: str, categories: Sequence[str], codes: npt.NDArray[np.int64]) -> Flags | None:
        """Send the counts through the gate; None where they cannot be protected."""
        k = len(categories)
        values = np.bincount(np.where(codes < 0, k, codes), minlength=k + 1).astype(np.float64)
        # who was not counted here is known to all by subtraction, and so is a category of the table
        dimension = Dimension("answer", (*(f"c{i}" for i in range(k)), "none"), label=name)
        table = Counts(
            np.array(["all"], dtype=object), (dimension,), values[None, :], np.zeros(1, np.uint8),
            universe="those who answered",
        )  # fmt: skip
        pattern = suppress([table], threshold=self.policy.threshold, unsafe=self.marks)
        if not pattern.safe:
            return None
        (finest, *_rest) = pattern.blocks[0]
        return np.asarray(np.broadcast_to(finest.counts.hidden, (1, k + 1))[0, :k])

    def marks(self, block: Block) -> Flags:
        out = np.zeros(block.counts.values.shape, dtype=bool)
        for verdict in verdicts(block, self.policy):
            out |= verdict.cells
        return out

    def unsafe(self) -> Undefined:
        return Undefined("suppressed", phrase("The counts cannot be shown without telling about few people."))

    def share(self, name: str, label: str, told: Share, hidden: bool) -> ShownShare:
        if hidden:
            why = Undefined("suppressed", phrase("Not shown: it would tell about few people."))
            return ShownShare(name, label, why, why, None, why, None)
        return ShownShare(
            name, label, told.people, told.raw, told.raw_interval, told.weighted, told.weighted_interval
        )

    def average(self, numbers: Floats, some: Flags) -> Average:
        raw, raw_interval = _mean(numbers, np.ones(len(numbers)))
        if self.raked.refusal is not None:
            return Average(raw, raw_interval, self.raked.refusal, None)
        return Average(raw, raw_interval, *_mean(numbers, self.raked.weights[some]))

    def randomised(self, q: Question, label: str, given: list[str], some: Flags) -> QuestionResult:
        assert q.design is not None
        first = self.form.choices[q.list_name][0].name
        yes = np.array([g == first for g in given], dtype=bool)[some]
        weights = np.ones(len(yes)) if self.raked.refusal is not None else self.raked.weights[some]
        part = float(weights[yes].sum() / weights.sum())
        found = estimate(q.design, part, len(yes), kish(weights)[1])
        notes = (_randomised_said(found),)
        refusal = found.share if isinstance(found.share, Undefined) else None
        about = len(yes) // self.policy.rounding * self.policy.rounding
        return QuestionResult(q.name, label, q.kind, about, (), None, found, refusal, notes)


def _mean(numbers: Floats, weights: Floats) -> tuple[float, tuple[float, float]]:
    effective = kish(weights)[1]
    middle = float(np.average(numbers, weights=weights))
    spread = float(np.average((numbers - middle) ** 2, weights=weights))
    half = _Z95 * float(np.sqrt(spread / max(effective - 1, 1)))
    return middle, (middle - half, middle + half)


def _randomised_said(found: Estimate) -> str:
    loss = Number(f"{found.loss:.2f}")
    if found.variance is None or found.surest is None:
        return phrase("Chance came into each answer; its privacy loss is {loss}.", loss=loss)
    direct = found.direct_variance or 0.0
    if direct <= 0:
        return phrase(
            "Chance came into each answer, so that none tells for sure: its privacy loss is {loss}, and "
            "nobody can be held for one of them with more than {surest} certainty.",
            loss=loss, surest=Number(f"{found.surest:.0%}"),
        )  # fmt: skip
    return phrase(
        "Chance came into each answer, so that none tells for sure: its privacy loss is {loss}, and nobody "
        "can be held for one of them with more than {surest} certainty. The price: the variance is {times} "
        "times that of a plain question answered truly by all.",
        loss=loss, surest=Number(f"{found.surest:.0%}"), times=Number(f"{found.variance / direct:.1f}"),
    )  # fmt: skip
