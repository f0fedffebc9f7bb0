"""The key that a count of participants shares with a count of residents: a neighbourhood and a group."""

from __future__ import annotations

from dataclasses import dataclass

from isopolis.model.groups import EVERYONE, Group

__all__ = ["NOWHERE", "Cell"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A neighbourhood and a group, each as far as it is known.

    Parameters
    ----------
    zone : str
        Id of the neighbourhood as the city's census has it; empty when it is not known.
    group : Group
        Crossed categories as the census names them; the empty group when nothing is known.
    """

    zone: str = ""
    group: Group = EVERYONE

    def __str__(self) -> str:
        zone = self.zone.replace("%", "%25").replace("|", "%7C")
        return f"{zone}|{self.group}" if self.group.parts else zone

    @classmethod
    def parse(cls, text: str) -> Cell:
        """Read the text back.

        Raises
        ------
        CallError
            If what stands after the line is no group.
        """
        zone, _line, group = text.partition("|")
        zone = zone.replace("%7C", "|").replace("%25", "%").strip()
        return cls(zone, Group.parse(group))


NOWHERE = Cell()
"""Nothing is known of the person but that they took part."""
