"""Votes on budgets out of Decidim and CONSUL: invented tables with the columns that their code writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from isopolis.flows.vote import read_exports, run_vote
from isopolis.model import DataError
from isopolis.read.consul_votes import read_consul
from isopolis.read.decidim_votes import read_decidim
from isopolis.read.vote_tables import amount

# columns of Decidim::Budgets::ProjectSerializer, parted by semicolons as Decidim's exporter does
DECIDIM = """\
id;taxonomies/id;participatory_space/id;component/id;title/en;title/fr;description/en;budget/id;budget_amount;\
confirmed_votes;comments;created_at;url
11;;1;4;A park;Un parc;Green;7;30000;3;0;2026-01-01;https://example.org/11
12;;1;4;"A pond; deep";Un étang;Blue;7;25000;9;0;2026-01-01;https://example.org/12
13;;1;4;A road;Une rue;Grey;8;1000;0;0;2026-01-01;https://example.org/13
"""
LINES = """\
id,decidim_order_id,decidim_project_id,checked_out_at
1,501,11,2026-02-01
2,501,12,2026-02-01
3,502,11,2026-02-02
4,503,12,
5,504,11,2026-02-03
"""
# headings of Budget::Investment::Exporter in English, and in Spanish with the count of supports
CONSUL = """\
ID,Title,Description,Administrator,Valuator,Valuation Group,Scope of operation,Feasibility,Val. Fin.,\
Unfeasibility explanation,Selected,Show to valuators,Author username
21,A park,Green,Ana,-,-,North,"Feasible ($30,000)",Yes,-,Yes,No,u1
22,A pond,Blue,Ana,-,-,North,"Feasible ($25,000)",Yes,-,Yes,No,u2
23,A tower,Tall,Ana,-,-,North,Unfeasible,Yes,too high,No,No,u3
24,A road,Grey,Ana,-,-,South,"Feasible ($1,000)",Yes,-,Yes,No,u4
"""
ESPANOL = """\
ID,Título,Apoyos,Administrador,Evaluador,Grupo evaluador,Ámbito de actuación,Viabilidad,Ev. Fin.,\
Seleccionado,Mostrar a evaluadores,Autor
21,Un parque,88,Ana,-,-,Norte,"Viable (30.000 €)",Sí,Sí,No,u1
"""
BALLOTS = """\
id,ballot_id,investment_id,heading_id
1,9,21,1
2,9,22,1
3,8,22,1
"""
DUMP = """\
id,title,price,heading_id,selected,winner,ballot_lines_count
21,A park,30000,1,t,t,1
22,A pond,25000,1,t,f,2
24,A road,1000,2,t,f,0
"""


def files(folder: Path, projects: str, ballots: str) -> tuple[Path, Path]:
    one, two = folder / "projects.csv", folder / "ballots.csv"
    one.write_text(projects, encoding="utf-8")
    two.write_text(ballots, encoding="utf-8")
    return one, two


def codes(error: pytest.ExceptionInfo[DataError]) -> set[str]:
    return {p.code for p in error.value.problems}


def test_decidim(tmp_path: Path) -> None:
    e = read_exports(*files(tmp_path, DECIDIM, LINES), budget="50000", pot="7")
    assert e.ids == ("11", "12")
    assert [p.name for p in e.projects] == ["A park", "A pond; deep"]
    assert (e.n_voters, e.ballots.votes.tolist(), e.costs.tolist()) == (3, [3, 1], [30000, 25000])
    assert run_vote(e).ids == ("11",)
    said = " ".join(p.said() for p in e.caveats)
    assert "begun and never cast" in said
    assert "the ballots are counted" in said


def test_decidim_titles_in_another_language(tmp_path: Path) -> None:
    one, two = files(tmp_path, DECIDIM, LINES)
    found = read_decidim(one, two, budget="50000", pot="7", language="fr")
    assert found.projects.columns["name"] == ["Un parc", "Un étang"]


def test_decidim_says_everything_that_is_wrong(tmp_path: Path) -> None:
    one, two = files(tmp_path, DECIDIM, LINES)
    with pytest.raises(DataError) as error:
        read_decidim(one, two, budget="50000")
    assert "several-pots" in codes(error)
    with pytest.raises(DataError) as error:
        read_decidim(two, one, budget="50000")
    assert codes(error) == {"not-decidim", "no-ballots"}
    wrong = DECIDIM.replace("30000", "free"), LINES.replace("502,11", "502,99")
    with pytest.raises(DataError) as error:
        read_decidim(*files(tmp_path, *wrong), budget="50000", pot="7")
    assert codes(error) >= {"no-cost", "unknown-project"}


def test_consul_export(tmp_path: Path) -> None:
    e = read_exports(*files(tmp_path, CONSUL, BALLOTS), budget="30000", pot="North")
    assert e.ids == ("21", "22")
    assert (e.n_voters, e.ballots.votes.tolist(), e.costs.tolist()) == (2, [1, 2], [30000, 25000])
    assert e.official is None  # "selected" of the export means: put to the vote
    assert "without a price" in " ".join(p.said() for p in e.caveats)


def test_consul_export_in_spanish(tmp_path: Path) -> None:
    one, two = files(tmp_path, ESPANOL, "ballot_id,investment_id\n1,21\n")
    found = read_consul(one, two, budget="30000")
    assert found.projects.columns["cost"] == ["30000"]
    assert found.projects.columns["name"] == ["Un parque"]


def test_consul_dump_knows_the_winners(tmp_path: Path) -> None:
    e = read_exports(*files(tmp_path, DUMP, BALLOTS), budget="30000", pot="1")
    assert e.official == (0,)
    assert e.ballots.votes.tolist() == [1, 2]


def test_consul_says_everything_that_is_wrong(tmp_path: Path) -> None:
    one, two = files(tmp_path, CONSUL, BALLOTS)
    with pytest.raises(DataError) as error:
        read_consul(one, two, budget="1")
    assert "several-pots" in codes(error)
    with pytest.raises(DataError) as error:
        read_consul(two, one, budget="1")
    assert codes(error) == {"not-consul", "no-ballots"}
    unpriced = BALLOTS.replace("8,22", "8,23")
    with pytest.raises(DataError) as error:
        read_consul(*files(tmp_path, CONSUL, unpriced), budget="1", pot="North")
    assert "no-cost" in codes(error)


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    one, two = files(tmp_path, "", "")
    with pytest.raises(DataError) as error:
        read_consul(one, tmp_path / "absent.csv", budget="1")
    assert codes(error) == {"empty", "unreadable"}
    (tmp_path / "projects.csv").write_text("id,title,price\n1,a,b,c\n", encoding="utf-8")
    (tmp_path / "ballots.csv").write_text("ballot_id,investment_id\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_consul(one, two, budget="1")
    assert "ragged" in codes(error)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("12500", "12500"), ("12.500 €", "12500"), ("€12,500.50", "12500.50"), ("12 500,5", "12500.5"),
        ("1’000’000", "1000000"), ("", None), ("from 10 to 20", None), ("-", None),
    ],
)  # fmt: skip
def test_amounts(cell: str, found: str | None) -> None:
    assert amount(cell) == found
