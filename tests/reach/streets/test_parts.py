"""Connected parts against a plain search and against the reader's own way of finding them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError
from isopolis.model.streets import Streets
from isopolis.reach.streets import components, parts
from isopolis.read.osm_network import parts_of

NODES = 14
EDGES = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.booleans()), max_size=24)


def net(edges, length=1_000_000) -> Streets:
    tail, head = np.array(edges, dtype=int).reshape(-1, 2).T
    return Streets(
        node_ids=np.arange(NODES), lon=np.zeros(NODES), lat=np.zeros(NODES), tail=tail, head=head,
        length=np.full(len(tail), length), way=np.zeros(len(tail), dtype=int), way_ids=np.array([1]),
        way_tags={}, tagged=np.empty(0, dtype=int), node_tags={},
    )  # fmt: skip


def searched(edges) -> list[set[int]]:
    """Parts by going from vertex to vertex, largest first, then by their first vertex."""
    beside: dict[int, set[int]] = {}
    for a, b in edges:
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    out, left = [], set(beside)
    while left:
        part, todo = set(), [min(left)]
        while todo:
            at = todo.pop()
            if at not in part:
                part.add(at)
                todo += beside[at]
        out.append(part)
        left -= part
    return sorted(out, key=lambda p: (-len(p), min(p)))


@given(EDGES)
def test_parts_are_those_of_a_plain_search(drawn) -> None:
    edges, passable = [(a, b) for a, b, _ in drawn], [c for *_, c in drawn]
    labels, sizes = components(net(edges), passable)
    want = searched([e for e, c in zip(edges, passable, strict=True) if c])
    assert [set(np.flatnonzero(labels == i).tolist()) for i in range(len(sizes))] == want
    assert sizes.tolist() == [len(p) for p in want]
    assert (labels >= 0).sum() == sizes.sum()


@given(EDGES)
def test_the_reader_finds_the_same_parts(drawn) -> None:
    edges = np.array([(a, b) for a, b, _ in drawn], dtype=int).reshape(-1, 2)
    labels = parts_of(NODES, edges[:, 0], edges[:, 1])
    for part in searched(edges.tolist()):
        assert {int(labels[v]) for v in part} == {min(part)}
    alone = set(range(NODES)) - set(edges.ravel().tolist())
    assert all(labels[v] == v for v in alone)


def test_what_lies_off_the_largest_part_is_said() -> None:
    found = parts(net([(0, 1), (1, 2), (3, 4), (5, 6)]), [True, True, True, False])
    assert (found.number, found.vertices, found.largest, found.closed) == (2, 5, 3, NODES - 5)
    assert (found.kilometres, found.kilometres_off, found.small) == (3.0, 1.0, 2)
    assert found.share == pytest.approx(2 / 3)
    said = found.caveat("town.osm")
    assert said is not None
    assert "falls into 2 parts; 1.0 of 3.0 km are not connected to the largest" in said.said()
    assert not said.fatal


def test_one_part_needs_no_word_and_no_part_no_division() -> None:
    assert parts(net([(0, 1)])).caveat() is None
    closed = parts(net([(0, 1)]), [False])
    assert (closed.number, closed.share, closed.caveat()) == (0, 0.0, None)
    assert len(components(net([]))[1]) == 0
    with pytest.raises(CallError, match="each of the 1 edges"):
        components(net([(0, 1)]), [True, True])


def test_a_part_of_a_hundred_vertices_is_not_small() -> None:
    chain = [(i, i + 1) for i in range(99)] + [(100 + i, 101 + i) for i in range(98)]
    ends = np.array(chain).T
    none = np.empty(0, dtype=int)
    streets = Streets(
        np.arange(199), np.zeros(199), np.zeros(199), ends[0], ends[1], np.full(len(chain), 1000),
        np.zeros(len(chain), dtype=int), np.array([1]), {}, none, {},
    )  # fmt: skip
    found = parts(streets)
    assert (found.number, found.largest, found.small) == (2, 100, 1)
