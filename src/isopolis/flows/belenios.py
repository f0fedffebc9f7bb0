"""A binding secret vote by Belenios: hand it over, and take the verified result back.

Belenios is a program of its own under the AGPL. It is called as a command where it is installed, and nothing
of it is part of Isopolis.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isopolis.engage.budget.election import Election
from isopolis.engage.budget.tables import election_from_tables
from isopolis.engage.ledger.ballot import Question, election_of
from isopolis.engage.ledger.belenios import Taken, result_of, template_of, voters_of
from isopolis.model import CallError, DataError, Problem
from isopolis.model.text import phrase
from isopolis.read.belenios import find_archive, read_archive
from isopolis.read.pabulib import read_pabulib

__all__ = ["TOOL", "Handed", "hand_over", "question_of", "take_back", "verified"]

TOOL = "belenios-tool"
PATIENCE = 4 * 3600
"""Seconds for the verification of an archive; a hundred thousand ballots take hours."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What was written for Belenios.

    Parameters
    ----------
    folder : Path
    voters, projects : int
    opens : str
        ``ballots`` or ``totals``.
    """

    folder: Path
    voters: int
    projects: int
    opens: str


def question_of(path: Path) -> Question:
    """Read what is voted on from a ``.pb`` file, with ballots in it or without."""
    file = read_pabulib(path)
    votes = dict(file.votes.columns)
    if not len(file.votes):  # a vote that is still to come: one ballot stands in for those that are read
        few = file.projects.columns.get("project_id", [])[: int(file.meta.get("min_length") or 1)]
        votes = {"voter_id": ["0"], "vote": [",".join(few)]}
        if file.meta.get("vote_type") in ("cumulative", "scoring"):
            votes["points"] = [",".join("1" for _p in few)]
    made = election_from_tables(
        file.meta, file.projects.columns, votes, file=file.file, first_project=file.projects.first,
        first_vote=file.votes.first,
    )  # fmt: skip
    return Question(
        made.name, made.budget, made.projects, made.ballot, made.limits, made.min_score, made.currency,
        made.scale,
    )  # fmt: skip


def hand_over(
    vote: Path, roll: Path, out: Path, *, ballots: bool = True, description: str = "",
    administrator: str = "", authority: str = "",
) -> Handed:  # fmt: skip
    """Write the questions and the roll as `belenios-tool` reads them.

    Parameters
    ----------
    vote : Path
        ``.pb`` file: projects, budget, kind and limits of the ballot.
    roll : Path
        Text file with an identifier in each line, as those who send the credentials know people.
    out : Path
        Folder for ``questions.json`` and ``voters.txt``; must not be there, or be empty.
    ballots : bool
        True to open shuffled ballots, False to open sums only.
    description, administrator, authority : str
        As people see them.

    Raises
    ------
    CallError
        If the folder has something in it.
    DataError
        With everything that Belenios could not read.
    """
    question = question_of(vote)
    template = template_of(
        question, ballots=ballots, description=description, administrator=administrator, authority=authority
    )
    names = [line for line in _lines(roll) if line.strip()]
    voters = voters_of(names)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CallError(phrase('"{folder}" is not empty; name a folder that is not there yet', folder=out))
    out.mkdir(parents=True, exist_ok=True)
    (out / "questions.json").write_text(json.dumps(template, ensure_ascii=False), encoding="utf-8")
    (out / "voters.txt").write_text(voters, encoding="utf-8")
    return Handed(out, len(names), len(question.projects), "ballots" if ballots else "totals")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DataError(
            [Problem("belenios-roll", phrase("the roll must be text in UTF-8"), file=path.name)]
        ) from None


def verified(archive: Path, *, tool: str = TOOL) -> str:
    """Let Belenios check an archive; return the program's version.

    Raises
    ------
    CallError
        If the program is not installed.
    DataError
        If it finds anything wrong, with what it says.
    """
    program = shutil.which(tool)
    if program is None:
        raise CallError(
            phrase(
                'the program "{tool}" is not installed, and without it no result of Belenios is believed. '
                "On Debian and Ubuntu: apt install belenios-tool",
                tool=tool,
            )
        )
    # an absolute name, so that no folder whose name begins with a dash is taken for an option
    done = _called([program, "election", "verify", "--dir", str(archive.parent.resolve())])
    said = (done.stderr + done.stdout).strip()
    if done.returncode or "all checks passed" not in said:
        raise DataError(
            [Problem("belenios-refused", phrase("Belenios does not verify this archive; nothing was taken"),
                     file=archive.name, value=said.rpartition("\n")[2][-300:])]
        )  # fmt: skip
    return _called([program, "--version"]).stdout.strip()[:40]


def _called(words: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            words, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataError(
            [Problem("belenios-failed", phrase("Belenios could not be run, or did not end"),
                     value=type(error).__name__)]
        ) from None  # fmt: skip


def take_back(folder: Path, vote: Path, *, tool: str = TOOL) -> tuple[Taken, Election | None, dict[str, Any]]:
    """Take the result of a vote that Belenios verifies.

    Parameters
    ----------
    folder : Path
        With the one archive ``UUID.bel`` in it.
    vote : Path
        The ``.pb`` file from which it was handed over.
    tool : str
        Name or path of the program.

    Returns
    -------
    (Taken, Election or None, dict)
        The result; the election for every rule, where ballots were opened; number and program for the record.

    Raises
    ------
    CallError
        If the program is not installed.
    DataError
        If the archive is not verified, is not counted yet, or is of another vote.
    """
    archive = find_archive(folder)
    others = sorted(p.name for p in archive.parent.glob("*.bel") if p != archive)
    if others:
        raise DataError(
            [Problem("belenios-archive", phrase("the folder holds more than one archive"),
                     file=archive.parent.name, value=", ".join(others[:5]))]
        )  # fmt: skip
    question, version = question_of(vote), verified(archive, tool=tool)
    read = read_archive(archive)
    if read.result is None:
        raise DataError(
            [Problem("belenios-open", phrase("this vote is not counted yet: its archive has no result"),
                     file=archive.name)]
        )  # fmt: skip
    if read.weight != read.tallied:
        raise DataError(
            [Problem("belenios-weights", file=archive.name,
                     message=phrase("voters of this archive count differently; here each counts once"))]
        )  # fmt: skip
    taken = result_of(question, read.election, read.result, read.tallied)
    election = election_of(question, taken.ballots) if taken.ballots else None
    return taken, election, {"uuid": str(read.election.get("uuid", "")), "program": version}
