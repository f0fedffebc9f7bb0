"""What somebody asks for, and what it means for the index: words, phrases, minus words, filters, concepts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from isopolis import content
from isopolis.model import CallError
from isopolis.model.text import count, listing, phrase, phrases

from .analyser import STEMMERS, WITHOUT, analyse, base, encoded, variants
from .documents import FIELDS, mark
from .letters import cut, lower
from .logic import All, Any, Logic, Phrase

if TYPE_CHECKING:
    from isopolis.learn.vocabulary import Expansion, Vocabulary

    from .rank import Alike, Need

__all__ = ["LONGEST_QUERY", "MOST_WORDS", "Asked", "Found", "Item", "Part", "Query", "Term", "understood"]

LONGEST_QUERY = 1_000
"""Letters of a search; a longer one is refused."""

MOST_WORDS = 16
"""Words and phrases of a search that count."""

MOST_LABELS = 120
"""Labels of concepts that one word may bring in."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»‹›「」『』＂", '"') | dict.fromkeys("−–﹣－", "-"))
_ITEM = re.compile(
    r'(?P<minus>-?)"(?P<phrase>[^"]*)"?|(?P<field>[a-z_]+):(?P<value>[^\s"]+)|(?P<word>[^\s"]+)'
)


@dataclass(frozen=True)
class Query:
    """One search.

    Parameters
    ----------
    text : str
        Words; ``"a phrase"``; ``-without``; ``theme:housing``.
    lang : str
        Language of the page on which it was typed.
    filters : mapping of str to tuple of str
        Field → values, of which a record must have one. Filters in the text are added to these.
    needs : tuple of Need
        Gaps of the city that asks.
    alike : mapping of str to Alike
        City → how sure it is that it is a peer of the city that asks.
    start, limit : int
        Which part of the results is wanted.
    enough : int
        Below so many hits, records that have only some of the words are added.
    concepts : bool
        False to search for the words only.

    Raises
    ------
    CallError
        For a text that is too long, or a part of the results that is none.
    """

    text: str = ""
    lang: str = "en"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    alike: Mapping[str, Alike] = field(default_factory=dict)
    start: int = 0
    limit: int = 20
    enough: int = 5
    concepts: bool = True

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST_QUERY:
            raise CallError(
                phrase(
                    "the search has {n} letters; up to {most} are allowed. Search for a few words.",
                    n=count(len(self.text)),
                    most=count(LONGEST_QUERY),
                )
            )
        if self.start < 0 or not 1 <= self.limit <= 1_000:
            raise CallError("a search returns 1 to 1,000 results, from 0 on")
        kept = {k: tuple(v) for k, v in self.filters.items() if v}
        object.__setattr__(self, "filters", MappingProxyType(kept))
        object.__setattr__(self, "alike", MappingProxyType(dict(self.alike)))

    def without_filter(self, name: str) -> Query:
        """Return the search without a filter."""
        return replace(self, filters={k: v for k, v in self.filters.items() if k != name}, start=0)


