"""The client, and what it makes: conversations, maps, saved files."""
