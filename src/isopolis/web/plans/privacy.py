"""What plans keep about people: numbers of accounts in the log of a plan."""

from __future__ import annotations

from isopolis.web.protect.register import Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "plans.ActionPlan",
        "",
        other={
            "content": "actions of a city or partnership, named by organisations; its log has numbers of "
            "accounts, which tell nothing once the account is erased",
            "public paper": "the same without the log",
            "*": "number, title and days of a plan",
        },
    )
]
