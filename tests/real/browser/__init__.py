"""The page as the oracle: what a browser sends and shows, and what spacechat sends for the same.

`python -m tests.real.browser` drives Chromium through the apps of both zoos, and compares. It needs
the extra `browser` and Debian's package `chromium`. What it finds is kept in `recorded`, so that
tests compare spacechat's requests with the page's without a browser.
"""
