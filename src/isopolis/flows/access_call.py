"""What a call may name: ways of moving with their other names, languages that the places speak."""

from __future__ import annotations

from isopolis.model import YES, AccessData, CallError
from isopolis.model.text import joint, phrase

from .access_load import named_service, profile_titles

__all__ = ["check_language", "profile_lines"]


def profile_lines() -> tuple[str, ...]:
    """Return a line for each way of moving that ships: its name, its other names, its title."""
    from isopolis.reach.profiles.shipped import ALIASES

    out = []
    for name, title in profile_titles():
        others = joint([other for other, own in ALIASES.items() if own == name], ", ")
        out.append(
            phrase("{name} (also {others}): {title}", name=name, others=others, title=title)
            if others
            else phrase("{name}: {title}", name=name, title=title)
        )
    return tuple(out)


def check_language(data: AccessData, service: str, language: str) -> None:
    """Refuse a language that no place of a service is known to speak.

    Parameters
    ----------
    data : AccessData
    service : str
        As `named_service` takes it.
    language : str
        Code of ISO 639; empty when any language does.

    Raises
    ------
    CallError
        It names the languages that the places list, and counts those that list none.
    """
    from isopolis.reach.services.admission import language_of

    if not language:
        return
    places = named_service(data, service)
    if (language_of(places, (language,)) == YES).any():
        return
    assert places.languages is not None
    spoken = sorted({code for codes in places.languages for code in codes})
    silent = sum(not codes for codes in places.languages)
    if not spoken:
        raise CallError(
            f'--language "{language}": no place of "{places.kind}" says which languages are spoken '
            "there; fill in the column languages, or leave --language out"
        )
    rest = f" ({silent} of {len(places)} list none)" if silent else ""
    raise CallError(
        f'--language "{language}": no place of "{places.kind}" is known to speak it; they list '
        f"{', '.join(spoken)}{rest}"
    )
