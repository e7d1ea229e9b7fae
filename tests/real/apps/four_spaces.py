# mypy: ignore-errors
"""Gradio apps in the shape of the four Spaces, and some more, in one process.

Run in an environment that has Gradio 4.44, 5.50 or 6: `python four_spaces.py --port P`.
Each app has its own path, `/qwen-2-72b` and so on (`GET /_apps` lists them). The Spaces' own paths
work there whichever Gradio this is: Gradio 4 has no `/gradio_api`, later ones have nothing else.
"""

import argparse
import asyncio
import gc
import json
import os
import socket
import sys
import threading
import time
from collections import Counter

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import calm  # noqa: F401
import gradio as gr
import uvicorn
from answers import (
    ANSWERS,
    FAIL_MESSAGE,
    FAIL_PIECES,
    LOG_PIECES,
    LOGS,
    SLOW_INTERVAL,
    SLOW_PIECES,
    SNAPSHOTS,
    SUMMARY,
    THINKING_STATUS,
    THOUGHT,
    option,
    snapshots,
)
from fastapi import FastAPI

MAJOR = int(gr.__version__.split(".", 1)[0])
PREFIX = "" if MAJOR < 5 else "/gradio_api"

OPTIONS = {}  # how an app is mounted, by its name

STARTED, STOPPED, FINISHED, STEPS = Counter(), Counter(), Counter(), Counter()
COUNTING = threading.Lock()


# What is answered.


def count(counter, key):
    with COUNTING:
        counter[""] += 1
        if key:
            counter[key] += 1


def plan(prompt, inputs, request, case=None):
    """Yield `(text so far, seconds to wait after it)` for a prompt."""
    prompt = prompt or ""
    case = option(prompt, "case") or case
    delay = float(option(prompt, "delay") or 0)
    if case is None:
        yield "You said: ", delay
        yield f"You said: {prompt}", delay
    elif case == "echo":
        yield echo(inputs, request), delay
    elif case == "slow":
        whole = ""
        for piece in SLOW_PIECES:
            whole += piece
            yield whole, SLOW_INTERVAL
    elif case in {"fails", "fails_raw"}:
        whole = ""
        for piece in FAIL_PIECES:
            whole += piece
            yield whole, delay
        if case == "fails":
            raise gr.Error(FAIL_MESSAGE)
        raise ValueError("this must not be seen")
    elif case == "logs":
        tell = {"info": gr.Info, "warning": gr.Warning}
        for level, message in LOGS:
            tell[level](message)
        progress = gr.Progress()
        progress(0, desc="start")
        whole = ""
        for i, piece in enumerate(LOG_PIECES, 1):
            whole += piece
            yield whole, delay
            progress((i, len(LOG_PIECES)), desc="pieces", unit="piece")
            time.sleep(1)  # progress is sent at intervals, by a busy server late
    elif case in ANSWERS or case in SNAPSHOTS:
        for whole in snapshots(case):
            yield whole, delay
    else:
        raise gr.Error(f"There is no case {case!r}.")


def echo(inputs, request):
    return json.dumps(
        {
            "inputs": inputs,
            "headers": dict(request.headers),
            "query": dict(request.query_params),
            "session_hash": request.session_hash,
        },
        ensure_ascii=False,
        sort_keys=True,
        default=str,
    )


def run(prompt, inputs, request, case=None):
    """Yield the text so far, counting those that are slow."""
    slow = (option(prompt or "", "case") or case) == "slow"
    key = option(prompt or "", "key")
    if slow:
        count(STARTED, key)
    try:
        for whole, seconds in plan(prompt, inputs, request, case):
            if slow:
                count(STEPS, key)
            yield whole
            if seconds:
                time.sleep(seconds)
        if slow:
            count(FINISHED, key)
    finally:
        if slow:
            count(STOPPED, key)


async def run_async(prompt, inputs, request, case=None):
    """As `run`, never blocking."""
    slow = (option(prompt or "", "case") or case) == "slow"
    key = option(prompt or "", "key")
    if slow:
        count(STARTED, key)
    try:
        for whole, seconds in plan(prompt, inputs, request, case):
            if slow:
                count(STEPS, key)
            yield whole
            if seconds:
                await asyncio.sleep(seconds)
        if slow:
            count(FINISHED, key)
    finally:
        if slow:
            count(STOPPED, key)


# The apps.

APPS = {}


def app(name, *, paths=None, **queue):
    """Register a builder; `paths` says under which prefix the Space itself has its API."""

    def make_blocks(build):
        with gr.Blocks(analytics_enabled=False, title=name) as blocks:
            build()
        return blocks.queue(**{"default_concurrency_limit": 40, **queue})

    def register(build):
        APPS[name] = (lambda: make_blocks(build), paths)
        return build

    return register


