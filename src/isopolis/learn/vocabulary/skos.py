"""The vocabulary for others: SKOS as JSON-LD and Turtle, and SKOS JSON-LD of others read in.

SKOS Reference, W3C Recommendation of 18 August 2009, sections 3 (concepts), 5 (lexical labels),
7 (documentation), 8 (semantic relations) and 10 (mapping).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from isopolis.model import DataError, Problem

from .concepts import Concept, Definition, Match, Scheme, is_id
from .vocabulary import Vocabulary
from .words import folded

__all__ = ["BASE", "LARGEST", "MOST_CONCEPTS", "SKOS", "read_skos", "to_jsonld", "to_turtle"]

BASE = "urn:isopolis:"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
XSD = "http://www.w3.org/2001/XMLSchema#"
LARGEST = 20_000_000  # bytes of a file that is read in
MOST_CONCEPTS = 50_000
MOST_PROBLEMS = 50
RELATIONS = {"exact": "exactMatch", "close": "closeMatch", "broad": "broadMatch", "narrow": "narrowMatch"}

_LABELS = ("prefLabel", "altLabel")
_CONTEXT: dict[str, Any] = {
    "skos": SKOS,
    "dct": DCT,
    "xsd": XSD,
    "id": "@id",
    "type": "@type",
    "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"},
    "altLabel": {"@id": "skos:altLabel", "@container": "@language"},
    "definition": {"@id": "skos:definition", "@container": "@language"},
    "scopeNote": {"@id": "skos:scopeNote", "@container": "@language"},
    "title": {"@id": "dct:title", "@container": "@language"},
    "description": {"@id": "dct:description", "@container": "@language"},
    "notation": "skos:notation",
    "version": "http://www.w3.org/2002/07/owl#versionInfo",
    "issued": {"@id": "dct:issued", "@type": "xsd:date"},
    "license": "dct:license",
} | {
    name: {"@id": f"skos:{name}", "@type": "@id"}
    for name in ("inScheme", "broader", "narrower", "related", *RELATIONS.values())
}


# -- out ---------------------------------------------------------------------------------------
def to_jsonld(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the vocabulary as a SKOS JSON-LD document, ready for ``json.dumps``.

    Addresses are ``urn:isopolis:scheme:name``: the same on every installation.
    """
    graph = [_scheme(s) for s in vocabulary.schemes.values()]
    graph += [_concept(c, vocabulary) for c in vocabulary.concepts.values()]
    graph += [_definition(d) for d in vocabulary.definitions]
    return {"@context": _CONTEXT, "@graph": graph}


def _scheme(scheme: Scheme) -> dict[str, Any]:
    return {
        "id": BASE + scheme.name,
        "type": "skos:ConceptScheme",
        "title": {"en": scheme.title},
        "description": {"en": scheme.about},
        "version": scheme.version,
        "issued": scheme.date.isoformat(),
        "license": scheme.licence,
    }


def _concept(concept: Concept, vocabulary: Vocabulary) -> dict[str, Any]:
    node: dict[str, Any] = {
        "id": BASE + concept.id,
        "type": "skos:Concept",
        "notation": concept.id,
        "inScheme": BASE + concept.scheme,
        "prefLabel": {lang: labels[0] for lang, labels in sorted(concept.labels.items()) if labels},
        "altLabel": {lang: list(labels[1:]) for lang, labels in sorted(concept.labels.items()) if labels[1:]},
        "definition": {"en": concept.definition} if concept.definition else {},
        "scopeNote": {"en": concept.note} if concept.note else {},
        "broader": [BASE + b for b in concept.broader],
        "narrower": [BASE + n.id for n in vocabulary.narrower(concept.id)],
        "related": [BASE + r for r in concept.related],
    }
    for match in concept.matches:
        node.setdefault(RELATIONS[match.relation], []).append(_elsewhere(match))
    return {name: value for name, value in node.items() if value}


