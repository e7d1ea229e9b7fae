"""Plays the page of a marimo notebook, in marimo's own environment: `python FILE HOST:PORT`.

It prints each message of the server, a JSON object a line. Each line of standard input is a button
that is pressed: the path of a request below `/api/kernel`, and its body.
"""

from __future__ import annotations

import json
import sys
import threading
import urllib.request

from websockets.sync.client import connect


def press_buttons(host: str) -> None:
    for line in sys.stdin:
        path, body = json.loads(line)
        headers = {"Content-Type": "application/json", "Marimo-Session-Id": "page"}
        url = f"http://{host}/api/kernel/{path}"
        with urllib.request.urlopen(
            urllib.request.Request(url, json.dumps(body).encode(), headers)
        ):
            pass


def main(host: str) -> None:
    with connect(f"ws://{host}/ws?session_id=page", max_size=None) as socket:
        threading.Thread(target=press_buttons, args=[host], daemon=True).start()
        for message in socket:
            print(message, flush=True)


main(sys.argv[1])
