"""``isopolis languages``: which languages are complete, and what is left to translate."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["languages"]

SHOWN = 40


def languages(
    code: Annotated[
        str, typer.Argument(metavar="LANGUAGE", help="List what is left in one language, such as fr.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="List all that is left.")] = False,
) -> None:
    """Say which languages are complete, and list what is untranslated; exit code 1 when a text is wrong."""
    from isopolis.model import CallError

    try:
        from isopolis.web.catalogues import DOMAINS, faults, languages_with_catalogues, missing
        from isopolis.web.languages import NAMES, untranslated
    except ModuleNotFoundError as error:
        raise CallError(
            f"{error.name} is not installed: the platform comes with pip install 'isopolis[web]'"
        ) from error
    if code and code not in NAMES:
        raise CallError(f'"{code}" is none of the languages: {", ".join(NAMES)}')
    wrong = 0
    for each in [code] if code else NAMES:
        counts = untranslated(each)
        left = ["no catalogue" if n is None else f"{n:,}" for n in counts.values()]
        state = "complete" if set(counts.values()) == {0} else f"untranslated: {' + '.join(left)}"
        print(f"{each}  {NAMES[each]:<12} {state}")
        for domain in DOMAINS:
            if each not in languages_with_catalogues(domain):
                continue
            said = faults(domain, each)
            wrong += len(said)
            for text in said:
                print(f"    {domain}: {text}")
            if code:
                _list(domain, missing(domain, each), every)
    if wrong:
        raise typer.Exit(1)


def _list(domain: str, texts: list[str], every: bool) -> None:
    for text in texts if every else texts[:SHOWN]:
        print(f"    {domain}: {text!r}")
    if len(texts) > SHOWN and not every:
        print(f"    … and {len(texts) - SHOWN:,} more: --all")
