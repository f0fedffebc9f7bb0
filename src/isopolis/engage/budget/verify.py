"""Count a published bundle again and say everything in which it differs from what was published."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from isopolis.model import DataError, IsopolisError
from isopolis.model.text import count, joint, phrase

from .bundle import FILES, FORMAT, digest_of, election_from, texts_of, totals
from .card import RuleCard
from .election import Election
from .outcome import Outcome

__all__ = ["Checked", "Recount", "verify_bundle"]

Recount = Callable[[Election, RuleCard], Outcome]
CLOSE = 1e-9
"""Prices are compared to this relative difference, because a recount may compute them in another way."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer about one bundle.

    Parameters
    ----------
    digest : str
        Fingerprint of the manifest; compare it with the one that the city has published elsewhere.
    version : str
        Program that made the bundle.
    wrong : tuple of str
        Everything in which the bundle differs from itself or from the recount; empty when it verifies.
    outcome : Outcome or None
        The recount, when one was possible.
    """

    digest: str
    version: str
    wrong: tuple[str, ...]
    outcome: Outcome | None = None

    @property
    def holds(self) -> bool:
        """True when the bundle verifies."""
        return not self.wrong

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "verified": self.holds,
            "digest": self.digest,
            "made_by": self.version,
            "differences": [str(w) for w in self.wrong],
            "winners": None if self.outcome is None else list(self.outcome.ids),
        }


def verify_bundle(texts: Mapping[str, bytes], count_again: Recount, *, digest: str = "") -> Checked:
    """Check fingerprints, totals and outcome of a bundle.

    Parameters
    ----------
    texts : mapping of str to bytes
        Name → text, as `make_bundle` makes them.
    count_again : callable
        Counts an election under a card.
    digest : str
        The fingerprint that was published elsewhere, if one is known.

    Returns
    -------
    Checked
    """
    raw = texts.get("manifest.json", b"")
    found = digest_of(raw)
    manifest = _object(raw)
    if manifest is None or manifest.get("format") != FORMAT:
        what = phrase("manifest.json is missing, or no manifest of a bundle of format {n}.", n=f"{FORMAT}")
        return Checked(found, "", (what,))
    wrong = list(_fingerprints(texts, manifest))
    if digest and digest.strip().lower() != found:
        wrong.insert(0, phrase("The fingerprint is not the published one: this is another bundle."))
    version = str(manifest.get("isopolis", ""))
    if any(name not in texts for name in FILES):
        return Checked(found, version, tuple(wrong))
    try:
        card = RuleCard.from_json(texts["rule_card.json"].decode("utf-8", "replace"))
        election = election_from(texts, card)
        wrong += _totals(election, manifest.get("totals"))
        outcome = count_again(election, card)
    except IsopolisError as error:
        said = [p.said() for p in error.problems] if isinstance(error, DataError) else [str(error)]
        wrong.append(phrase("The vote in it cannot be counted: {why}", why=joint(said)))
        return Checked(found, version, tuple(wrong))
    wrong += _outcome(texts, outcome)
    return Checked(found, version, tuple(wrong), outcome)


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        made = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return made if isinstance(made, dict) else None


def _fingerprints(texts: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
    listed = manifest.get("files")
    listed = listed if isinstance(listed, dict) else {}
    out: list[str] = []
    for name in sorted({*FILES, *listed}):
        entry = listed.get(name)
        if name not in texts:
            out.append(phrase("{file} is missing.", file=name))
        elif not isinstance(entry, dict) or entry.get("sha256") != digest_of(texts[name]):
            out.append(phrase("{file} was changed after the bundle was made.", file=name))
    extra = sorted(set(texts) - set(listed) - {"manifest.json"} - set(FILES))
    out += [phrase("{file} was added after the bundle was made.", file=name) for name in extra]
    return out


def _totals(election: Election, said: Any) -> list[str]:
    """What is counted in the ballots against what the manifest says of them."""
    said = said if isinstance(said, dict) else {}
    real = totals(election)
    names = {"ballots": phrase("the number of ballots"), "budget": phrase("the budget")}
    out = [
        _differs(names[key], said.get(key), real[key])
        for key in ("ballots", "budget")
        if said.get(key) != real[key]
    ]
    for key in ("cost", "votes"):
        stated = said.get(key) if isinstance(said.get(key), dict) else {}
        ids = [p for p in {**real[key], **stated} if stated.get(p) != real[key].get(p)]
        for p in ids[:SHOWN]:
            what = (
                phrase("the cost of project {id}", id=p)
                if key == "cost"
                else phrase("the votes of project {id}", id=p)
            )
            out.append(_differs(what, stated.get(p), real[key].get(p)))
        if len(ids) > SHOWN:
            out.append(phrase("{n} more projects differ in the same way.", n=count(len(ids) - SHOWN)))
    return out


def _differs(what: str, said: Any, real: Any) -> str:
    return phrase(
        "Published and counted differ in {what}: {said} was published, {real} is in the file.",
        what=what, said=_number(said), real=_number(real),
    )  # fmt: skip


def _number(value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return count(value) if whole else phrase("nothing")


def _outcome(texts: Mapping[str, bytes], outcome: Outcome) -> list[str]:
    again = {name: json.loads(text) for name, text in texts_of(outcome).items() if name.endswith(".json")}
    said = _object(texts["outcome.json"]) or {}
    out = _winners(said, again["outcome.json"])
    # bundles of before do not say these two
    later = tuple(key for key in ("rule", "compared") if key in said)
    for key in ("cost", "budget", "endowment_exact", "voters", "voters_with_nothing", "ties", *later):
        if said.get(key) != again["outcome.json"][key]:
            out.append(
                phrase(
                    "outcome.json says {said} for “{key}”; the recount gives {real}.",
                    key=key, said=str(said.get(key)), real=str(again["outcome.json"][key]),
                )
            )  # fmt: skip
    for name in ("lot.json", "rounds.json", "vote.json", "rule_card.json"):
        if not _same(_any(texts[name]), again[name]):
            out.append(phrase("{file} does not say what the recount says.", file=name))
    return out


def _winners(said: Mapping[str, Any], real: Mapping[str, Any]) -> list[str]:
    listed = said.get("winners")
    stated = [str(p) for p in listed] if isinstance(listed, list) else []
    more = [p for p in stated if p not in real["winners"]]
    less = [p for p in real["winners"] if p not in stated]
    out: list[str] = []
    if more:
        out.append(phrase("Published as winners, but not in the recount: {ids}.", ids=", ".join(more)))
    if less:
        out.append(phrase("Winners in the recount, but not published: {ids}.", ids=", ".join(less)))
    if not out and stated != real["winners"]:
        out.append(phrase("The winners are the same, but not the order in which they won."))
    return out


def _any(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _same(a: Any, b: Any) -> bool:
    """Equal but for the last digits of numbers that are not whole."""
    if isinstance(a, float) or isinstance(b, float):
        numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (a, b))
        return numbers and math.isclose(a, b, rel_tol=CLOSE)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)
