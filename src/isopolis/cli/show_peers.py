"""What the command about peers of a city prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import typer

from isopolis.explain.languages import said
from isopolis.flows.peers import Loaded
from isopolis.learn.peers import Peers
from isopolis.learn.peers.benchmarks import Benchmark, benchmark
from isopolis.learn.peers.deviants import Deviants, deviants
from isopolis.model.text import count, joint, phrase

__all__ = ["print_peers", "wrapped"]

WIDTH = 88
BAR = 20
SHOWN = 10
Say: TypeAlias = Callable[..., None]


def print_peers(found: Peers, loaded: Loaded, outcomes: list[str], as_json: bool, language: str) -> None:
    """Print a list, and the outcomes that were asked for; exit code 1 where there is no list."""
    ids = [p.city.id for p in found.ranked]
    beside = [benchmark(found.city.id, loaded.table.outcomes, o, ids, seed=found.seed) for o in outcomes]
    leads = [deviants(found, loaded.table, o) for o in outcomes]
    if as_json:
        whole = found.to_dict() | {
            "problems": [p.to_dict() for p in loaded.caveats],
            "benchmarks": [b.to_dict() for b in beside],
            "deviants": [d.to_dict() for d in leads],
        }
        print(json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        say = partial(wrapped, language=language)
        _print_list(found, say)
        for one, lead in zip(beside, leads, strict=True):
            _print_outcome(one, lead, say)
        for problem in loaded.caveats:
            say(problem.said(), "  - ")
    if found.undefined is not None:
        raise typer.Exit(1)


def _print_outcome(one: Benchmark, lead: Deviants, say: Say) -> None:
    say(joint((phrase("{outcome}:", outcome=one.indicator.label), one.said)))
    for caution in one.cautions:
        say(caution, "  ! ")
    for d in lead.better:
        mark = " ✓" if d.holds else ""
        print(f"  + {d.city.name}{mark}: {d.value:g} ({d.low:.4g} … {d.high:.4g})")
    for caution in lead.caveats if lead.better else ():
        say(caution, "  ! ")


def _print_list(found: Peers, say: Say) -> None:
    say(phrase("Peers of {city}", city=found.city.name))
    if found.undefined is not None:
        say(found.undefined.reason, "  ! ")
    for caveat in found.caveats:
        say(caveat, "  ! ")
    for peer in found.ranked:
        bar = ("#" * round(BAR * peer.share)).ljust(BAR, ".")
        print(
            f"{peer.place:>3}{'=' if peer.tied else ' '} {peer.city.name:<24} {bar} {peer.share:>4.0%} "
            f"({peer.low:.0%}-{peer.high:.0%})  {peer.distance:.3f}  {peer.common}/{peer.of}"
        )
    say(
        phrase(
            "Columns: place, city, share of {runs} runs in which it is among the {k} nearest (seed {seed}), "
            "its interval, distance from 0 to 1, features known of both.",
            runs=count(found.runs),
            k=count(found.k),
            seed=str(found.seed),
        )
    )
    if any(p.tied for p in found.ranked):
        say(phrase("= marks cities that share a place."))
    used = ", ".join(f"{f.id} {w:g}" for f, w in found.features)
    say(phrase("Features and weights: {listed}", listed=used))
    for name, why in [*found.left_out.items(), *list(found.refused.items())[:SHOWN]]:
        say(phrase("{name}: {why}", name=name, why=why), "  - ")
    if len(found.refused) > SHOWN:
        print(f"  - … +{len(found.refused) - SHOWN} (--json)")


def wrapped(text: str, lead: str = "", language: str = "en") -> None:
    """Print a text in a language, in lines that can be read."""
    import textwrap

    spoken = said(text, language)
    print(textwrap.fill(spoken, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)))
