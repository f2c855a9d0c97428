"""Counting what the network accepted, delivered, and delivered more than once."""

from __future__ import annotations

from typing import Any

from whatsapp.simulator.network import DELIVERED, Network


def tally(network: Network) -> dict[str, Any]:
    """Return the totals of the ledger, and what each number sent, received and read."""
    ledger, directory = network.ledger, network.directory
    totals = ledger.one(
        "SELECT count(*), coalesce(sum(status >= ?), 0), coalesce(sum(status = -1), 0) "
        "FROM messages",
        DELIVERED,
    )
    repeats = ledger.one(
        "SELECT coalesce(sum(CASE WHEN m.copy_of IS NULL THEN s.copies - 1 ELSE 0 END), 0) "
        "FROM shown s JOIN messages m ON m.seq = s.message"
    )
    per_phone: dict[str, dict[str, int]] = {
        number: _nothing() for number in (*directory.phones, *directory.cloud)
    }
    for row in ledger.all(
        "SELECT s.phone, m.sender = s.phone AS mine, count(*) AS messages, "
        "sum(m.status >= 3) AS seen, "
        "sum(CASE WHEN m.copy_of IS NULL THEN s.copies - 1 ELSE 0 END) AS copies "
        "FROM shown s JOIN messages m ON m.seq = s.message GROUP BY 1, 2"
    ):
        count = per_phone.setdefault(row["phone"], _nothing())
        if row["mine"]:
            count["sent"] += row["messages"]
        else:
            count["received"] += row["messages"]
            count["read"] += row["seen"]
        count["duplicates"] += row["copies"]
    for number in directory.cloud:
        sums = ledger.one(
            "SELECT sum(sender = ?1), sum(recipient = ?1 AND status >= 2), "
            "sum(recipient = ?1 AND status >= 3) FROM messages "
            "WHERE sender = ?1 OR recipient = ?1",
            number,
        )
        if sums:
            per_phone[number] |= {
                "sent": sums[0] or 0,
                "received": sums[1] or 0,
                "read": sums[2] or 0,
            }
    return {
        "accepted": totals[0] if totals else 0,
        "delivered": totals[1] if totals else 0,
        "failed": totals[2] if totals else 0,
        "duplicates": repeats[0] if repeats else 0,
        "perPhone": per_phone,
    }


def _nothing() -> dict[str, int]:
    return {"sent": 0, "received": 0, "read": 0, "duplicates": 0}
