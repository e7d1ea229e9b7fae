"""How long tests wait for something to happen that always happens, if nothing is wrong."""

from __future__ import annotations

LONGEST = 90.0
"""Seconds, on a machine that has much else to do."""
