"""An answer on a terminal: harmless text, and Markdown laid out while it comes."""
