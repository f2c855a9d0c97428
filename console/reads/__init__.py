"""What pages show: querysets narrowed by the one rule of sight, and the little that screens add."""
