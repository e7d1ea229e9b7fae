# mypy: ignore-errors
"""The four Spaces rebuilt, so that the numbers known of them fit no more, and apps with files.

Run like `four_spaces.py`. `GET /_seen?app=NAME` tells the requests that an app got.
"""

import base64
import os
import sys
from collections import defaultdict

sys.path.insert(0, os.path.join(sys.path[0], "zoo"))

import four_spaces
import gradio as gr
from four_spaces import APPS, MAJOR, OPTIONS, app
from gradio.context import Context
from llm import stream

APPS.clear()
SEEN = defaultdict(list)
MESSAGES = MAJOR >= 5


def chatbot(**more):
    return gr.Chatbot(**({"type": "messages"} if MAJOR == 5 else {}), **more)


def added(history, query, text):
    if not MESSAGES:
        return [*(history or []), [query, text]]
    said = [{"role": "user", "content": query}, {"role": "assistant", "content": text}]
    return [*(history or []), *said]


def nothing(*values):
    return values[0] if len(values) == 1 else list(values)


@app("qwen-2-72b")
def _():
    """Function 0 clears now, and takes nothing."""

    def model_chat(query, history, system):
        text = ""
        for piece in stream(query, history, "brackets", system=system):
            text += piece
            yield "", added(history, query, text), system

    system = gr.Textbox(value="You are kind.", label="System")
    chat, query = chatbot(label="Qwen2"), gr.Textbox(label="Input")
    clear, send = gr.Button("🧹 Clear history"), gr.Button("🚀 Send")
    clear.click(lambda: ("", []), None, [query, chat])
    gr.Button("🛠️ Set system prompt").click(nothing, [system], [system], queue=False)
    for event in (send.click, query.submit):
        event(model_chat, [query, chat, system], [query, chat, system])


@app("qwen-2.5")
def _():
    """Function 3 still answers, with two inputs more."""

    def model_chat(query, history, system, size, temperature, web):
        told = {"size": size, "temp": temperature, "web": web}
        text = ""
        for piece in stream(query, history, "repeats", **told):
            text += piece
            yield "", added(history, query, text), system

    chat, query, system = chatbot(), gr.Textbox(label="Input"), gr.State("")
    size = gr.Radio(["72B", "32B"], value="72B", label="Size")
    temperature = gr.Slider(0, 2, value=0.7, label="Temperature")
    web = gr.Checkbox(label="Search")
    for name in ("🛠️ Set", "🧹 Clear", "🎲 New"):
        gr.Button(name).click(nothing, [temperature], [temperature], queue=False)
    inputs = [query, chat, system, size, temperature, web]
    gr.Button("🚀 Send").click(model_chat, inputs, [query, chat, system])


@app("qwen-2-5-max")
def _():
    """Gradio 4 has another prefix; later, the numbers lead to a function that changes nothing."""

    def add(query, history):
        shown = added(history, query, None if not MESSAGES else "")
        return "", shown[:-1] if MESSAGES else shown

    def answer(history, temperature):
        query = history[-1]["content"] if MESSAGES else history[-1][0]
        query = query if isinstance(query, str) else query[0]["text"]
        text = ""
        for piece in stream(query, history[:-1], "cjk", temp=temperature):
            text += piece
            yield added(history[:-1], query, text)

    chat, query = chatbot(), gr.Textbox(label="Message")
    temperature = gr.Slider(0, 2, value=0.5, label="Temperature")
    gr.Button("Reset").click(nothing, [temperature], [temperature])
    query.submit(add, [query, chat], [query, chat], queue=False).then(
        answer, [chat, temperature], chat
    )


@app("qwen-2.5-1m")
def _():
    """What was two calls is a ChatInterface."""

    def chat(message, history):
        text = ""
        for piece in stream(message, history, "words"):
            text += piece
            yield text

    gr.ChatInterface(chat, **({"type": "messages"} if MAJOR == 5 else {}))