def _elsewhere(match: Match) -> str:
    if match.scheme == "iri":
        return match.notation
    if match.scheme == "isopolis":
        return BASE + match.notation
    return f"{BASE}match:{match.scheme}:{re.sub(r'[^A-Za-z0-9.]+', '_', match.notation)}"


def _definition(definition: Definition) -> dict[str, Any]:
    return {
        "id": BASE + definition.key,
        "type": "skos:Concept",
        "notation": definition.key,
        "prefLabel": {"en": definition.label},
        "definition": {"en": definition.text},
        "version": definition.version,
        "issued": definition.date.isoformat(),
    }


def to_turtle(vocabulary: Vocabulary) -> str:
    """Return the same statements as `to_jsonld` in Turtle."""
    lines = [f"@prefix skos: <{SKOS}> .", f"@prefix dct: <{DCT}> .", f"@prefix xsd: <{XSD}> .",
             "@prefix owl: <http://www.w3.org/2002/07/owl#> .", ""]  # fmt: skip
    for node in to_jsonld(vocabulary)["@graph"]:
        said = [f"    {name} {value}" for name, value in _statements(node)]
        lines += [f"<{node['id']}> a {node['type']} ;", " ;\n".join(said) + " .", ""]
    return "\n".join(lines)


def _statements(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if key in ("id", "type"):
            continue
        term = _CONTEXT[key]
        name = term["@id"] if isinstance(term, dict) else term
        name = name.replace("http://www.w3.org/2002/07/owl#", "owl:")
        for one in _objects(value, term if isinstance(term, dict) else {}):
            yield name, one


def _objects(value: Any, term: Mapping[str, Any]) -> Iterator[str]:
    if term.get("@container") == "@language":
        for lang, texts in value.items():
            for text in texts if isinstance(texts, list) else [texts]:
                yield f"{_quoted(text)}@{lang}"
    elif term.get("@type") == "@id":
        yield from (f"<{address}>" for address in ([value] if isinstance(value, str) else value))
    else:
        yield _quoted(value) + (f"^^{term['@type']}" if "@type" in term else "")


def _quoted(text: str) -> str:
    for raw, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(raw, written)
    return f'"{text}"'


# -- in ----------------------------------------------------------------------------------------
def read_skos(data: bytes, scheme: str, name: str = "SKOS file") -> tuple[Concept, ...]:
    """Read concepts from a SKOS JSON-LD file of somebody else; nothing is fetched.

    Compact (``prefLabel`` or ``skos:prefLabel``) and expanded (full addresses) forms are read. Ids
    of this program are kept; other addresses become ``scheme:last_part`` with the address kept as
    an exact match.

    Parameters
    ----------
    data : bytes
        The file, at most 20 MB.
    scheme : str
        The scheme that concepts with foreign addresses get.
    name : str
        What to call the file in messages.

    Raises
    ------
    DataError
        When it is too large, no JSON, or a concept is wrong: circles, markup in labels, labels of a
        page, doubled labels. All problems at once, at most 50 of them.
    """
    nodes = [n for n in _nodes(_json(data, name), name) if _is_concept(n)]
    if not nodes:
        raise _refused("no-concepts", "there is no skos:Concept in it", name)
    if len(nodes) > MOST_CONCEPTS:
        raise _refused("too-many-concepts", f"{len(nodes):,} concepts", name, f"at most {MOST_CONCEPTS:,}")
    ids = _ids(nodes, scheme)
    concepts = tuple(_read(n, ids) for n in nodes)
    _check(concepts, name)
    return concepts


def _check(concepts: tuple[Concept, ...], name: str) -> None:
    from .checks import problems

    wrong = problems(concepts, name)
    if wrong:
        raise DataError(wrong[:MOST_PROBLEMS])


def _refused(code: str, message: str, name: str, rule: str = "") -> DataError:
    return DataError([Problem(code, message, file=name, rule=rule)])


def _json(data: bytes, name: str) -> Any:
    if len(data) > LARGEST:
        raise _refused("file-too-large", f"{len(data):,} bytes", name, f"at most {LARGEST:,}")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _refused(
            "no-json", f"it is no JSON: {str(error)[:200]}", name, "SKOS as JSON-LD, UTF-8"
        ) from error


def _nodes(plain: Any, name: str) -> Iterator[Mapping[str, Any]]:
    listed = plain.get("@graph", [plain]) if isinstance(plain, dict) else plain
    if not isinstance(listed, list) or not all(isinstance(n, dict) for n in listed):
        raise _refused("no-graph", "it is no list of things", name, '"@graph": [ {…}, … ]')
    yield from listed


def _get(node: Mapping[str, Any], key: str) -> list[Any]:
    found: list[Any] = []
    for spelt in (key, f"skos:{key}", SKOS + key):
        value = node.get(spelt, [])
        found += value if isinstance(value, list) else [value]
    return found


def _is_concept(node: Mapping[str, Any]) -> bool:
    types = node.get("@type", node.get("type", []))
    types = types if isinstance(types, list) else [types]
    key = str(_address(node))
    if key.startswith(BASE + "definition:"):
        return False  # definitions are ours to version; they are not taken in from a file
    return any(t in ("Concept", "skos:Concept", SKOS + "Concept") for t in types)


def _address(node: Any) -> str:
    if isinstance(node, str):
        return node
    found = node.get("@id", node.get("id", "")) if isinstance(node, dict) else ""
    return found if isinstance(found, str) else ""


def _ids(nodes: Iterable[Mapping[str, Any]], scheme: str) -> dict[str, str]:
    ids: dict[str, str] = {}
    for node in nodes:
        address = _address(node)
        own = address.removeprefix(BASE)
        if address.startswith(BASE) and is_id(own):
            ids[address] = own
        else:
            last = re.split(r"[/#:]", address.rstrip("/#"))[-1]
            ids[address] = f"{scheme}:{re.sub(r'[^a-z0-9]+', '_', folded(last)).strip('_')[:60] or 'unnamed'}"
    return ids


def _read(node: Mapping[str, Any], ids: Mapping[str, str]) -> Concept:
    address = _address(node)
    labels: dict[str, list[str]] = {}
    for key in _LABELS:
        for lang, text in _texts(_get(node, key)):
            listed = labels.setdefault(lang, [])
            if text not in listed:
                listed.append(text)
    # links out of the file are left out: they say nothing that could be looked up here
    links = {
        key: tuple(dict.fromkeys(ids[a] for a in map(_address, _get(node, key)) if a in ids))
        for key in ("broader", "related")
    }
    matches = tuple(_matches(node))
    if not address.startswith(BASE) and address:
        matches = (Match("exact", "iri", address[:500]), *matches)
    return Concept(
        ids[address],
        {lang: tuple(said) for lang, said in labels.items()},
        definition=_english(_get(node, "definition")),
        note=_english(_get(node, "scopeNote")),
        broader=links["broader"],
        related=links["related"],
        matches=matches,
    )


def _matches(node: Mapping[str, Any]) -> Iterator[Match]:
    for relation, key in RELATIONS.items():
        for address in map(_address, _get(node, key)):
            if address.startswith(f"{BASE}match:"):
                listed, _, notation = address.removeprefix(f"{BASE}match:").partition(":")
                yield Match(relation, listed[:80], notation.replace("_", " ")[:200])
            elif address:
                yield Match(relation, "iri", address[:500])


def _texts(values: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for value in values:
        if isinstance(value, str):
            yield "und", value
        elif isinstance(value, dict) and "@value" in value:
            yield str(value.get("@language", "und"))[:12].lower(), str(value["@value"])
        elif isinstance(value, dict):
            for lang, said in value.items():
                for text in said if isinstance(said, list) else [said]:
                    yield str(lang)[:12].lower(), str(text)


def _english(values: Iterable[Any]) -> str:
    said = dict(_texts(values))
    return said.get("en") or next(iter(said.values()), "")
