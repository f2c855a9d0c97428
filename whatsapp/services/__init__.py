"""Every write to connections, their leases, and the hand-over to messaging."""