@dataclass(frozen=True, slots=True)
class Item:
    """One word or phrase as it was typed."""

    said: str
    words: str
    phrase: bool
    minus: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is counted in a record for its score: any of some phrases of tokens."""

    said: str
    phrases: tuple[tuple[str, ...], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Found:
    """A concept of the vocabulary that the search names.

    Parameters
    ----------
    concept : str
        Its id; records marked with it or with a narrower one are found too.
    words : str
        The words that name it.
    labels : tuple of (str, str, tuple of str)
        Language, label and tokens of what was searched for besides.
    """

    concept: str
    words: str
    labels: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One condition of a search: what it was typed as, its logic, what is counted."""

    said: str
    items: tuple[int, ...]
    logic: Logic
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the index understands it."""

    items: tuple[Item, ...]
    parts: tuple[Part, ...]
    minus: tuple[Part, ...]
    filters: Mapping[str, tuple[str, ...]]
    found: tuple[Found, ...]
    notes: tuple[str, ...]
    small: frozenset[int] = frozenset()

    def text_without(self, gone: Iterable[int]) -> str:
        """Return the text that is left when some items are dropped; filters and small words are not in it."""
        leave = set(gone) | self.small
        text = " ".join(item.said for i, item in enumerate(self.items) if i not in leave)
        return text[:LONGEST_QUERY]  # blanks and closing quotes that nobody typed make it longer


def understood(query: Query, languages: Sequence[str], vocabulary: Vocabulary | None = None) -> Asked:
    """Read a search.

    Each word is analysed in the language of the page and in every language of the index, because
    nobody says in which language they type. Codes that the analyser does not know are all treated
    alike, so one stands for them: a file with thousands of invented ones slows no search.
    """
    lang = base(query.lang)
    known = (code if code in STEMMERS or code in WITHOUT else "" for code in map(base, languages))
    spoken = tuple(dict.fromkeys((lang, *known)))
    items, filters = _items(query)
    notes: list[str] = []
    if len(items) > MOST_WORDS:
        dropped = len(items) - MOST_WORDS
        notes.append(phrases("Only the first words count; {n} was left out.",
                             "Only the first words count; {n} were left out.", dropped))  # fmt: skip
        items = items[:MOST_WORDS]
    wanted = {i: item for i, item in enumerate(items) if not item.minus}
    small = _small(wanted, lang)
    if small:
        said = listing([f"“{items[i].words}”" for i in sorted(small)])
        notes.append(phrase("Not insisted on: {words}.", words=said))
    spans = list(_spans(wanted, lang, vocabulary)) if vocabulary is not None and query.concepts else []
    parts, found = _parts(items, wanted, small, spans, spoken, vocabulary)
    minus = tuple(
        Part(item.said, (i,), _logic(item, spoken), ()) for i, item in enumerate(items) if item.minus
    )
    return Asked(items, parts, minus, filters, found, tuple(notes), small)


def _items(query: Query) -> tuple[tuple[Item, ...], Mapping[str, tuple[str, ...]]]:
    filters = {k: list(v) for k, v in query.filters.items()}
    items: list[Item] = []
    for match in _ITEM.finditer(query.text.translate(_QUOTES)):
        name, value = match["field"], match["value"]
        if name in FIELDS:
            filters.setdefault(name, []).append(value)
            continue
        word = match["word"] or (f"{name}:{value}" if name else "")
        minus = bool(match["minus"]) or (len(word) > 1 and word[0] == "-")
        said = match["phrase"] if match["phrase"] is not None else word.lstrip("-")
        if cut(lower(said)):
            shown = ("-" if minus else "") + (f'"{said}"' if match["phrase"] is not None else said)
            items.append(Item(shown, said, match["phrase"] is not None, minus))
    return tuple(items), {k: tuple(dict.fromkeys(v)) for k, v in filters.items()}


@functools.cache
def _small_words(lang: str) -> frozenset[str]:
    words = content.read("search/function_words.yaml")["languages"].get(lang, "")
    return frozenset(w for word in words.split() for w in cut(lower(word, lang)))


def _small(wanted: Mapping[int, Item], lang: str) -> frozenset[int]:
    """Return the places of small words of the page's language, unless there are no others."""
    known = _small_words(lang)
    small = {
        i for i, item in wanted.items() if not item.phrase and set(cut(lower(item.words, lang))) <= known
    }
    return frozenset(small) if len(small) < len(wanted) else frozenset()


def _logic(item: Item, spoken: Sequence[str]) -> Logic:
    return Any(tuple(Phrase(tokens) for tokens in _tokens(item.words, spoken)))