@app("broken")
def _():
    """The numbers fit, and the function fails."""

    def model_chat(query, history, system):
        raise gr.Error("The model is gone.")
        yield  # a generator, as it was

    query, chat, system = gr.Textbox(), chatbot(), gr.Textbox()
    gr.Button("Send").click(model_chat, [query, chat, system], [query, chat, system])


@app("no-chat")
def _():
    """There is nothing to chat with any more."""
    image = gr.Image(label="Picture")
    gr.Button("Classify").click(lambda _: {"cat": 1.0}, image, gr.Label(label="Class"))


RED, BLUE = (
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    ),
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC"
    ),
)
"""Pictures of one point."""


def described(paths):
    """Return names and contents of files."""
    found = []
    for path in paths or []:
        with open(path, "rb") as file:
            found.append(f"{os.path.basename(path)}={file.read().decode(errors='replace')}")
    return ", ".join(found) or "nothing"


@app("box-with-files")
def _():
    """A ChatInterface whose box takes files."""

    def chat(message, history):
        files = [f if isinstance(f, str) else f["path"] for f in message["files"]]
        yield f"{message['text']}: {described(files)}"

    more = {"type": "messages"} if MAJOR == 5 else {}
    box = gr.MultimodalTextbox(file_count="multiple")
    gr.ChatInterface(chat, multimodal=True, textbox=box, **more)


@app("file-beside")
def _():
    """A file in an input of its own."""

    def chat(message, history, file):
        yield "", added(history, message, f"{message}: {described([file] if file else [])}")

    bot, box = chatbot(), gr.Textbox(label="Question")
    file = gr.File(label="Document", type="filepath")
    box.submit(chat, [box, bot, file], [box, bot])


@app("files-beside")
def _():
    def chat(message, history, files):
        yield "", added(history, message, f"{message}: {described(files)}")

    bot, box = chatbot(), gr.Textbox(label="Question")
    files = gr.File(label="Documents", type="filepath", file_count="multiple")
    box.submit(chat, [box, bot, files], [box, bot])


@app("image-beside")
def _():
    def chat(message, history, image):
        size = "no picture" if image is None else "x".join(map(str, image.shape))
        yield "", added(history, message, f"{message}: {size}")

    bot, box, image = chatbot(), gr.Textbox(label="Question"), gr.Image(label="Picture")
    box.submit(chat, [box, bot, image], [box, bot])


@app("gives-files")
def _():
    """An answer with a file in it, as ChatInterface lets an app do."""

    def make(message):
        path = os.path.join(os.environ["GRADIO_TEMP_DIR"], "notes.txt")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(message)
        return path

    def chat(message, history):
        path, text = make(message), "Here are your notes."
        if MESSAGES:
            said = [
                {"role": "user", "content": message},
                {"role": "assistant", "content": text},
                {"role": "assistant", "content": {"path": path}},
            ]
            return "", [*history, *said]
        return "", [*history, [message, text], [None, (path,)]]

    bot, box = chatbot(), gr.Textbox(label="Question")
    box.submit(chat, [box, bot], [box, bot])


