"""What accounts asks of apps above it.

Tickets keeps who answers which queue, billing knows how many people a plan allows.
"""

from collections.abc import Sequence
from typing import Any

from whaticket.ports import Port

# Both run inside the company's schema. Rows are queues with all columns of the contract.
queues_of: Port[[Sequence[int]], dict[int, list[dict[str, Any]]]] = Port("queues of users")
# Gives whether anything changed; raises the contract's refusal for an unknown queue.
set_queues: Port[[int, Sequence[int]], bool] = Port("set the queues of a user")
# SQL for the ids of the queues that the person `u` of a statement answers, as an array.
queue_ids_sql: Port[[], str] = Port("the queues of a person, in SQL")
# Raises the contract's refusal where the company has no such connection.
require_connection: Port[[int], None] = Port("does a connection exist")
# None: no limit.
seat_limit: Port[[int], int | None] = Port("how many people may a company have")