def _tokens(text: str, spoken: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the phrases of encoded tokens that a word or phrase may be in any of the languages."""
    out: dict[tuple[str, ...], None] = {}
    for lang in spoken:
        words = [variants(word, lang) for word in cut(lower(text, lang))]
        for kind in (0, -1):  # with its marks, and as typed without
            out[tuple(encoded(v[kind]) for v in words)] = None
    return tuple(out)


def _spans(
    wanted: Mapping[int, Item], lang: str, vocabulary: Vocabulary
) -> Iterator[tuple[tuple[int, ...], list[Expansion]]]:
    """Yield runs of neighbouring words that name concepts, each word once, longest first."""
    from isopolis.learn.vocabulary import expand

    plain = [i for i, item in wanted.items() if not item.phrase]
    owner = [i for i in plain for _ in cut(lower(wanted[i].words, lang))]
    text = " ".join(wanted[i].words for i in plain)
    taken: set[int] = set()
    # the language of the page first; what it does not know may be in any other
    for tongue in (lang, None):
        by_place: dict[tuple[int, int], list[Expansion]] = {}
        for one in expand(vocabulary, text, tongue, analyse):
            by_place.setdefault((one.start, one.stop), []).append(one)
        for (start, stop), found in sorted(by_place.items(), key=lambda p: (p[0][0] - p[0][1], p[0])):
            span = tuple(dict.fromkeys(owner[start:stop]))
            next_to = span and span[-1] - span[0] == len(span) - 1
            if next_to and not taken & set(span):
                taken |= set(span)
                yield span, found


def _parts(
    items: Sequence[Item],
    wanted: Mapping[int, Item],
    small: frozenset[int],
    spans: Sequence[tuple[tuple[int, ...], list[Expansion]]],
    spoken: Sequence[str],
    vocabulary: Vocabulary | None,
) -> tuple[tuple[Part, ...], tuple[Found, ...]]:
    parts: list[Part] = []
    found: list[Found] = []
    in_span = {span[0]: (span, named) for span, named in spans}
    covered = {i for span, _ in spans for i in span}
    for i, item in wanted.items():
        if i in in_span and vocabulary is not None:
            span, named = in_span[i]
            part, some = _with_concepts(items, span, small, named, spoken, vocabulary)
            parts.append(part)
            found += some
        elif i not in covered and i not in small:
            tokens = _tokens(item.words, spoken)
            parts.append(Part(item.said, (i,), _logic(item, spoken), (Term(item.said, tokens, 1.0),)))
    return tuple(parts), tuple(found)


def _with_concepts(
    items: Sequence[Item],
    span: tuple[int, ...],
    small: frozenset[int],
    named: Sequence[Expansion],
    spoken: Sequence[str],
    vocabulary: Vocabulary,
) -> tuple[Part, list[Found]]:
    """Make one condition of words that name concepts: the words, or a label, or the concept's mark."""
    own = [i for i in span if i not in small] or list(span)
    said = " ".join(items[i].said for i in span)
    terms = [Term(items[i].said, _tokens(items[i].words, spoken), 1.0) for i in own]
    choices: list[Logic] = [All(tuple(_logic(items[i], spoken) for i in own))]
    found: list[Found] = []
    for one in named:
        labels = list(_labels(one, spoken))[:MOST_LABELS]
        marks = [mark(id) for id in sorted(vocabulary.below(one.concept))]
        ways = tuple(dict.fromkeys([*(tokens for _, _, tokens in labels), *((m,) for m in marks)]))
        choices += [Phrase(tokens) for tokens in ways]
        terms.append(Term(one.concept, ways, CONCEPT))
        found.append(Found(one.concept, said, tuple(dict.fromkeys(labels))))
    return Part(said, span, Any(tuple(dict.fromkeys(choices))), tuple(terms)), found


CONCEPT = 0.5
"""What a label of a concept counts beside the word that was typed."""


def _labels(one: Expansion, spoken: Sequence[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for lang, labels in sorted(
        one.labels.items(), key=lambda p: spoken.index(p[0]) if p[0] in spoken else 99
    ):
        for label in labels if base(lang) in spoken else ():
            tokens = tuple(encoded(t) for t in analyse(label, lang))
            if tokens:
                yield lang, label, tokens
