"""What a diagnosis holds, ready for a report, a page or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import City, Counts, Finding, Undefined

__all__ = ["FALSE", "Diagnosis", "LocalTable"]

Floats = npt.NDArray[np.float64]

FALSE = 0.05
"""Largest part of the marks on a local map that may be false, on average."""


@dataclass(frozen=True, slots=True, eq=False)
class LocalTable:
    """Results for every zone, for one dimension at one date.

    Parameters
    ----------
    counts : Counts
        The one-dimensional counts measured; rows are the city's zones.
    people : (Z,) array
        Persons counted; 0 where `measured` is False.
    measured : (Z,) bool array
        False for zones with nobody or nothing collected: draw as "no data".
    share : (Z, G) array
        Share of each category, 0 to 1.
    quotient : (Z, G) array
        Location quotient, share ÷ city share; 1 is as in the city.
    local_m : (Z,) array
        Local segregation score in nats, >= 0; 0 is a mix like the city's.
    local_expected : (Z,) array
        Score that chance alone would give a zone of that size.
    contribution : (Z,) array
        Share of the city's M that the zone contributes; sums to 1 (0 when M is 0).
    stands_out : (Z, G) int8 array or None
        1 and −1 where a category is over- and under-represented beyond chance, with at most `FALSE` of the
        marks false; 0 elsewhere. None where the counts are a sample or carry noise: there is no such test.
    """

    counts: Counts
    people: Floats
    measured: npt.NDArray[np.bool_]
    share: Floats
    quotient: Floats
    local_m: Floats
    local_expected: Floats
    contribution: Floats
    stands_out: npt.NDArray[np.int8] | None = None

    @property
    def name(self) -> str:
        """Name of the dimension."""
        return self.counts.dimensions[0].name


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """A city's equality diagnosis.

    Parameters
    ----------
    city : City
    findings : tuple of Finding
        Everything measured, the undefined ones included.
    headlines : tuple of Finding
        The ones to read first: ranked by excess over chance and people concerned.
    headline_reasons : mapping of int to str
        Position in `headlines` → why it ranks there, in words.
    local : tuple of LocalTable
        By dimension, newest date first.
    unknowns : tuple of str
        What cannot be known from this data, in plain sentences.
    undefined : tuple of Undefined
        Reasons for which nothing at all could be measured, if so.
    settings : mapping
        Seed, number of simulations, versions, date of the run.
    """

    city: City
    findings: tuple[Finding, ...]
    headlines: tuple[Finding, ...]
    headline_reasons: Mapping[int, str]
    local: tuple[LocalTable, ...]
    unknowns: tuple[str, ...]
    undefined: tuple[Undefined, ...]
    settings: Mapping[str, object]
