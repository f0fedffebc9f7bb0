"""Groups of people as an algebra over social dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .errors import CallError, near

__all__ = ["EVERYONE", "Dimension", "Group"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One social dimension and its categories.

    Parameters
    ----------
    name : str
        Short name used in group texts: ``age``, ``sex``, ``origin``.
    categories : tuple of str
        Disjoint categories, as they are named in the data; in rising order when `ordered`.
    label : str
        Name for readers; the capitalised `name` when empty.
    labels : mapping of str to str
        Category → name for readers; a category not listed is written out: `born_abroad` as
        "Born abroad".
    ordered : bool
        True when the order of the categories has a meaning (income, age bands).
    sensitive : bool
        True for special categories of personal data (GDPR art. 9) and the like.
    exhaustive : bool
        True when the categories together are everyone in the table's universe.
    ground : str
        Ground of discrimination in the vocabulary, or empty.
    legal_basis : str
        Why the city may hold this dimension, as the city states it.

    Raises
    ------
    CallError
        If a category is repeated or there is none, or the name would break the
        text of groups.
    """

    name: str
    categories: tuple[str, ...]
    label: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    sensitive: bool = False
    exhaustive: bool = True
    ground: str = ""
    legal_basis: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))
        object.__setattr__(self, "categories", tuple(self.categories))
        if not self.name.strip() or any(sign in self.name for sign in ("=", "&", "×")):
            raise CallError(f'"{self.name}" cannot name a dimension: leave out = & × (groups are written so)')
        if not self.categories:
            raise CallError(f'dimension "{self.name}" has no category')
        if len(set(self.categories)) != len(self.categories):
            twice = next(c for c in self.categories if self.categories.count(c) > 1)
            raise CallError(f'dimension "{self.name}" has the category "{twice}" twice')

    def __reduce__(self) -> tuple[type[Dimension], tuple[object, ...]]:
        return (
            Dimension,
            (
                self.name,
                self.categories,
                self.label,
                dict(self.labels),
                self.ordered,
                self.sensitive,
                self.exhaustive,
                self.ground,
                self.legal_basis,
            ),
        )

    @property
    def title(self) -> str:
        """Name for readers."""
        return self.label or self.name.replace("_", " ").capitalize()

    def label_of(self, category: str) -> str:
        """Name of one category for readers."""
        if category in self.labels or not category.replace("_", "").isalnum():
            return self.labels.get(category, category)
        plain = category.replace("_", " ").strip()
        return plain[:1].upper() + plain[1:]

    def index(self, category: str) -> int:
        """Position of `category`.

        Raises
        ------
        CallError
            If there is no such category; the message names near ones.
        """
        try:
            return self.categories.index(category)
        except ValueError:
            raise CallError(
                f'dimension "{self.name}" has no category "{category}": ' + near(category, self.categories)
            ) from None


@dataclass(frozen=True, slots=True)
class Group:
    """People who share one category in each of some dimensions.

    ``Group.of(age="65+") & Group.of(disability="yes")`` is the crossing
    ``age=65+ & disability=yes``. The empty group is everyone.

    Parameters
    ----------
    parts : tuple of (str, str)
        Pairs of dimension and category; kept sorted by dimension, so that
        the same people always have the same text.
    """

    parts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        parts = tuple(sorted({(str(d), str(c)) for d, c in self.parts}))
        names = [d for d, _ in parts]
        if len(set(names)) != len(names):
            twice = next(n for n in names if names.count(n) > 1)
            both = ", ".join(c for d, c in parts if d == twice)
            raise CallError(f'nobody is in two categories of "{twice}" at once ({both})')
        object.__setattr__(self, "parts", parts)

    @classmethod
    def of(cls, **categories: str) -> Group:
        """Make a group from keyword pairs: ``Group.of(sex="female")``."""
        return cls(tuple(categories.items()))

    @classmethod
    def parse(cls, text: str) -> Group:
        """Read the canonical text back.

        Raises
        ------
        CallError
            If a part is not ``dimension=category``.
        """
        if text.strip() in ("", "everyone"):
            return cls()
        parts = []
        for piece in text.split(" & "):
            name, sign, category = piece.partition("=")
            if not sign or not name.strip() or not category.strip():
                raise CallError(
                    f'cannot read the group "{text}": write dimension=category, '
                    'joined by " & ", as in "age=65+ & disability=yes"'
                )
            parts.append((name.strip(), category.strip().replace("&&", "&")))
        return cls(tuple(parts))

    def __and__(self, other: Group) -> Group:
        return Group(self.parts + other.parts)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.parts)

    def __str__(self) -> str:
        # a category may be called "Bosnia & Herzegovina": its own & is written twice
        return " & ".join(f"{d}={c.replace('&', '&&')}" for d, c in self.parts) or "everyone"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions that the group restricts."""
        return tuple(d for d, _ in self.parts)

    def within(self, other: Group) -> bool:
        """True when every member of this group is a member of `other`."""
        return set(other.parts) <= set(self.parts)


EVERYONE = Group()
