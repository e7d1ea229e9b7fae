# mypy: ignore-errors
"""The apps of a zoo in one process, each launched as its file launches it, on a port of its own.

Run in an environment that has Gradio: `python zoo_server.py --folder zoo ci_plain arena …`. Once
all of them answer, the ready file gets JSON: the version of Gradio, and the port of each app.
"""

import argparse
import asyncio
import contextlib
import json
import os
import runpy
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
sys.path.insert(0, os.path.join(sys.path[0], "zoo"))

import calm  # noqa: F401
import gradio as gr
import uvicorn
from gradio.context import Context
from gradio.routes import App

APPS = Path(__file__).resolve().parent
MAJOR = int(gr.__version__.split(".", 1)[0])
ATTEMPTS = 5
LAUNCH, RUN = gr.Blocks.launch, uvicorn.run


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def no_apps():
    """Keep Blocks from making an app early; that is slow, and `launch()` makes its own anyway."""
    create, mount = App.create_app, gr.mount_gradio_app

    def mount_with_app(*arguments, **options):
        App.create_app = staticmethod(create)
        try:
            return mount(*arguments, **options)
        finally:
            App.create_app = staticmethod(none)

    def none(*arguments, **options):
        return None

    App.create_app, gr.mount_gradio_app = staticmethod(none), mount_with_app
    try:
        yield
    finally:
        App.create_app, gr.mount_gradio_app = staticmethod(create), mount


class Launches:
    """What the files launch, kept until all of them are built."""

    def __init__(self, folder):
        self.folder = folder
        self.found = {}
        self.name = None
        self.globals = []  # functions of a module that is gone lose theirs

    def run(self, name):
        self.name = name
        Context.id = 0  # components count from there, as in a process of its own
        self.globals.append(runpy.run_path(str(self.folder / f"{name}.py"), None, "__main__"))

    def launch(self, demo, **options):
        self.found[self.name] = lambda: launch(demo, options)

    def serve(self, app, **options):
        self.found[self.name] = lambda: serve(app)


def launch(demo, options):
    options = {**options, "prevent_thread_lock": True, "quiet": True, "server_name": "127.0.0.1"}
    if MAJOR >= 5:
        options["ssr_mode"] = False
    options.pop("server_port", None)  # A `gr.Server` says that it has none.
    for attempt in range(ATTEMPTS):
        port = free_port()
        try:
            LAUNCH(demo, server_port=port, **options)
        except OSError:  # somebody else took the port
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return port
    raise AssertionError


def serve(app):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return listener.getsockname()[1]


def with_event_loop():
    """Give a thread an event loop, as the main thread has."""
    asyncio.set_event_loop(asyncio.new_event_loop())


def end_with_stdin():
    """Stop when whoever holds the other end of standard input is gone."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--folder", default="zoo", help="where the apps' files are")
    parser.add_argument("--ready-file", required=True, help="where to write the ports")
    parser.add_argument("--end-with-stdin", action="store_true")
    options = parser.parse_args()
    launches = Launches(APPS / options.folder)

    def launch_later(demo, **more):  # a function, so that it gets the Blocks
        launches.launch(demo, **more)

    gr.Blocks.launch, uvicorn.run = launch_later, launches.serve
    with no_apps():
        for name in options.names:
            launches.run(name)
    gr.Blocks.launch, uvicorn.run = LAUNCH, RUN
    # Without a loop, an app of Gradio 4.0 has no lock, and can't cancel what it runs.
    with ThreadPoolExecutor(4, initializer=with_event_loop) as threads:
        found = threads.map(lambda name: launches.found[name](), options.names)
        ports = dict(zip(options.names, found, strict=True))
    told = json.dumps({"version": gr.__version__, "ports": ports})
    partial = Path(options.ready_file + ".partial")
    partial.write_text(told, encoding="utf-8")
    partial.replace(options.ready_file)
    if options.end_with_stdin:
        end_with_stdin()
    threading.Event().wait()


if __name__ == "__main__":
    main()
