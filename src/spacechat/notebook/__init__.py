"""What a notebook shows: `display`, and the magics."""
