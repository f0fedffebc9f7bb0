"""The audit of a vote on a budget as a page: winners, losers, who got what, promises kept, other rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isopolis.engage.budget.audit import Judged, Place, Row
from isopolis.flows.vote_audit import Audited
from isopolis.flows.vote_names import card_words
from isopolis.model.text import Number, count, joint, phrase, phrases

from . import charts
from .blocks import Block, Bullets, Facts, Figure, Report, Section, Table, Text, table
from .charts import Dot
from .prose import NONE, percent
from .svg import draw
from .vote_promises import Promises
from .vote_words import attribute_name, cut, money_of, names_of, rule_name

__all__ = ["compose_vote"]

ROWS = 24
"""Most rows of a chart; the tables have them all."""


def compose_vote(found: Audited, *, digest: str = "", language: str = "en") -> Report:
    """Return the audit as a report.

    Parameters
    ----------
    found : Audited
    digest : str
        Fingerprint of the public bundle.
    language : str
        Of the page.
    """
    page = _Page(found, digest)
    e = found.audit.outcome.election
    notices = (phrase("Example data, not a real place."),) if "example data" in e.name.lower() else ()
    sections = (
        Section("glance", phrase("At a glance"), page.glance()),
        Section("winners", phrase("What is funded"), page.winners()),
        Section("lost", phrase("Why other projects were not funded"), page.losers()),
        Section("who", phrase("Who got what they asked for"), page.who()),
        Section("where", phrase("Where the money goes"), page.where()),
        Section("promises", phrase("Which promises of fairness are kept"), Promises(found.audit).blocks()),
        Section("others", phrase("What other rules would have done"), page.others()),
        Section("method", phrase("How it was counted, and how to count it again"), page.method()),
    )
    subtitle = phrase("Who won, why, and who was left out: {rule}", rule=rule_name(found.audit.name))
    kept = tuple(s for s in sections if not s.empty)
    return Report(e.name or phrase("Vote on a budget"), subtitle, notices, kept, language=language)


class _Page:
    """What all sections need."""

    def __init__(self, found: Audited, digest: str) -> None:
        self.found, self.audit, self.digest = found, found.audit, digest
        self.outcome = found.audit.outcome
        self.e = self.outcome.election
        self.money, self.names = money_of(self.e), names_of(self.e)
        self.full = tuple(p.name or p.id for p in self.e.projects)

    # -- at a glance -------------------------------------------------------------------------------------
    def glance(self) -> tuple[Block, ...]:
        """Main numbers, and voters with nothing under each rule."""
        main, e = self.audit.main.reach, self.e
        lead = phrase(
            "{winners} of {projects} projects are funded for {cost} of {budget}. {nothing} of {voters} "
            "voters ({share}) got none of the projects they support.",
            winners=count(len(self.outcome.winners)), projects=count(e.n_projects),
            cost=self.money(main.cost),
            budget=self.money(e.budget), nothing=count(main.nothing), voters=count(main.voters),
            share=percent(float(main.nothing_share)),
        )  # fmt: skip
        facts = [
            (phrase("Projects per voter"), Number(f"{float(main.projects):.2f}")),
            (phrase("Money that falls to the half of voters with least"), percent(main.bottom_half)),
            (phrase("Left unspent"), self.money(e.budget - main.cost)),
        ]
        if self.outcome.endowment is not None:
            facts.append((phrase("Share of each voter at the end"), self.money(self.outcome.endowment)))
        return (Text(lead, "lead"), *self._how_it_came(), Facts(tuple(facts)), self._nothing())

    def _how_it_came(self) -> list[Block]:
        """What a reader must know of the count to understand its numbers."""
        outcome, said = self.outcome, []
        if outcome.compared is not None:
            said.append(phrase(
                "The rules of this vote ask for a comparison with “{other}”: {theirs} voters gain more by "
                "it, {ours} by “{rule}”. The outcome of “{kept}” counts.",
                other=rule_name(outcome.compared.other), theirs=count(outcome.compared.theirs),
                ours=count(outcome.compared.ours), rule=rule_name(outcome.card.rule),
                kept=rule_name(outcome.rule),
            ))  # fmt: skip
        low = sum(one.reason == "threshold" for one in self.audit.lost)
        if low:
            said.append(phrases(
                "Only projects with at least {least} votes or points can be funded; {n} project has fewer.",
                "Only projects with at least {least} votes or points can be funded; {n} projects have fewer.",
                low, least=count(outcome.card.min_score or 0),
            ))  # fmt: skip
        first, last = outcome.first_endowment, outcome.endowment
        if first is not None and last is not None and last > first:
            said.append(phrase(
                "Each voter’s share began at {first} and was raised for all to {last}, so that less money is "
                "left over. Many do not need theirs whole: together no more than the budget is paid.",
                first=self.money(first), last=self.money(last),
            ))  # fmt: skip
        return [Text(text) for text in said]

    def _nothing(self) -> Figure:
        judged = list(self.audit.judged.values())
        rows = [
            Dot(rule_name(j.name), float(j.reach.nothing_share), text=percent(float(j.reach.nothing_share)))
            for j in judged
        ]
        axis = phrase("voters with none of their projects funded")
        best = min(judged, key=lambda j: j.reach.nothing)
        summary = phrase(
            "Fewest voters get nothing by “{rule}”: {n}.",
            rule=rule_name(best.name),
            n=count(best.reach.nothing),
        )
        drawn = draw(lambda: charts.bars(rows, axis=axis, as_percent=True), "nothing")
        return Figure("nothing", phrase("Voters who got nothing"), summary, drawn, self._compared(judged))

    def _compared(self, judged: Sequence[Judged]) -> Table:
        head = (
            phrase("Rule"), phrase("Projects"), phrase("Cost"), phrase("Voters with nothing"),
            phrase("Share"),
            phrase("Projects per voter"), phrase("Money of the half with least"), phrase("Votes for winners"),
        )  # fmt: skip
        rows = [
            (
                rule_name(j.name), count(len(j.winners)), self.money(j.reach.cost), count(j.reach.nothing),
                percent(float(j.reach.nothing_share)), Number(f"{float(j.reach.projects):.2f}"),
                percent(j.reach.bottom_half), count(j.votes),
            )
            for j in judged
        ]  # fmt: skip
        return table(phrase("Rules compared"), head, rows)

    # -- winners and losers ------------------------------------------------------------------------------
    def winners(self) -> tuple[Block, ...]:
        """Every winner in order of funding."""
        if not self.outcome.steps:
            return (Text(phrase("No project is funded.")),)
        votes = self.e.ballots.votes
        rows = [
            (
                str(n), self.full[s.project], self.money(self.e.projects[s.project].cost),
                count(int(votes[s.project])), NONE if s.support is None else Number(f"{s.support:,.1f}"),
            )
            for n, s in enumerate(self.outcome.steps, start=1)
        ]  # fmt: skip
        head = (
            phrase("Order"), phrase("Project"), phrase("Cost"), phrase("Votes"),
            phrase("Supporters who pay for it"),
        )  # fmt: skip
        note = phrase(
            "Supporters who pay for it: the cost comes to an equal part for each of so many voters. Whoever "
            "has spent some of the share on other projects counts in part, whoever has spent all of it not "
            "at all."
        )
        shares = any(s.support is not None for s in self.outcome.steps)
        keep = slice(None) if shares else slice(0, 4)
        caption = phrase("Funded projects in the order in which they won")
        return (
            table(
                caption,
                head[keep],
                [r[keep] for r in rows],
                words=(1,),
                note=note if shares else "",
                open_rows=60,
            ),
        )

    def losers(self) -> tuple[Block, ...]:
        """How near each came, and why it was not funded."""
        lost = self.audit.lost
        if not lost:
            return (Text(phrase("Every project is funded.")),)
        rows = [
            (
                self.full[one.project], count(one.votes), self.money(one.cost),
                NONE if one.support is None else Number(f"{int(100 * one.support)}%"),
                count(one.nothing),
            )
            for one in lost
        ]  # fmt: skip
        head = (
            phrase("Project"), phrase("Votes"), phrase("Cost"), phrase("Money there for it"),
            phrase("Supporters with nothing"),
        )  # fmt: skip
        caption = phrase("Projects that are not funded, most votes first")
        blocks: list[Block] = []
        near = [one for one in lost if one.support is not None]
        if near:
            blocks.append(self._near(sorted(near, key=lambda one: (-(one.support or 0), -one.votes))))
        blocks.append(table(caption, head, rows, open_rows=60))
        blocks.append(
            Facts(tuple((self.names[one.project], one.said(self.names, self.money)) for one in lost))
        )
        return (*blocks, *self._elsewhere())

    def _elsewhere(self) -> tuple[Block, ...]:
        """Where the votes of each lost project went."""
        rows = [
            (
                self.names[one.project], self.names[x.project], count(x.voters),
                NONE if x.money is None else self.money(x.money),
            )
            for one in self.audit.lost for x in one.elsewhere
        ]  # fmt: skip
        head = (
            phrase("Not funded"), phrase("Funded, and chosen by the same voters"),
            phrase("Voters who chose both"), phrase("What they paid for it"),
        )  # fmt: skip
        if not rows:
            return ()
        return (table(phrase("Where the votes went"), head, rows, words=(0, 1)),)

    def _near(self, near: Sequence[Any]) -> Figure:
        rows = [
            Dot(cut(self.names[one.project]), float(one.support), text=Number(f"{int(100 * one.support)}%"))
            for one in near[:ROWS]
        ]
        axis = phrase("money that was there for the project, in per cent of its cost")
        drawn = draw(lambda: charts.bars(rows, axis=axis, as_percent=True), "near")
        first = near[0]
        summary = phrase(
            "The nearest was “{name}”, which came to {share} of its cost.",
            name=self.names[first.project], share=Number(f"{int(100 * first.support)}%"),
        )  # fmt: skip
        note = ""
        if len(near) > ROWS:
            note = phrase("The chart shows {shown} of {all} projects; the table has them all.",
                          shown=count(ROWS), all=count(len(near)))  # fmt: skip
        return Figure("near", phrase("How near they came"), summary, drawn, None, note)

    # -- people ------------------------------------------------------------------------------------------
    def who(self) -> tuple[Block, ...]:
        """Tables by group, as they may be shown."""
        tables = self.audit.tables
        mine = tables.rows.get(self.audit.name, {})
        blocks: list[Block] = [Text(tables.note, "note")]
        for name, rows in mine.items():
            blocks.append(self._group(name, rows))
        return tuple(blocks)

    def _group(self, name: str, rows: Sequence[Row]) -> Block:
        official = {
            r.label: r
            for r in self.audit.tables.rows.get("official", {}).get(name, ())
            if r.nothing is not None
        }
        compared = bool(official) and self.audit.name != "official"
        caption = phrase("Voters by {what}", what=str(attribute_name(name)).lower())
        head = [phrase("Group"), phrase("Voters"), phrase("With nothing"), phrase("Share with nothing")]
        head += [phrase("Share with nothing, official outcome")] if compared else []
        head += [phrase("Projects per voter"), phrase("Money per voter")]
        body = [self._cells(r, official.get(r.label), compared) for r in rows]
        shown = [r for r in rows if r.nothing is not None and r.voters]
        numbers = table(caption, head, body, open_rows=60)
        if len(shown) < 2:
            return numbers
        dots = [
            Dot(r.label, _part(r), _part(official[r.label]) if compared and r.label in official else None,
                text=percent(_part(r)))
            for r in shown[:ROWS]
        ]  # fmt: skip
        key = f"who-{list(self.audit.tables.rows[self.audit.name]).index(name)}"

        def paint() -> Any:
            return charts.dots(
                dots,
                axis=phrase("voters with none of their projects funded"),
                value=phrase("this rule"),
                mark=phrase("official outcome") if compared else "",
                as_percent=True,
            )

        worst = max(shown, key=_part)
        summary = phrase(
            "{label}: {share} got nothing, the most of the groups shown.",
            label=worst.label,
            share=percent(_part(worst)),
        )
        return Figure(key, attribute_name(name), summary, draw(paint, key), numbers)

    def _cells(self, row: Row, official: Row | None, compared: bool) -> tuple[str, ...]:
        hidden = row.nothing is None
        cells = [
            row.label,
            NONE if row.voters is None else count(row.voters),
            NONE if hidden else count(row.nothing or 0),
            NONE if hidden else percent(_part(row)),
        ]
        if compared:
            cells.append(NONE if official is None else percent(_part(official)))
        cells.append(NONE if row.projects is None else Number(f"{float(row.projects):.2f}"))
        cells.append(NONE if row.share is None else self.money(row.share))
        return tuple(cells)

    # -- money -------------------------------------------------------------------------------------------
    def where(self) -> tuple[Block, ...]:
        """Money by place and by topic of the projects."""
        blocks: list[Block] = []
        for key, caption, rows in (
            ("places", phrase("Money by place of the project"), self.audit.places),
            ("topics", phrase("Money by topic of the project"), self.audit.topics),
        ):
            if len(rows) > 1:
                blocks.append(self._money(key, caption, rows))
        return tuple(blocks)

    def _money(self, key: str, caption: str, rows: Sequence[Place]) -> Figure:
        spent = max(1, self.audit.main.reach.cost)
        drawn = [Dot(cut(r.label), r.spent / spent, text=percent(r.spent / spent)) for r in rows[:ROWS]]
        axis = phrase("part of the money spent")
        head = (
            phrase("Where or what"), phrase("Projects"), phrase("Funded"), phrase("Money asked for"),
            phrase("Money spent"), phrase("Votes"),
        )  # fmt: skip
        body = [
            (
                r.label,
                count(r.listed),
                count(r.funded),
                self.money(r.asked),
                self.money(r.spent),
                count(r.votes),
            )
            for r in rows
        ]
        nothing = sum(not r.funded for r in rows)
        summary = joint((
            phrase("Most of the money, {share}, goes to “{label}”.", share=percent(rows[0].spent / spent),
                   label=rows[0].label),
            self._without(key, nothing),
        ))  # fmt: skip
        note = phrase("A project with several topics counts under each.") if key == "topics" else ""
        figure = draw(lambda: charts.bars(drawn, axis=axis, as_percent=True), key)
        return Figure(key, caption, summary, figure, table(caption, head, body, open_rows=30), note)

    @staticmethod
    def _without(key: str, nothing: int) -> str:
        if not nothing:
            return ""
        if key == "topics":
            return phrases("{n} topic gets none.", "{n} topics get none.", nothing)
        return phrases("{n} place gets none.", "{n} places get none.", nothing)

    # -- other rules and method --------------------------------------------------------------------------
    def others(self) -> tuple[Block, ...]:
        """What changes from each other outcome to this one, and the price of each guarantee."""
        blocks: list[Block] = []
        for name, d in self.audit.changes.items():
            start = phrase("Instead of “{rule}”:", rule=rule_name(name))
            blocks.append(Text(joint((start, d.said()))))
            lists = [(phrase("Funded only here"), d.added), (phrase("Funded only there"), d.displaced)]
            rows = [
                (what, self.full[p], self.money(self.e.projects[p].cost)) for what, ps in lists for p in ps
            ]
            if rows:
                caption = phrase("Projects that differ from “{rule}”", rule=rule_name(name))
                head = (phrase("Where"), phrase("Project"), phrase("Cost"))
                blocks.append(table(caption, head, rows, words=(0, 1)))
        for name, d in self.audit.guarantees.items():
            start = phrase("The price of the guarantee “{name}”:", name=name)
            blocks.append(Text(joint((start, d.said()))))
        blocks += [Text(note, "note") for note in self.found.notes]
        return tuple(blocks)

    def method(self) -> tuple[Block, ...]:
        """The rule card, ties, caveats and the way to count again."""
        blocks: list[Block] = [Bullets(tuple(card_words(self.outcome)))]
        ties = [
            phrase(
                "“{winner}” came before {others}, decided by {by}.", winner=self.names[t.winner],
                others=", ".join(f"“{self.names[p]}”" for p in t.over), by=_by(t.by),
            )
            for t in self.outcome.ties
        ]  # fmt: skip
        blocks += (
            [Text(phrase("Ties:")), Bullets(tuple(ties))] if ties else [Text(phrase("There were no ties."))]
        )
        caveats = tuple(p.said() for p in self.e.caveats)
        blocks += [Text(phrase("What the reader noted about the file:")), Bullets(caveats)] if caveats else []
        if self.digest:
            blocks.append(
                Text(
                    phrase(
                        "The bundle beside this page holds the ballots without anything about voters, the "
                        "rule card and the reason for each winner. “isopolis verify bundle.zip” counts it "
                        "again. Its fingerprint is {digest}.",
                        digest=self.digest,
                    )
                )
            )
        return tuple(blocks)


def _part(row: Row) -> float:
    return (row.nothing or 0) / (row.voters or 1)


def _by(name: str) -> str:
    words = {
        "lower_cost": phrase("the lower cost"), "more_votes": phrase("more votes"),
        "lot": phrase("the public lot"),
    }  # fmt: skip
    return words.get(name, name)
