"""What was found out about access → commented sections of city.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from .config_access import AccessConfig, OriginsConfig
from .toml_text import Comments, quoted, quoted_key, quoted_list, quoted_map

__all__ = ["access_text"]


def access_text(config: AccessConfig, comments: Comments) -> str:
    """Write sections that read back as `config`, with the reason of each above it; empty for nothing.

    Parameters
    ----------
    config : AccessConfig
    comments : mapping of tuple of str to str
        Reasons by place: ``("streets",)``, ``("places", "1")``, ``("travel", "2")``; several lines
        may stand in one.
    """
    lines: list[str] = []
    for places in config.places:
        lines += _section(f"[[{places.section}]]", places, (places.section, str(places.number)), comments)
    if config.streets is not None:
        lines += _section("[streets]", config.streets, ("streets",), comments)
    for feed in config.feeds:
        lines += _section("[[feeds]]", feed, ("feeds", str(feed.number)), comments)
    for travel in config.travel:
        lines += _section("[[travel]]", travel, ("travel", str(travel.number)), comments)
    if config.digital is not None:
        lines += _section("[digital]", config.digital, ("digital",), comments)
    if config.origins != OriginsConfig():
        lines += _section("[origins]", config.origins, ("origins",), comments)
    return "\n".join(lines)


def _section(head: str, config: Any, place: tuple[str, ...], comments: Comments) -> list[str]:
    why = [f"# {line}" for line in comments.get(place, "").splitlines()]
    lines = ["", *why, head]
    for f in fields(config):
        value = getattr(config, f.name)
        if f.name in ("number", "section") or value == f.default or not _said(value):
            continue
        lines.append(f"{f.name.rstrip('_')} = {_written(value)}")
    return lines


def _said(value: Any) -> bool:
    return value not in ("", (), 0.0) and not (isinstance(value, Mapping) and not value)


def _written(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        if any(not isinstance(v, str) for v in value.values()):
            pairs = ", ".join(f"{quoted_key(k)} = {quoted_list(v)}" for k, v in value.items())
            return "{ " + pairs + " }"
        return quoted_map(value)
    return quoted_list(value) if isinstance(value, Sequence) else f"{value:g}"
