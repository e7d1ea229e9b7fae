"""What a notebook shows: `display`, and the magics.

Tables are at home in their classes: `_repr_html_` of each gives the headings, and `markup.table`
lays them out.
"""
