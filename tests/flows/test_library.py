"""The library beside Berlin's own figures: changed counts change the order by exactly the printed parts."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import isopolis
from isopolis.flows.diagnosis import Diagnosis
from isopolis.flows.library import alike_of, because, for_city, index_of, needs_of, needs_of_gaps
from isopolis.learn import library
from isopolis.learn.search import Hits, Index, Query
from isopolis.learn.search.rank import NEED
from isopolis.learn.vocabulary import LocalTerm, Vocabulary, shipped
from isopolis.model import City

ROOT = Path(__file__).resolve().parents[2]
EVERYTHING = Query("", limit=1000)


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return shipped()


@pytest.fixture(scope="module")
def index() -> Index:
    return index_of(library.shipped())


@pytest.fixture(scope="module")
def city(data: Path) -> City:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOPOLIS_DATA", str(data))
        whole = isopolis.load(ROOT / "examples" / "berlin")
    kept = tuple(c for c in whole.counts if c.date.startswith("2020") and len(c.dimensions) == 1)
    return replace(whole, counts=tuple(c for c in kept if c.dimensions[0].name in ("origin", "age", "sex")))


@pytest.fixture(scope="module")
def berlin(city: City) -> Diagnosis:
    return isopolis.diagnose(city, simulations=19)


def mixed(city: City, dimension: str) -> City:
    """Return the city with the groups of one dimension spread over the zones as chance would."""
    rng = np.random.default_rng(4)
    counts = []
    for table in city.counts:
        if table.dimensions[0].name == dimension:
            values = table.values
            share = values.sum(axis=0) / values.sum()
            spread = np.stack([rng.multinomial(int(n), share) for n in values.sum(axis=1)]).astype(float)
            table = replace(table, values=spread)
        counts.append(table)
    return replace(city, counts=tuple(counts))


def parts(hits: Hits) -> dict[str, dict[str, float]]:
    return {h.id: {r.name: r.value for r in h.reasons} for h in hits.hits}


def in_order(hits: Hits) -> bool:
    by_parts = sorted(hits.hits, key=lambda h: (-math.prod(r.value for r in h.reasons), h.id))
    return [h.id for h in hits.hits] == [h.id for h in by_parts]


def test_berlins_widest_gap_stands_first_with_its_terms(berlin: Diagnosis, words: Vocabulary) -> None:
    needs = needs_of(berlin, words)
    assert [n.place for n in needs] == list(range(1, len(needs) + 1))
    assert sorted((n.weight for n in needs), reverse=True) == [n.weight for n in needs]
    assert "is your widest gap" in needs[0].said
    assert "ground:origin" in needs[0].aspects["ground"]
    assert "theme:segregation" in needs[0].aspects["topic"]
    by_finding = {round(h.excess or 0, 4) for h in berlin.headlines}
    assert {n.weight for n in needs} <= by_finding


def test_changed_counts_change_the_order_by_exactly_the_printed_parts(
    city: City, berlin: Diagnosis, words: Vocabulary, index: Index
) -> None:
    other = isopolis.diagnose(mixed(city, "origin"), simulations=19)
    before = for_city(index, EVERYTHING, words, needs_of(berlin, words))
    after = for_city(index, EVERYTHING, words, needs_of(other, words))
    old, new = parts(before), parts(after)
    assert old.keys() == new.keys()
    scores = {h.id: h.score for h in before.hits}
    for hit in after.hits:
        # nothing but the part of the need may differ, and the score by that part exactly
        assert {k: v for k, v in old[hit.id].items() if k != "need"} == {
            k: v for k, v in new[hit.id].items() if k != "need"
        }
        ratio = new[hit.id]["need"] / old[hit.id]["need"]
        assert hit.score == pytest.approx(scores[hit.id] * ratio, rel=1e-12)
    assert in_order(before)
    assert in_order(after)
    # people of other origin live mixed now, so that what answers them no longer leads
    assert [h.id for h in before.hits] != [h.id for h in after.hits]
    assert max(p["need"] for p in new.values()) < max(p["need"] for p in old.values())


def test_a_need_taken_away_takes_away_its_part(berlin: Diagnosis, words: Vocabulary, index: Index) -> None:
    needs = needs_of(berlin, words)
    without = {h.id: h.score for h in for_city(index, EVERYTHING, words, ()).hits}
    for hit in for_city(index, EVERYTHING, words, needs[:1]).hits:
        need = next(r for r in hit.reasons if r.name == "need")
        assert hit.score == pytest.approx(without[hit.id] * need.value, rel=1e-12)
        assert 1 <= need.value <= round(1 + NEED * needs[0].weight, 4)


def test_the_reason_is_a_sentence_with_gap_and_peer(
    berlin: Diagnosis, words: Vocabulary, index: Index
) -> None:
    hits = for_city(index, EVERYTHING, words, needs_of(berlin, words), {"Vienna": 0.83, "Oslo": 0.0})
    vienna = next(h for h in hits.hits if h.id == "vienna-social-housing")
    assert because(vienna).endswith("is your widest gap, and Vienna is in your top ten peers in 83% of runs")
    assert because(vienna).startswith("because the separation of the group “")
    plain = for_city(index, EVERYTHING, words)
    assert all(because(h) == "" for h in plain.hits)
    assert list(alike_of({"Vienna": 0.83, "Oslo": 0.0})) == ["Vienna"]


def test_peers_of_a_table_give_their_shares(index: Index, words: Vocabulary) -> None:
    from isopolis.learn.peers import ContextFeature, ContextTable, PeerCity, peers

    names = ("Berlin", "Vienna", "Oslo", "Rome")
    cities = tuple(PeerCity(id=n.lower(), name=n) for n in names)
    features = tuple(ContextFeature(id=i, label=i) for i in ("size", "jobs", "rent"))
    table = ContextTable(cities, features, np.array([[9, 9, 9], [8, 9, 8], [3, 1, 2], [5, 5, 4.0]]).T)
    found = peers("berlin", table, k=1, runs=50, seed=1)
    alike = alike_of(found)
    assert alike["Vienna"].share == found.shares["vienna"] > 0.5
    assert "among your 1 nearest peers" in alike["Vienna"].said
    hits = for_city(index, EVERYTHING, words, (), found)
    assert next(r for r in hits.hits[0].reasons if r.name == "words").value == 1.0


def test_a_citys_own_word_counts_once_a_person_has_mapped_it(berlin: Diagnosis, words: Vocabulary) -> None:
    def groups(vocabulary: Vocabulary) -> set[str]:
        return {t for n in needs_of(berlin, vocabulary) for t in n.aspects.get("group", ())}

    term = LocalTerm("local:elders", "65 years and over", "en", "group")
    mapped = words.with_local([term.confirmed("group:older_people", "somebody")])
    assert "group:older_people" not in groups(words)
    assert "group:older_people" in groups(mapped)


def test_gaps_without_excess_are_no_needs(berlin: Diagnosis, words: Vocabulary) -> None:
    from isopolis.flows.draft_plan import gaps_of

    flat = [replace(g, finding=replace(g.finding, excess=0.0)) for g in gaps_of(berlin, words)]
    assert needs_of_gaps(flat, words) == ()
