"""What the real servers run, and what they answer."""