def pairs_box(tidy):
    """Return a component for pairs: a Chatbot where there is such, else JSON."""
    if not tidy or MAJOR >= 6:
        return gr.JSON(value=[])
    return gr.Chatbot(value=[], **({"type": "tuples"} if MAJOR == 5 else {}))


def chatbot():
    return gr.Chatbot(value=[], **({"type": "messages"} if MAJOR < 6 else {}))


def wire(function, inputs, outputs, name, **more):
    gr.Button(name).click(function, inputs, outputs, api_name=name, **more)


def nothing(x):
    return x


def build_72b(tidy, system=""):
    """Three inputs, three outputs, the pairs in the middle; `fn_index` 0."""

    def model_chat(query, history, system, request: gr.Request):
        for text in run(query, [query, history, system], request):
            yield "", [*(history or []), [query, text]], system

    textbox, chat, system_box = gr.Textbox(), pairs_box(tidy), gr.Textbox(value=system)
    wire(model_chat, [textbox, chat, system_box], [textbox, chat, system_box], "model_chat")
    wire(lambda: ("", []), [], [textbox, chat], "clear_session", queue=False)
    wire(
        lambda s: (s, s, []),
        [system_box],
        [system_box, system_box, chat],
        "modify_system_session",
        queue=False,
    )


@app("qwen-2-72b", paths="")
def _():
    build_72b(tidy=True)


@app("qwen-2-72b-json", paths="")
def _():
    build_72b(tidy=False)


@app("qwen-2-5-max", paths="/gradio_api")
def _():
    build_72b(tidy=True, system="You are a helpful assistant.")


@app("qwen-2-5-max-json", paths="/gradio_api")
def _():
    build_72b(tidy=False, system="You are a helpful assistant.")


def build_25(as_dict):
    """Four inputs, the last of them the size; `fn_index` 3."""

    def model_chat(query, history, system, size, request: gr.Request):
        inputs = [query, history, system, size]
        for text in run(query, inputs, request):
            pair = [{"text": query}, {"text": text}] if as_dict else [query, text]
            yield "", [*(history or []), pair], system

    textbox, chat, system_box = gr.Textbox(), pairs_box(not as_dict), gr.Textbox()
    radio = gr.Radio(["72B", "32B", "14B", "7B"], value="72B")
    wire(nothing, [system_box], [system_box], "modify_system", queue=False)
    wire(nothing, [textbox], [textbox], "clear_input", queue=False)
    wire(nothing, [radio], [radio], "choose_size", queue=False)
    wire(
        model_chat, [textbox, chat, system_box, radio], [textbox, chat, system_box], "model_chat_1"
    )


@app("qwen-2.5", paths="")
def _():
    build_25(as_dict=True)


@app("qwen-2.5-strings", paths="")
def _():
    build_25(as_dict=False)


@app("qwen-2.5-1m", paths="")
def _():
    """An unqueued function 1 that takes the text in, and a generator 2 that answers."""

    def predict(given, chat, state):
        return [*(chat or []), [{"text": given["text"], "files": given["files"]}, None]], None, None

    def agent_run(chat, state, number, request: gr.Request):
        *before, (user, _) = chat

        def show(text, flushing=True):
            return [*before, [user, [{"text": text, "flushing": flushing}]]], None

        yield show(THINKING_STATUS)
        text = ""
        for text in run(user["text"], [chat, state, number], request):
            yield show(text)
        if option(user["text"], "summary") == "on":
            yield show(text + SUMMARY, flushing=False)

    given, chat, state, number = gr.JSON(), gr.JSON(value=[]), gr.JSON(value=[]), gr.Number(value=0)
    wire(nothing, [number], [number], "nothing", queue=False)
    wire(predict, [given, chat, state], [chat, state, given], "predict", queue=False)
    wire(agent_run, [chat, state, number], [chat, state], "agent_run")


@app("messages")
def _():
    """Role and content, with a thought first for the case `thinking`."""

    def respond(message, history, request: gr.Request):
        thought = []

        def show(*replies):
            return "", [*(history or []), {"role": "user", "content": message}, *replies]

        if option(message, "case") == "thinking":
            so_far = ""
            for piece in THOUGHT:
                so_far += piece
                title = {"title": "Thinking", **({"status": "pending"} if MAJOR > 4 else {})}
                thought = [{"role": "assistant", "content": so_far, "metadata": title}]
                yield show(*thought)
            if MAJOR > 4:
                thought[0]["metadata"]["status"] = "done"
        for text in run(message, [message, history], request):
            yield show(*thought, {"role": "assistant", "content": text})

    textbox, chat = gr.Textbox(), chatbot()
    wire(respond, [textbox, chat], [textbox, chat], "respond")


