"""Hold a published result against the public log of its vote, without asking the server that made both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isopolis.model.text import phrase

from .ballot import digest
from .chain import Entry, Sealed, broken

__all__ = ["FORMAT", "log_differences"]

FORMAT = "isopolis ballot log 1"


def log_differences(
    log: Mapping[str, Any], *, fingerprint: str, ballots: int | None, card: Mapping[str, Any] | None
) -> list[str]:
    """Say everything in which a log does not fit itself, or the bundle of the result.

    Parameters
    ----------
    log : mapping
        The published log as plain JSON.
    fingerprint : str
        Of the bundle: SHA-256 of its manifest.
    ballots : int or None
        How many ballots the bundle counts; None when it could not be counted.
    card : mapping or None
        The rule card in the bundle as plain JSON; None when it cannot be read.

    Returns
    -------
    list of str
        Empty when all of it fits.
    """
    try:
        entries, batches = _read(log)
    except (KeyError, TypeError, ValueError, AttributeError):
        return [phrase("The log is no public log of a vote.")]
    try:
        wrong = [phrase("In the log: {what}.", what=one) for one in broken(entries, batches)]
    except (KeyError, TypeError, ValueError):
        return [phrase("The log is no public log of a vote.")]
    kinds = {one.entry.kind: one.entry.content for one in entries}
    counted = kinds.get("tallied")
    if counted is None:
        return [*wrong, phrase("The log does not say that the vote was counted.")]
    if counted.get("fingerprint") != fingerprint:
        wrong.append(phrase("The log names another bundle than this one."))
    inside = sum(len(pairs) for pairs in batches.values())
    if counted.get("ballots") != inside or (ballots is not None and ballots != inside):
        wrong.append(phrase("The log has {n} ballots, and the bundle another number.", n=inside))
    if card is not None and not _same_card(card, kinds):
        wrong.append(
            phrase("The rule, or the seed of its lot, is not the one with which the vote was opened.")
        )
    return wrong


def _read(log: Mapping[str, Any]) -> tuple[list[Sealed], dict[int, list[tuple[str, str]]]]:
    if log["format"] != FORMAT:
        raise ValueError(FORMAT)
    entries = [
        Sealed(
            Entry(e["number"], str(e["kind"]), e["day"], dict(e["content"])), str(e["previous"]), e["seal"]
        )
        for e in log["entries"]
    ]
    batches = {int(n): [(str(a), str(b)) for a, b in pairs] for n, pairs in log["batches"].items()}
    return entries, batches


def _same_card(card: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Any]]) -> bool:
    opened = dict(card)
    # a lot that was drawn after closing stands in the log by itself
    if "lot" in kinds and opened.get("lot_seed") == kinds["lot"].get("seed"):
        opened["lot_seed"] = ""
    # a card that leaves the least support to the vote has it filled in when it is counted
    return kinds.get("opened", {}).get("card") in (digest(opened), digest(opened | {"min_score": None}))
