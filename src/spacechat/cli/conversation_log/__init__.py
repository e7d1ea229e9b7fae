"""The log of conversations, from which `-c` goes on."""
