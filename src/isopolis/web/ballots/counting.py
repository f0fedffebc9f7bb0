"""From the opened box to a result and its public bundle: the rule of the card, and nothing else, counts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from isopolis import __version__
from isopolis.engage.budget.bundle import FEWEST, digest_of, make_bundle
from isopolis.engage.budget.card import RuleCard
from isopolis.engage.ledger.ballot import election_of

from .models import Vote

__all__ = ["counted", "fingerprint_of"]


def counted(vote: Vote, ballots: Sequence[Mapping[str, int]]) -> tuple[dict[str, Any], bytes | None]:
    """Return the result as plain JSON, and what everybody may have to count it again.

    Ballots carry nothing of a person, so that the bundle has no groups. Of a vote of fewer than `FEWEST`
    people there is none: their ballots would be known.

    Raises
    ------
    DataError
        When projects are equal in everything and the card has no lot.
    """
    if not ballots:
        return {"winners": [], "cost": 0, "voters": 0, "rule_card": vote.card}, None
    from isopolis.flows.vote import answer, run_vote

    outcome = run_vote(election_of(vote.question, ballots), card=RuleCard.from_dict(vote.card))
    public = len(ballots) >= FEWEST
    return answer(outcome), _zipped(make_bundle(outcome, version=__version__)) if public else None


def _zipped(texts: Mapping[str, bytes]) -> bytes:
    """Put the texts into one file, the same for the same texts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(texts):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), texts[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def fingerprint_of(bundle: bytes) -> str:
    """Return the fingerprint that `isopolis verify` prints and holds against the log."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return digest_of(archive.read("manifest.json"))
