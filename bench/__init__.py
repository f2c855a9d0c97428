"""Benchmarks: `make bench` runs them all and prints a table and JSON (docs/performance.md)."""
