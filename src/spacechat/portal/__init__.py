"""The event loop behind the blocking facade."""