@app("chat-interface")
def _():
    """What most chat Spaces are made with."""

    def chat(message, history, request: gr.Request):
        yield from run(message, [message, history], request)

    gr.ChatInterface(chat, **({"type": "messages"} if MAJOR == 5 else {}))


def build_plain(case=None, generator=run, hold=None, **more):
    def answer(prompt, request: gr.Request):
        if hold is not None:
            time.sleep(float(option(prompt or "", "hold") or hold))
        yield from generator(prompt, [prompt], request, case)

    async def answer_async(prompt, request: gr.Request):
        async for text in generator(prompt, [prompt], request, case):
            yield text

    function = answer if generator is run else answer_async
    wire(function, [gr.Textbox()], [gr.Textbox()], "answer", **more)


@app("plain")
def _():
    build_plain()


@app("single")
def _():
    """No generator: one answer, at once."""

    def answer(prompt, request: gr.Request):
        return ["", *run(prompt, [prompt], request)][-1]

    wire(answer, [gr.Textbox()], [gr.Textbox()], "answer")


@app("slow")
def _():
    build_plain("slow")


@app("slow-async")
def _():
    build_plain("slow", generator=run_async)


@app("fails")
def _():
    build_plain("fails")


@app("fails-raw")
def _():
    build_plain("fails_raw")


@app("logs")
def _():
    build_plain("logs")


@app("queue-full", max_size=1)
def _():
    build_plain("one", hold=3.0, concurrency_limit=1)


@app("one-at-a-time")
def _():
    build_plain("words", concurrency_limit=1)


# The server.


class Rewriter:
    """Give each app the paths its Space has, whatever this Gradio calls them."""

    ROUTES = ("/queue/", "/run/", "/api/", "/call/", "/cancel", "/upload", "/info", "/reset")

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            scope = dict(scope)
            scope["path"] = self.rewrite(scope["path"])
            if scope.get("raw_path"):
                scope["raw_path"] = self.rewrite(scope["raw_path"].decode("latin-1")).encode(
                    "latin-1"
                )
        await self.inner(scope, receive, send)

    def rewrite(self, path):
        _, name, *rest = path.split("/", 2)
        paths = APPS.get(name, (None, None))[1]
        if paths is None or not rest:
            return path
        rest = "/" + rest[0]
        if PREFIX and not paths and rest.startswith(self.ROUTES):
            rest = PREFIX + rest
        elif paths and not PREFIX and rest.startswith(paths + "/"):
            rest = rest[len(paths) :]
        return f"/{name}{rest}"


def make():
    api = FastAPI(openapi_url=None)

    @api.get("/_apps")
    def apps():
        return {"version": gr.__version__, "apps": list(APPS)}

    @api.get("/_stopped")
    def stopped(key: str = "", collect: bool = False):
        if collect:
            gc.collect()
        counters = {"started": STARTED, "stopped": STOPPED, "finished": FINISHED, "steps": STEPS}
        with COUNTING:
            return {name: counter[key] for name, counter in counters.items()}

    for name, (make_blocks, _) in APPS.items():
        more = {"show_error": False}
        if MAJOR >= 5:
            more |= {"ssr_mode": False, "mcp_server": False}
        more |= OPTIONS.get(name, {})
        api = gr.mount_gradio_app(api, make_blocks(), path=f"/{name}", **more)
    return Rewriter(api)


class Server(uvicorn.Server):
    """Write the port to a file once requests are answered."""

    ready_file = None

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        if self.ready_file and self.started:
            write_whole(self.ready_file, str(sockets[0].getsockname()[1]))


def write_whole(path, text):
    with open(path + ".partial", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".partial", path)


def end_with_stdin():
    """Stop when whoever holds the other end of standard input is gone."""

    def watch():
        while os.read(0, 1024):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--ready-file", help="where to write the port once the server answers")
    parser.add_argument("--end-with-stdin", action="store_true")
    parser.add_argument("--only", choices=APPS, help="the one app to have; making one takes long")
    options = parser.parse_args()
    if options.only:
        for name in APPS.keys() - {options.only}:
            del APPS[name]
    if options.end_with_stdin:
        end_with_stdin()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    print(f"Gradio {gr.__version__}: http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    config = uvicorn.Config(make(), log_level="warning", timeout_graceful_shutdown=1)
    server = Server(config)
    server.ready_file = options.ready_file
    server.run(sockets=[listener])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # threads that still answer must not hold the process


if __name__ == "__main__":
    main()
