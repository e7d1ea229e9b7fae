"""The soak: mixed work for an hour, and what it leaves behind."""
