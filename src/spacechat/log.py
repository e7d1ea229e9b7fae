"""The library's logger: quiet unless the program configures logging.

One record per step at debug level, with the event's id; never a text, a token or a session hash.
"""

from __future__ import annotations

import logging

log: logging.Logger = logging.getLogger("spacechat")
log.addHandler(logging.NullHandler())
