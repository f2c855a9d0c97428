"""The bot: what is said to customers before, between and after agents."""
