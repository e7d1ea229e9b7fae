"""Notebooks: `display`, and the IPython magics."""
