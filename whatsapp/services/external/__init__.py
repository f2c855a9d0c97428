"""What other programs do through a connection (rest.md §8, behaviour 146-147)."""
