"""The command that counts a published result again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["verify"]


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The published folder or ZIP file.")],
    digest: Annotated[
        str, typer.Option(metavar="SHA256", help="The fingerprint that the city has published elsewhere.")
    ] = "",
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The public log of the vote, to be checked too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Count a published result again; exit code 1 and every difference when it does not verify."""
    from isopolis.flows.vote_verify import verify_path
    from isopolis.model import CallError

    if not bundle.exists():
        raise CallError(f'there is no "{bundle}"; name the folder or ZIP file of a published result')
    checked = verify_path(
        bundle, digest=digest, log=log, progress=lambda text: print(f"… {text}", file=sys.stderr, flush=True)
    )
    if as_json:
        print(json.dumps(checked.to_dict(), ensure_ascii=False, indent=1))
    else:
        _tell(checked, logged=log is not None)
    if not checked.holds:
        raise typer.Exit(1)


def _tell(checked: object, *, logged: bool) -> None:
    from isopolis.engage.budget.verify import Checked

    assert isinstance(checked, Checked)
    print(f"Fingerprint: {checked.digest}")
    if checked.holds and checked.outcome is not None:
        won, e = checked.outcome, checked.outcome.election
        amount = f"{float(e.money(won.cost)):,.2f}".removesuffix(".00")
        print(f"The result verifies: {len(won.order)} winners for {amount} {e.currency}".rstrip())
        print(f"Counted from {e.n_voters:,} ballots by the rule card in the bundle.")
        if logged:
            print("The log is whole, and it names this bundle.")
            print("Compare the newest seal of the log with the one that you kept.")
        print("Compare the fingerprint with the one that the city has published elsewhere.")
        return
    n = len(checked.wrong)
    print(f"The result does not verify: {n} difference{'s' * (n != 1)}.")
    for sentence in checked.wrong:
        print(f"  - {sentence}")
