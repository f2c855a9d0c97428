"""The task monitor: what waits, what runs, what failed (rest.md §19, `GET /admin/queues`)."""
