"""The command that counts a vote on a budget."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from isopolis.engage.budget.card import RuleCard
    from isopolis.engage.budget.election import Election
    from isopolis.engage.budget.outcome import Outcome

__all__ = ["vote"]

SHOWN = 12


def vote(
    file: Annotated[Path, typer.Argument(metavar="FILE.pb", help="A Pabulib file, or a table of projects.")],
    ballots: Annotated[
        Path | None, typer.Argument(metavar="BALLOTS", help="Ballots of Decidim or CONSUL, beside projects.")
    ] = None,
    rule: Annotated[
        str,
        typer.Option(metavar="RULE", help="equal_shares, phragmen, greedy, greedy_stop or greedy_value."),
    ] = "",
    card: Annotated[Path | None, typer.Option(metavar="FILE", help="Rule card, JSON.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="One field of the rule card, such as utility=cardinality."
        ),
    ] = None,
    budget: Annotated[str, typer.Option(metavar="AMOUNT", help="Budget, for tables that hold none.")] = "",
    pot: Annotated[str, typer.Option(metavar="NAME", help="Which budget, where tables hold several.")] = "",
    exact: Annotated[bool, typer.Option(help="Count with whole numbers only.")] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the page and the bundle here.")
    ] = None,
    pb: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a .pb file with these winners.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Count a vote on a budget: who wins, beside what the city decided, and who was left out."""
    from isopolis.flows.vote import answer, run_vote, vote_text

    say = _quiet if quiet else _say
    election = _read(file, ballots, budget, pot)
    chosen = _card(card, rule, setting or [])
    outcome = run_vote(election, card=chosen, how="exact" if exact else "auto", progress=say)
    if pb is not None:
        pb.write_text(vote_text(election, outcome=outcome), encoding="utf-8")
        say(f"written: {pb}")
    if report is not None:
        _report(outcome, report, say)
    if as_json:
        print(json.dumps(answer(outcome), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _tell(outcome)


def _read(file: Path, ballots: Path | None, budget: str, pot: str) -> Election:
    from isopolis.flows.vote import read_exports, read_vote
    from isopolis.model import CallError

    for path in filter(None, (file, ballots)):
        if path.is_dir():
            raise CallError(_folder(path))
        if not path.is_file():
            raise CallError(f'there is no file "{path}"')
    if ballots is None:
        if budget or pot:
            raise CallError("--budget and --pot go with --ballots; a .pb file says its own budget")
        return read_vote(file)
    if not budget:
        raise CallError("these tables do not hold the budget: add --budget AMOUNT")
    return read_exports(file, ballots, budget=budget, pot=pot)


def _folder(path: Path) -> str:
    """Say which files can be counted, and which of them are in a folder."""
    names = sorted(p.name for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    known = [n for n in names if n.lower().endswith(".pb")]
    more = ", …" if len(names) > SHOWN else ""
    found = f"it holds {', '.join(names[:SHOWN])}{more}" if names else "it holds no files"
    hint = f'; try: isopolis vote "{path / known[0]}"' if known else ""
    return (f'"{path}" is a folder; a vote is one Pabulib file (.pb), or a table of projects and then a '
            f"table of ballots from Decidim or CONSUL; {found}{hint}")  # fmt: skip


def _card(path: Path | None, rule: str, settings: list[str]) -> RuleCard:
    from isopolis.engage.budget.card import RuleCard
    from isopolis.flows.vote import read_card
    from isopolis.model import CallError

    plain = (read_card(path) if path else RuleCard()).to_dict()
    for one in settings:
        name, mark, value = one.partition("=")
        if not mark:
            raise CallError(f'--set "{one}" is not NAME=VALUE, such as utility=cardinality')
        old = plain.get(name.strip())
        try:
            plain[name.strip()] = (
                value if isinstance(old, str) or name.strip() not in plain else json.loads(value)
            )
        except ValueError:
            raise CallError(f'--set "{one}": the value must be JSON, such as 0 or ["more_votes"]') from None
    if rule:
        plain["rule"] = rule
    return RuleCard.from_dict(plain)


def _report(outcome: Outcome, out: Path, say: object) -> None:
    from isopolis.flows.vote_audit import audit_vote
    from isopolis.report.vote_files import write_vote_report

    assert callable(say)
    for name, place in write_vote_report(audit_vote(outcome, progress=say), out, progress=say).items():
        say(f"{name}: {place}")


def _tell(outcome: Outcome) -> None:
    """Print the outcome for people."""
    e = outcome.election
    print(f"{e.name}: {e.n_voters:,} voters, {e.n_projects} projects, budget {_money(e, e.budget)}")
    for line in _how(outcome):
        print(line)
    print(f"\n{_many(len(outcome.order), 'winner')} for {_money(e, outcome.cost)}")
    print(_left_over(outcome))
    if any(step.support for step in outcome.steps):
        print("  paid by: the cost comes to an equal part for each of so many voters; whoever has spent some "
              "of the share on other projects counts in part")  # fmt: skip
    for step in outcome.steps:
        project = e.projects[step.project]
        support = f", paid by {step.support:,.1f}" if step.support else ""
        votes = int(e.ballots.votes[step.project])
        cost, name = _money(e, project.cost), shorten(project.name, 60, placeholder="…")
        print(f"  {project.id:>8}  {cost:>16}  {votes:>7,} votes{support}  {name}")
    for tie in outcome.ties:
        over = ", ".join(e.ids[p] for p in tie.over)
        print(f"  tie: {e.ids[tie.winner]} before {over}, by {tie.by.replace('_', ' ')}")
    print(f"\nVoters without any project: {_share(outcome.voters_with_nothing, e.n_voters)}")
    _beside(outcome)
    for problem in e.caveats:
        print(f"  ! {problem}")


def _how(outcome: Outcome) -> Iterator[str]:
    """What a reader must know of the count to understand its numbers."""
    from isopolis.flows.vote_names import rule_name

    e, card = outcome.election, outcome.card
    counts = "by what it costs" if card.utility == "cost" else "the same as any other"
    yield f"Rule: {rule_name(card.rule)}" + (
        f"; for a voter a project counts {counts}" if card.rule == "equal_shares" else ""
    )
    if outcome.compared is not None:
        found = outcome.compared
        yield (f"Compared with “{rule_name(found.other)}”, as the rule card asks: {found.theirs:,} voters "
               f"gain more by it, {found.ours:,} by “{rule_name(card.rule)}”; the outcome of "
               f"“{rule_name(outcome.rule)}” counts")  # fmt: skip
    if card.min_score:
        low = int(((e.ballots.score < card.min_score) & (e.costs <= e.budget)).sum())
        yield (f"Only projects with at least {card.min_score:,} votes or points can win; "
               f"{_many(low, 'project')} had fewer (--set min_score=0 lifts it)")  # fmt: skip
    first, last = outcome.first_endowment, outcome.endowment
    if last is not None:
        each = f"{float(e.money(last)):,.2f} {e.currency}".rstrip()
        raised = first is not None and last > first
        yield f"Share of each voter: {each}" + (
            f", raised from {float(e.money(first)):,.2f} so that less is left over; "
            "many do not need theirs whole" if raised and first is not None else ""
        )  # fmt: skip


def _left_over(outcome: Outcome) -> str:
    from isopolis.engage.budget.rules import fundable

    e, left = outcome.election, outcome.election.budget - outcome.cost
    may = fundable(e, outcome.card) & (e.costs <= left)
    fits = sum(bool(may[p]) for p in range(e.n_projects) if p not in set(outcome.order))
    text = f"Left over: {_money(e, left)}"
    if not fits or outcome.card.fill != "none":
        return text
    each = "costs" if fits == 1 else "cost"
    return f"{text}; {_many(fits, 'project')} that did not win {each} no more (--set fill=greedy spends it)"


def _beside(outcome: Outcome) -> None:
    from isopolis.flows.vote import beside_official

    e, there = outcome.election, beside_official(outcome)
    if there is None:
        print("The file does not say what the city funded.")
    elif there.same:
        print("The city funded exactly these projects.")
    else:
        print(f"The city funded {len(there.winners)} for {_money(e, there.cost)}; "
              f"voters without any project: {_share(there.voters_with_nothing, e.n_voters)}")  # fmt: skip
        print(f"  only by this rule: {_some(there.only_here)}")
        print(f"  only by the city: {_some(there.only_there)}")


def _money(e: Election, units: int) -> str:
    amount = e.money(units)
    text = f"{int(amount):,}" if amount.denominator == 1 else f"{float(amount):,.2f}"
    return f"{text} {e.currency}".strip()


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / whole:.1%})"


def _some(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return (", ".join(ids[:SHOWN]) or "none") + more


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _quiet(text: str) -> None:
    """Swallow progress."""
