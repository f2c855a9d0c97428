"""The simulator for these tests; none of them needs the database."""

from whatsapp.simulator.testing import simulator, simulator_process

__all__ = ["simulator", "simulator_process"]
