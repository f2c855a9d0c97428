"""Waiting tickets find an agent by themselves (behaviour 37, 79, 105; docs/distribution.md)."""

from tickets.services.distribution.assign import (
    assign_ticket,
    assign_ticket_chosen_in_menu,
    distribute_queue,
)
from tickets.services.distribution.plans import (
    hasten_queues_of,
    plan_assignments,
    plan_menu_assignments,
)
from tickets.services.distribution.team import candidates_of, weigh
from tickets.services.distribution.wallets import wallet_agents

__all__ = [
    "assign_ticket",
    "assign_ticket_chosen_in_menu",
    "candidates_of",
    "distribute_queue",
    "hasten_queues_of",
    "plan_assignments",
    "plan_menu_assignments",
    "wallet_agents",
    "weigh",
]
