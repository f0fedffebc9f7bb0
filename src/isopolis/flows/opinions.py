"""A conversation's folder → the map of its opinions, held against the published one and the census."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.engage.opinions.clusters import adjusted_rand
from isopolis.engage.opinions.mapping import OpinionMap, opinion_map
from isopolis.engage.opinions.shown import POLICY, Family, families_shown, statements_shown
from isopolis.engage.opinions.standing import Said, informed, said, standings
from isopolis.engage.opinions.votes import Votes, latest
from isopolis.model import CallError, DataError, Problem, Problems, near
from isopolis.model.text import phrase
from isopolis.privacy import Policy
from isopolis.read.lottery import read_people, read_quotas
from isopolis.read.polis import Conversation, VoteRows, polis_files, read_polis
from isopolis.read.tables import read_table

__all__ = [
    "FEWEST_SHOWN",
    "Census",
    "Opinions",
    "Published",
    "census_groups",
    "census_of",
    "export",
    "opinions",
    "opinions_of",
]

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FEWEST_SHOWN = 10
"""Voters of a census group below which it is not shown."""

NAMES_OF_PEOPLE = ("participant", "voter-id", "participant_id", "xid")


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What the export itself says.

    Parameters
    ----------
    names : tuple of str
        Published groups.
    group : (n,) int array
        Of each person, a place in `names`; -1 for none.
    counts : Said
    consensus : mapping of str to float
        Group-informed consensus of every published statement.
    agreement : float or None
        Adjusted Rand index of our groups with these, over people who are in both.
    compared : int
    """

    names: tuple[str, ...]
    group: Labels
    counts: Said
    consensus: Mapping[str, float]
    agreement: float | None
    compared: int


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """One attribute of the census: who voted, and what they agree on.

    Parameters
    ----------
    attribute : str
    names : tuple of str
        Groups, those without a voter too.
    voters : tuple of int or None
        None where the number is hidden.
    residents : tuple of float or None
        None where the census is not given.
    counts : Said
        Of the groups in `shown`. Not to be printed.
    shown : tuple of int
        Places in `names` of the groups that consensus is taken over.
    unknown : int or None
        Voters whose group is not known; None where that would tell about few people.
    told : (m,) bool array
        Statements on which every group in `shown` has votes enough that something may be said.
    """

    attribute: str
    names: tuple[str, ...]
    voters: tuple[int | None, ...]
    residents: tuple[float | None, ...]
    counts: Said
    shown: tuple[int, ...]
    unknown: int | None
    told: npt.NDArray[np.bool_]

    @property
    def consensus(self) -> Floats | None:
        """Informed by the groups that are shown; None when there are fewer than two."""
        return informed(self.counts) if len(self.shown) > 1 else None

    @property
    def standing(self) -> npt.NDArray[np.int8]:
        """Standing over the groups that are shown."""
        return standings(self.counts)


@dataclass(frozen=True, slots=True, eq=False)
class Opinions:
    """Everything that is said about a conversation.

    Parameters
    ----------
    talk : Conversation
    votes : Votes
    map : OpinionMap
    published : Published or None
    census : tuple of Census
    residents : int or None
        Who could have taken part.
    seed : int
    """

    talk: Conversation
    votes: Votes
    map: OpinionMap
    published: Published | None
    census: tuple[Census, ...] = ()
    residents: int | None = None
    seed: int = 0
    caveats: tuple[Problem, ...] = ()

    @property
    def group_names(self) -> tuple[str, ...]:
        """A, B, … from the largest group on."""
        return tuple("ABCDEFGHIJ"[: self.map.number])


def votes_of(talk: Conversation, rows: VoteRows | None = None) -> Votes:
    """Return the votes that count: the last of each person on each statement."""
    held = talk.votes if rows is None else rows
    allowed = np.array([s.moderated != -1 for s in talk.statements], bool)
    statements = tuple(s.id for s in talk.statements)
    return latest(talk.people, statements, held.person, held.statement, held.value, held.when, allowed)[0]