def kept(name, content):
    """Return the path of a file that holds this."""
    path = os.path.join(os.environ["GRADIO_TEMP_DIR"], "kept", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def shown(kind):
    """Return the messages of an answer, each as its content and its title."""
    red, blue = kept("red.png", RED), kept("blue é #1.png", BLUE)
    notes = kept("notes.txt", b"notes")
    return {
        "two": [("One", None), ("Two", None)],
        "html": [("See:", None), (gr.HTML("<h1>A &amp; B</h1><p>C</p>"), None), ("End", None)],
        "markdown": [(gr.Markdown("**bold**"), None), (gr.TextArea("area"), None)],
        "image": [("See:", None), (gr.Image(red), None)],
        "gallery": [(gr.Gallery([red, blue]), None)],
        "tuple": [({"path": red} if MAJOR >= 6 else (red,), None)],
        "path": [({"path": blue, "alt_text": "blue"}, None)],
        "file": [(gr.File(notes), None)],
        "files": [(gr.File([notes, red]), None)],
        "several": [({"path": notes}, None), ("and", None), ({"path": red}, None)],
        "twice": [({"path": red}, None), (gr.Image(red), None)],
        "tools": [("hm", "Thinking"), ("", "Search"), ({"path": notes}, "Read"), ("Done", None)],
        "large": [({"path": kept("large.bin", bytes(range(256)) * 40_000)}, None)],
        "parts": [(["One", "Two"], None)],
    }[kind]


def shows(kind):
    """An app whose answers hold more than text, in a chatbot of a kind."""
    typed = {} if MAJOR >= 6 else {"type": kind}

    def chat(message, history):
        text, files = message["text"], message["files"]
        for count in range(1, len(shown(text)) + 1):
            contents = shown(text)[:count]  # Anew, since Gradio 4 and 5 use up what they show.
            if kind == "messages":
                asked = [{"role": "user", "content": {"path": path}} for path in files]
                asked.append({"role": "user", "content": text})
                said = [
                    {"role": "assistant", "content": c, **({"metadata": {"title": t}} if t else {})}
                    for c, t in contents
                ]
                yield {"text": "", "files": []}, [*history, *asked, *said]
            else:
                (first, _), *rest = contents
                asked = [[(path,), None] for path in files]
                said = [[text, first], *([None, content] for content, _ in rest)]
                yield {"text": "", "files": []}, [*(history or []), *asked, *said]

    bot, box = gr.Chatbot(**typed), gr.MultimodalTextbox(label="Question")
    box.submit(chat, [box, bot], [box, bot])


@app("shows")
def _():
    shows("messages")


@app("shows-pairs")
def _():
    shows("messages" if MAJOR >= 6 else "tuples")


@app("members")
def _():
    shows("messages")


OPTIONS["members"] = {"auth": ("user", "secret")}


@app("visitors")
def _():
    """Remembers on the server, and wants to know when a visitor leaves."""
    forget = {"time_to_live": 600} if MAJOR >= 5 else {}

    def chat(message, memory):
        memory = [*memory, message]
        return "", memory, " ".join(memory)

    memory = gr.State([], **forget)
    box, answer = gr.Textbox(label="Message"), gr.Textbox(label="Answer")
    box.submit(chat, [box, memory], [box, memory, answer])
    Context.root_block.unload(lambda: SEEN["visitors"].append("left"))


@app("raises")
def _():
    """Answers at once, or fails as it is told."""

    def chat(message):
        if message == "gr.Error":
            raise gr.Error("That is <b>not</b> possible")
        if message == "ValueError":
            raise ValueError("what nobody sees")
        return f"You said {message}."

    box, answer = gr.Textbox(label="Message"), gr.Textbox(label="Answer")
    box.submit(chat, [box], [answer], queue=False)


@app("validated")
def _():
    """Takes no short message, where its version has validators."""
    box, answer = gr.Textbox(label="Message"), gr.Textbox(label="Answer")
    more = {}
    if hasattr(gr, "validate"):
        more["validator"] = lambda message: gr.validate(len(message) > 3, "It is <i>too</i> short")
    box.submit(lambda message: f"You said {message}.", [box], [answer], **more)


class Seen:
    """Keep what each app is asked."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            path = scope["path"]
            if path == "/_seen":
                name = scope["query_string"].decode().partition("=")[2]
                body = "\n".join(SEEN[name]).encode()
                head = [(b"content-length", str(len(body)).encode())]
                await send({"type": "http.response.start", "status": 200, "headers": head})
                await send({"type": "http.response.body", "body": body})
                return
            name, _, rest = path[1:].partition("/")
            SEEN[name].append(f"{scope['method']} /{rest}")
        await self.inner(scope, receive, send)


make = four_spaces.make
four_spaces.make = lambda: Seen(make())

if __name__ == "__main__":
    four_spaces.main()
