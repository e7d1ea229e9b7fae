"""The documentation: its examples are run, and its pictures are made here."""