def opinions(
    folder: Path,
    *,
    seed: int = 1,
    resamples: int = 100,
    people: Path | None = None,
    by: Sequence[str] = (),
    census: Path | None = None,
    residents: int | None = None,
    threshold: int = FEWEST_SHOWN,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Opinions:
    """Read a folder in the form of Polis and draw its map; see `opinions_of` and `census_of`.

    Raises
    ------
    DataError
        With everything that is wrong in the files.
    CallError
        When options do not go together.
    """
    if not folder.is_dir():
        raise CallError(phrase("there is no folder {folder}", folder=folder))
    if (by or census is not None) and people is None:
        raise CallError(phrase("groups of the census need a table of participants and their attributes"))
    if people is not None and not by and census is None:
        raise CallError(phrase("name attributes with --by, or give the counts of the census"))
    talk = read_polis(folder)
    problems = Problems()
    crossed = () if people is None else census_of(talk, people, problems, by, census, threshold)
    found = opinions_of(talk, seed=seed, resamples=resamples, residents=residents, progress=progress)
    return replace(found, census=tuple(crossed), caveats=(*talk.caveats, *problems))


def opinions_of(
    talk: Conversation,
    *,
    seed: int = 1,
    resamples: int = 100,
    residents: int | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Opinions:
    """Draw the map of a conversation that is in memory.

    Parameters
    ----------
    seed : int
        Of the starts and the resamples: the same seed gives the same map.
    resamples : int
        0 leaves stability out.
    residents : int, optional
        Who could have taken part, for those who did not.
    """
    votes = votes_of(talk)
    if residents is not None and residents < len(votes.people):
        raise CallError(
            phrase(
                "{n} people voted, more than the {residents} residents",
                n=len(votes.people),
                residents=residents,
            )
        )
    drawn = opinion_map(votes, np.random.default_rng(seed), resamples=resamples, progress=progress)
    return Opinions(talk, votes, drawn, _published(talk, drawn), (), residents, seed, talk.caveats)


def _published(talk: Conversation, drawn: OpinionMap) -> Published | None:
    if talk.matrix is None or not talk.matrix.group:
        return None
    names = tuple(sorted(set(talk.matrix.group.values()), key=lambda g: (len(g), g)))
    place = {g: i for i, g in enumerate(names)}
    group = np.array([place.get(talk.matrix.group.get(p, ""), -1) for p in talk.people], np.int64)
    counts = said(votes_of(talk, talk.matrix.rows), group, len(names))
    value = informed(counts)
    column = {s.id: i for i, s in enumerate(talk.statements)}
    both = (group >= 0) & (drawn.group >= 0)
    agreement = adjusted_rand(drawn.group[both], group[both]) if both.any() else None
    consensus = {c: float(value[column[c]]) for c in talk.matrix.columns}
    return Published(names, group, counts, consensus, agreement, int(both.sum()))


def census_of(
    talk: Conversation,
    people: Path,
    problems: Problems,
    by: Sequence[str] = (),
    census: Path | None = None,
    threshold: int = FEWEST_SHOWN,
) -> list[Census]:
    """Read attributes of participants, and counts of the census where they are given.

    Parameters
    ----------
    people : Path
        A row per participant: their id in the conversation and a column per attribute.
    by : sequence of str
        Attributes; those of the census when not given.
    census : Path, optional
        Attribute, value, count; "age & sex" crosses attributes.
    threshold : int
        Voters below which a group is hidden, and with it what would give it away.
    """
    lived: dict[tuple[str, ...], dict[tuple[str, ...], float]] = {}
    if census is not None:
        rows = read_quotas(census, problems)
        if not rows.from_counts:
            problems.error(
                "no-census-counts", phrase("the table has bounds but no counts of residents"), file=rows.file,
                rule=phrase("attribute, value, count"),
            )  # fmt: skip
            problems.raise_if_fatal()
        for row in rows.rows:
            lived.setdefault(row.attributes, {})[row.values] = row.count or 0.0
    families = [tuple(p.strip() for p in b.split("&")) for b in by] or list(lived)
    wanted = tuple(dict.fromkeys(a for f in families for a in f))
    sheet = read_table(people, problems=problems)
    names = {n.strip().casefold(): n for n in sheet.columns}
    ids = next((names[n] for n in NAMES_OF_PEOPLE if n in names), "")
    table = read_people(sheet, wanted, problems, id_column=ids)
    row_of = {name: i for i, name in enumerate(table.ids)}
    if not set(row_of) & set(talk.people):
        problems.error(
            "nobody-in-both", phrase("nobody in the table took part in the conversation"), file=table.file,
            column=table.id_column or None, hint=near(talk.people[0], table.ids[:50]),
        )  # fmt: skip
    problems.raise_if_fatal()
    rows_ = [row_of.get(p, -1) for p in talk.people]
    traits = {a: [table.traits[a][i] if i >= 0 else "" for i in rows_] for a in wanted}
    return census_groups(votes_of(talk), traits, families, lived, _policy(threshold))


def _policy(threshold: int) -> Policy:
    return replace(
        POLICY, threshold=threshold, sensitive_threshold=max(threshold, POLICY.sensitive_threshold)
    )


def census_groups(
    votes: Votes,
    traits: Mapping[str, Sequence[str]],
    families: Sequence[tuple[str, ...]],
    lived: Mapping[tuple[str, ...], Mapping[tuple[str, ...], float]],
    policy: Policy = POLICY,
) -> list[Census]:
    """Hold voters against the census, through the gate.

    Parameters
    ----------
    votes : Votes
    traits : mapping of str to sequence of str
        Attribute → value of each of `votes.people`, empty where it is not known.
    families : sequence of tuple of str
        Attributes, alone or crossed.
    lived : mapping
        Attributes → group → residents, where the census is given.
    policy : Policy
    """
    told = families_shown({f: list(lived.get(f, {})) for f in families}, traits, lived, policy)
    return [_family(votes, one, traits, lived.get(one.attributes, {}), policy) for one in told]


def _family(
    votes: Votes,
    told: Family,
    traits: Mapping[str, Sequence[str]],
    lived: Mapping[tuple[str, ...], float],
    policy: Policy,
) -> Census:
    values = zip(*(traits[a] for a in told.attributes), strict=True)
    shown = [i for i, n in enumerate(told.people) if n and not told.hidden[i]]
    place = {told.groups[i]: k for k, i in enumerate(shown)}
    group = np.array([place.get(tuple(v), -1) for v in values], np.int64)
    counts = said(votes, group, max(len(shown), 1))
    return Census(
        " & ".join(told.attributes), tuple(" & ".join(g) for g in told.groups),
        tuple(None if h else n for n, h in zip(told.people, told.hidden, strict=True)),
        tuple(lived.get(g) for g in told.groups), counts, tuple(shown), told.unknown,
        statements_shown(counts, policy),
    )  # fmt: skip


def export(found: Opinions, folder: Path) -> list[Path]:
    """Write the conversation with our groups in Polis's form into a new folder.

    Raises
    ------
    DataError
        When one of the files is there already.
    """
    names = found.group_names
    group = {
        p: str(g)
        for p, g in zip(found.talk.people, found.map.group.tolist(), strict=True)
        if names and g >= 0
    }
    votes = found.votes
    texts = polis_files(found.talk, votes.person, votes.statement, votes.value, group)
    there = [n for n in texts if (folder / n).exists()]
    if there:
        raise DataError(
            [Problem("file-there", phrase("the file is there already"), file=n,
                     hint=phrase("Name a folder that is new.")) for n in there]
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        part = folder / (name + ".part")
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(folder / name)
    return [folder / n for n in texts]
