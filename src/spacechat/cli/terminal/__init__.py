"""What a terminal shows, and how it is written to and read from."""
