"""SKOS out and in: checked by a library that knows RDF, and by hostile files."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
import rdflib

from isopolis.learn.vocabulary import Concept, read_skos, shipped, to_jsonld, to_turtle
from isopolis.learn.vocabulary.skos import BASE, LARGEST, SKOS
from isopolis.model import DataError

from .test_vocabulary import small, word


def document(*nodes: dict[str, Any]) -> bytes:
    return json.dumps({"@graph": list(nodes)}).encode()


def node(id: str, label: Any = "x", **more: Any) -> dict[str, Any]:
    return {"@id": id, "@type": "skos:Concept", "skos:prefLabel": label, **more}


def graph(text: str, form: str) -> Any:
    made = rdflib.Graph()
    made.parse(data=text, format=form)
    return made


def test_both_forms_say_the_same() -> None:
    tricky = small(
        Concept(
            "group:a", {"en": ('say "a" \\ b',), "fr": ("é", "à\u2028z")}, definition="Line\nand\ttab\r."
        ),
        word("group:b", "b", broader=("group:a",)),
    )
    for known in (tricky, shipped()):
        by_json = graph(json.dumps(to_jsonld(known)), "json-ld")
        by_turtle = graph(to_turtle(known), "turtle")
        assert len(by_json) > 5
        assert set(by_json) == set(by_turtle)


def test_what_the_graph_says() -> None:
    told = graph(to_turtle(shipped()), "turtle")
    skos, uri = rdflib.Namespace(SKOS), rdflib.URIRef
    concepts = set(told.subjects(rdflib.RDF.type, skos.Concept))
    assert {uri(BASE + id) for id in shipped().concepts} < concepts
    for one in shipped().concepts.values():
        here = uri(BASE + one.id)
        labels = {(o.language, str(o)) for o in told.objects(here, skos.prefLabel)}
        assert labels == {(lang, said[0]) for lang, said in one.labels.items()}
        others = {(o.language, str(o)) for o in told.objects(here, skos.altLabel)}
        assert others == {(lang, a) for lang, said in one.labels.items() for a in said[1:]}
        assert set(told.objects(here, skos.broader)) == {uri(BASE + b) for b in one.broader}
        assert set(told.subjects(skos.narrower, here)) == {uri(BASE + b) for b in one.broader}
    # SKOS integrity: one preferred label per language, none of them an alternative too (S13, S14)
    for here in concepts:
        languages = [o.language for o in told.objects(here, skos.prefLabel)]
        assert len(languages) == len(set(languages))
        assert not set(told.objects(here, skos.prefLabel)) & set(told.objects(here, skos.altLabel))
    # nothing is related to what is above it (S27)
    for a, b in told.subject_objects(skos.related):
        assert b not in set(told.transitive_objects(a, skos.broader))


def test_out_and_in_is_the_same() -> None:
    written = json.dumps(to_jsonld(shipped()), ensure_ascii=False).encode()
    assert read_skos(written, "other") == tuple(shipped().concepts.values())


def test_a_file_of_somebody_else_in_expanded_form() -> None:
    made = graph(
        to_turtle(small(word("group:b", "b", "bee"), word("group:a", "a", broader=("group:b",)))), "turtle"
    )
    expanded = made.serialize(format="json-ld", auto_compact=False).replace(
        BASE, "https://example.org/terms/"
    )
    read = {c.id: c for c in read_skos(expanded.encode(), "group")}
    assert read["group:a"].broader == ("group:b",)
    assert read["group:b"].labels["en"] == ("b", "bee")
    assert read["group:a"].matches[0].notation == "https://example.org/terms/group:a"


def refused(data: bytes) -> str:
    with pytest.raises(DataError) as caught:
        read_skos(data, "group", "theirs.jsonld")
    text = str(caught.value)
    assert len(text) < 50_000
    assert "theirs.jsonld" in text
    return text


def test_circles_are_refused() -> None:
    a, b = "https://example.org/a", "https://example.org/b"
    text = refused(document(node(a, "a", broader=[{"@id": b}]), node(b, "b", broader=a)))
    assert "group:a → group:b → group:a" in text


def test_scripts_and_walls_are_refused() -> None:
    assert "markup" in refused(document(node("https://example.org/a", "<script>alert(1)</script>")))
    assert "10,000,000 characters" in refused(document(node("https://example.org/a", "a" * 10_000_000)))
    assert "markup or control" in refused(document(node("https://example.org/a", {"@value": "a\u0007b"})))


def test_large_deep_and_broken_files_are_refused() -> None:
    assert "bytes" in refused(b" " * (LARGEST + 1))
    assert "no JSON" in refused(b"[" * 200_000)
    assert "no JSON" in refused(b"\xff\xfe")
    assert "no list" in refused(b'{"@graph": 3}')
    assert "no list" in refused(b'"text"')
    assert "no skos:Concept" in refused(b"[]")
    assert "no label" in refused(json.dumps([{"@type": "skos:Concept", "@id": "urn:x:a"}]).encode())


def test_two_concepts_with_one_address_are_refused() -> None:
    a = "https://example.org/a"
    assert "twice" in refused(document(node(a, "one"), node(a, "two")))


def test_a_definition_is_not_taken_in_from_a_file() -> None:
    data = document(
        node(BASE + "definition:city_of_equality@9.9", "mine"), node(BASE + "group:women", "women")
    )
    assert [c.id for c in read_skos(data, "group")] == ["group:women"]


@pytest.mark.parametrize("odd", [3, None, [], {}, [[]], {"@language": "en"}, [{"@value": {"a": 1}}], True])
def test_odd_values_never_break_it(odd: Any) -> None:
    for key in ("skos:prefLabel", "broader", "@id", "@type", "skos:definition", "exactMatch"):
        data = document(node("https://example.org/a", "a") | {key: odd})
        with contextlib.suppress(DataError):
            read_skos(data, "group")
