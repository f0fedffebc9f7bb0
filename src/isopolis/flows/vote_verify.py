"""Count a published bundle again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from isopolis.engage.budget.bundle import FILES
from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import Election
from isopolis.engage.budget.outcome import Outcome
from isopolis.engage.budget.verify import Checked, verify_bundle
from isopolis.engage.ledger.published import log_differences
from isopolis.model import CallError, DataError, Problem
from isopolis.model.text import phrase
from isopolis.read.bundle import read_bundle, read_log

from .vote import run_vote

__all__ = ["verify_path"]

BUNDLE = ("manifest.json", *FILES)
SHOWN = 5


def verify_path(
    path: Path, *, digest: str = "", log: Path | None = None, progress: Callable[[str], None] | None = None
) -> Checked:
    """Count the bundle at `path`, a folder or a ZIP file, again.

    Parameters
    ----------
    path : Path
    digest : str
        The fingerprint that was published elsewhere, if one is known.
    log : Path, optional
        The public log of the vote: its seals, its batches, and what it says of the bundle are checked too.
    progress : callable, optional
        Told when something is compiled for the first time.

    Raises
    ------
    DataError
        When there is no bundle, nothing of one in the folder, or the log cannot be read.
    """

    def count_again(election: Election, card: RuleCard) -> Outcome:
        return run_vote(election, card=card, progress=progress)

    texts = read_bundle(path)
    if not any(name in texts for name in BUNDLE):
        raise DataError([_no_bundle(path, texts)])
    checked = verify_bundle(texts, count_again, digest=digest)
    if log is None:
        return checked
    outcome = checked.outcome
    wrong = log_differences(
        read_log(log), fingerprint=checked.digest, card=_card_of(texts),
        ballots=None if outcome is None else outcome.election.n_voters,
    )  # fmt: skip
    return replace(checked, wrong=(*checked.wrong, *wrong))


def _no_bundle(path: Path, texts: dict[str, bytes]) -> Problem:
    """Say what a bundle is, where none of its files is there."""
    inside = next((name for name in sorted(texts) if name.lower().endswith(".zip")), "")
    return Problem(
        "no-bundle",
        phrase(
            "this is no bundle of a published result; none of these files is there: {files}",
            files=", ".join(BUNDLE),
        ),
        file=path.name,
        value=", ".join(sorted(texts)[:SHOWN]) + (", …" if len(texts) > SHOWN else ""),
        hint=phrase("Name the ZIP file in it: {path}", path=str(path / inside)) if inside else phrase(
            "A bundle is the folder or ZIP file that a city publishes with the result of a vote; "
            "“isopolis vote FILE.pb --report DIR” writes one, DIR/bundle.zip."
        ),
    )  # fmt: skip


def _card_of(texts: dict[str, bytes]) -> dict[str, Any] | None:
    try:
        return RuleCard.from_dict(json.loads(texts["rule_card.json"])).to_dict()
    except (KeyError, ValueError, TypeError, CallError):
        return None
