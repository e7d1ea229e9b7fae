"""An answer on a terminal: Markdown laid out while it comes, or at once."""
