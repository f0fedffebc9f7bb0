"""Count a vote on a budget: read it, say who wins, and lay it beside what the city decided."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import Election
from isopolis.engage.budget.machine import InMemory, Machine
from isopolis.engage.budget.outcome import Outcome, happy
from isopolis.engage.budget.rules import allocate
from isopolis.engage.budget.tables import election_from_tables, tables_of
from isopolis.model import DataError, Problem
from isopolis.model.text import phrase
from isopolis.read.consul_votes import read_consul
from isopolis.read.decidim_votes import is_decidim, read_decidim
from isopolis.read.pabulib import PbFile, pabulib_text, read_pabulib
from isopolis.read.vote_tables import read_sheet

__all__ = [
    "Beside",
    "answer",
    "beside_official",
    "machine",
    "read_card",
    "read_exports",
    "read_vote",
    "run_vote",
    "vote_text",
]

Say = Callable[[str], None]


def read_vote(path: Path) -> Election:
    """Read a ``.pb`` file.

    Raises
    ------
    DataError
        With everything that makes a count impossible.
    """
    return _election(read_pabulib(path))


def read_exports(projects: Path, ballots: Path, *, budget: str, pot: str = "") -> Election:
    """Read the tables that Decidim or CONSUL Democracy export.

    Parameters
    ----------
    projects, ballots : Path
    budget : str
        The amount, which their tables do not hold.
    pot : str
        Budget or heading, where the tables hold several.
    """
    from isopolis.model import Problems

    problems = Problems()
    reader = read_decidim if is_decidim(read_sheet(projects, problems).head) else read_consul
    problems.raise_if_fatal()
    return _election(reader(projects, ballots, budget=budget, pot=pot))


def _election(file: PbFile) -> Election:
    made = election_from_tables(
        file.meta, file.projects.columns, file.votes.columns,
        file=file.file, first_project=file.projects.first, first_vote=file.votes.first,
    )  # fmt: skip
    return replace(made, caveats=(*file.caveats, *made.caveats))


def vote_text(election: Election, *, outcome: Outcome | None = None, attributes: bool = False) -> str:
    """Write an election as the text of a ``.pb`` file, with the winners of `outcome` where there is one."""
    chosen = None if outcome is None else outcome.winners
    return pabulib_text(*tables_of(election, selected=chosen, attributes=attributes))


def read_card(path: Path) -> RuleCard:
    """Read a rule card.

    Raises
    ------
    DataError, CallError
        When there is no such file, or it is no rule card.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("unreadable", phrase("the file cannot be read"), file=path.name, value=str(error))
        raise DataError([problem]) from None
    return RuleCard.from_json(text)


def run_vote(
    election: Election,
    rule: str | None = None,
    card: RuleCard | None = None,
    *,
    how: str = "auto",
    progress: Say | None = None,
) -> Outcome:
    """Say which projects win.

    Parameters
    ----------
    election : Election
    rule : str, optional
        One of `isopolis.engage.budget.card.RULES`; by default that of the card, ``equal_shares``.
    card : RuleCard, optional
    how : str
        ``auto``, ``certified`` or ``exact``: how it is computed; the winners are the same.
    progress : callable, optional
        Told when something is compiled for the first time.

    Raises
    ------
    TieNeedsLot
        When projects are equal in everything and the card has no lot.
    DataError
        When the card does not fit the election.
    """
    card = card or RuleCard()
    if rule is not None and rule != card.rule:
        card = replace(card, rule=rule)
    return allocate(election, card, how=how, load=lambda: machine(progress))


@dataclass(frozen=True, slots=True)
class Beside:
    """An outcome beside the city's own.

    Parameters
    ----------
    winners : tuple of str
        What the city funded.
    cost : int
        Units.
    only_here, only_there : tuple of str
        Funded by this rule but not by the city, and the other way round.
    voters_with_nothing : int
        Under the city's outcome.
    """

    winners: tuple[str, ...]
    cost: int
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    voters_with_nothing: int

    @property
    def same(self) -> bool:
        """Whether both are the same projects."""
        return not self.only_here and not self.only_there


def beside_official(outcome: Outcome) -> Beside | None:
    """Lay an outcome beside what the city funded; None when the file does not say."""
    e = outcome.election
    if e.official is None:
        return None
    ours, theirs = set(outcome.winners), set(e.official)
    return Beside(
        tuple(e.ids[p] for p in e.official),
        e.cost_of(e.official),
        tuple(e.ids[p] for p in sorted(ours - theirs)),
        tuple(e.ids[p] for p in sorted(theirs - ours)),
        int(np.count_nonzero(happy(e, e.official) == 0)),
    )


# -- machine code, kept between runs ------------------------------------------------------------
_MACHINES: list[Machine] = []


def machine(progress: Say | None = None) -> Machine:
    """Return the compiled loops of this process; compiled at most once on a machine."""
    if not _MACHINES:
        say = progress or (lambda _: None)
        _MACHINES.append(
            Machine(_Kept(), lambda: say(phrase("compiling, once on this machine; later runs start at once")))
        )
    return _MACHINES[0]


class _Kept(InMemory):
    """Keeps machine code in the user's cache folder; where there is none, as long as the program runs.

    Code is loaded only from a file of this user that nobody else may write, and only whole.
    """

    def get(self, name: str) -> bytes | None:
        path = _folder() / name
        try:
            about = path.stat()
            content = path.read_bytes()
        except OSError:
            return super().get(name)
        if hasattr(os, "getuid") and (about.st_uid != os.getuid() or about.st_mode & 0o022):
            return None
        digest, code = content[:32], content[32:]
        return code if hashlib.sha256(code).digest() == digest else None

    def put(self, name: str, content: bytes) -> None:
        super().put(name, content)
        try:
            _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, beside = tempfile.mkstemp(dir=_folder())
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(beside, _folder() / name)
        except OSError:
            pass  # compiled again next time


def _folder() -> Path:
    given = os.environ.get("ISOPOLIS_CACHE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "isopolis" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "isopolis"


def answer(outcome: Outcome) -> dict[str, Any]:
    """Return outcome and comparison in the JSON form of ``isopolis vote --json``."""
    e, there = outcome.election, beside_official(outcome)
    official = None if there is None else {
        "winners": list(there.winners),
        "cost": _plain(e.money(there.cost)),
        "same": there.same,
        "only_here": list(there.only_here),
        "only_official": list(there.only_there),
        "voters_with_nothing": there.voters_with_nothing,
        "rule": e.official_rule,
    }  # fmt: skip
    return outcome.to_dict() | {
        "election": e.name,
        "currency": e.currency,
        "official": official,
        "caveats": [p.to_dict() for p in e.caveats],
    }


def _plain(amount: Any) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)
