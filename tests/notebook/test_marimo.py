"""Answers in marimo: as an app, in the editor and as a script, with real servers and kernels."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacechat import markup
from spacechat.local import ChatRequest, LocalSpace
from tests.environments import BUILD_TIMEOUT
from tests.notebook.marimo_notebook import VERSION, Renderer, opened, run_script, write_notebook
from tests.notebook.test_markup import ATTRIBUTES, EVIL, HOSTILE, MARKDOWN, OURS, PARTS, Page, reply
from tests.notebook.test_notebooks import assert_stopped

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = [pytest.mark.real, pytest.mark.timeout(BUILD_TIMEOUT + 300)]

WAYS = [
    pytest.param("{}", "spacechat", id="blocking"),
    pytest.param("await {}", "spacechat.AsyncClient()", id="async"),
]
"""How a cell may show an answer: the expression, and who asks."""

EXTENSIONS = [
    "```{.python .fixed #id onclick=x}\ncode\n```",
    '```python {.fixed onclick=x title="t" linenums="1"}\ncode\n```',
    "> ~~~ {.fixed}\n> a\n> ~~~",
    "- ```{.fixed}\n  a\n  ```",
    "/// details | T\n    attrs: {class: fixed, onclick: x, style: 'position:fixed'}\n\nx\n///",
    "- a\n\n    /// note\n        attrs: {id: fixed}\n    x\n    ///",
    "```\n/// note\n    attrs: {class: fixed}\nx\n///\n```",
    "- ```\n\n/// note\n    attrs: {class: fixed}\nx\n///\n  ```",
    "$$\n/// tab | T\nx\n///\n$$",
    "::lucide:rocket:: `::lucide:rocket::` $::lucide:rocket::$",
    "# T {onclick=x}\n\n*a*{onclick=x}",
    "::\x02lucide:rocket:: :\x03:lucide:rocket::",
    "/\x02// note\n    attrs: {class: fixed}\nx\n/\x02//",
    "--8<-- '/etc/passwd'",
    "[a^1]: x\n\n*[HTML]: x",
]
"""What marimo's Markdown has beyond that of others."""

THEIRS = {"marimo-tex", "sub", "sup", "ins", "mark", "input", "kbd"}
CLASSES = (  # And those of three letters, which are colours of code.
    "highlight", "codehilite", "language-", "paragraph", "task-list", "arithmatex", "critic",
           "toc", "markdown", "prose", "dark:", "contents", "comment", "key")  # fmt: skip


@pytest.fixture(scope="module")
def render(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renderer]:
    with Renderer(tmp_path_factory.mktemp("marimo")) as found:
        yield found


def assert_inert(source: str) -> None:
    for tag, attributes in Page(source).found:
        assert tag in OURS | MARKDOWN | THEIRS, (tag, source)
        for name, value in attributes.items():
            if name == "class":
                known = all(
                    each.startswith(CLASSES) or len(each) <= 3 for each in (value or "").split()
                )
                assert known, source
            elif name == "href":
                assert (value or "").startswith(("http", "mailto:", "ftp://", "#")), source
            else:
                assert name in {"id", "rel", "target", "type", "disabled", "checked", *ATTRIBUTES}
                assert name != "style" or (value or "").startswith("text-align:"), source


@pytest.mark.parametrize("text", [*HOSTILE, *EXTENSIONS])
def test_hostile_texts(render: Renderer, text: str) -> None:
    for made in (markup.safe(text), f"- a\n\n{markup.safe(text)}", markup.answer(text, text)):
        assert_inert(render(made))
    assert_inert(render(markup.answer(text, files=[(text, f"http://h/{text}")])))


@settings(max_examples=300)
@given(
    st.lists(
        PARTS
        | st.sampled_from(
            [
                *(
                    "///",
                    " note",
                    " details | T",
                    "\n    attrs: {class: fixed, onclick: x}\n",
                    "::",
                ),
                *("lucide:rocket", "{.fixed}", "{", "}", "~~~", "```python", "onclick=x"),
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_any_text(render: Renderer, text: str) -> None:
    assert_inert(render(markup.safe(text)))


def test_what_it_looks_like(render: Renderer) -> None:
    made = render(markup.safe("# T\n\n**b** `c` $x^2$\n\n```python\nif {1: 2}: pass\n```\n"))
    assert "<h1" in made
    assert "<strong>b</strong> <code>c</code> <marimo-tex" in made
    assert '<span class="k">if</span>' in made, "code has colours"


@pytest.mark.parametrize(("awaited", "client"), WAYS)
def test_an_answer_is_shown_while_it_comes(tmp_path: Path, awaited: str, client: str) -> None:
    """In an app, whose only visitor gets each drawing."""
    go_on = threading.Event()

    def answer(_: ChatRequest) -> Iterator[str]:
        yield "Some **bold** text"
        assert go_on.wait(120)
        yield f" and {EVIL}"

    with LocalSpace("messages", answer) as space:
        shown = awaited.format(f"spacechat.display({client}.stream('Hi', model='{space.url}'))")
        notebook = write_notebook(tmp_path, f"_ = {shown}", shown)
        with opened(notebook, "run") as page:
            page.wait_for(lambda: page.outputs(1) and "bold</strong> text" in page.outputs(1)[-1])
            go_on.set()
            page.wait_for_end()
            first, last = page.outputs(1)[0], page.outputs(1)[-1]
            as_value = page.outputs(2)[-1]
    assert "Asking" in first
    assert "alert" in last
    assert "alert" in as_value, "the reply is the value of the cell, too, and is shown once"
    assert as_value.count("bold</strong>") == 1
    for each in page.outputs(1) + page.outputs(2):
        assert_inert(each)


def test_what_marimo_can_not_read_is_shown_as_it_is(tmp_path: Path, render: Renderer) -> None:
    assert render("[x](http://[a)") == "", "a text that its renderer fails for"
    with LocalSpace("messages", ["Look: [x](http://[a)", " <b>there</b>"]) as space:
        shown = f"_ = spacechat.display(spacechat.stream('Hi', model='{space.url}'))"
        with opened(write_notebook(tmp_path, shown), "run") as page:
            page.wait_for_end()
    assert Page(page.outputs(1)[-1]).text == "Look: [x](http://[a) <b>there</b>"


@pytest.mark.parametrize(("awaited", "client"), WAYS)
def test_the_stop_button_stops_the_space(tmp_path: Path, awaited: str, client: str) -> None:
    def endless(_: ChatRequest) -> Iterator[str]:
        while True:
            yield "ha "

    with LocalSpace("messages", endless, delay=0.01) as space:
        stream = f"{client}.stream('Hi', model='{space.url}')"
        notebook = write_notebook(tmp_path, awaited.format(f"spacechat.display({stream})"))
        with opened(notebook, "edit") as page:
            page.wait_for(lambda: page.messages)
            page.press("instantiate", objectIds=[], values=[], autoRun=True)
            page.wait_for(lambda: page.outputs(1) and "ha ha" in page.outputs(1)[-1])
            page.press("interrupt")
            page.wait_for(lambda: page.printed(1).startswith("ha ha "))
            assert_stopped(space)


def test_as_a_script_the_text_is_printed(tmp_path: Path) -> None:
    with LocalSpace("messages", ["Some **bold**", " text"]) as space:
        ask = f"stream('Hi', model='{space.url}')"
        notebook = write_notebook(
            tmp_path,
            f"spacechat.display(spacechat.{ask})",
            f"await spacechat.display(spacechat.AsyncClient().{ask})",
        )
        assert run_script(notebook) == "Some **bold** text\n" * 2


def test_the_notebook_of_the_docs(tmp_path: Path) -> None:
    source = (DOCS / "marimo_first_steps.py").read_text(encoding="utf-8")
    assert f'__generated_with = "{VERSION}"' in source
    notebook = tmp_path / "notebook.py"
    # A reader likes to see it come.
    notebook.write_text(source.replace("delay=0.02", "delay=0"), encoding="utf-8")
    assert run_script(notebook).count("## Hello from your own machine\n") == 2
    with opened(notebook, "run") as page:
        page.wait_for_end()
    assert "Question" in page.outputs(1)[-1]
    assert "Hello from your own machine</h2>" in page.outputs(2)[-1]
    assert "The same after" in page.outputs(3)[-1]
    assert "red in the evening" in page.outputs(4)[-1]
    assert "endpoint" in page.outputs(5)[-1]


def test_values_of_cells(tmp_path: Path, render: Renderer) -> None:
    with LocalSpace("messages", [EVIL]) as space:
        notebook = write_notebook(
            tmp_path,
            f"spacechat.ask('Hi', model='{space.url}')",
            f"spacechat.ask('Hi', model='{space.url}').conversation",
            f"spacechat.Client().stream('Hi', model='{space.url}')",
            f"spacechat.Client().app('{space.url}').view()",
            f"spacechat.Client().inspect('{space.url}')",
            "spacechat.Client(token='secret')",
            "spacechat.models()",
            "spacechat.events.File('http://h/a.png', '<b>a.png', 'image/png')",
        )
        with opened(notebook, "run") as page:
            page.wait_for_end()
    shown = [page.outputs(cell)[-1] for cell in range(1, 9)]
    for each in shown:
        assert_inert(each)
        assert "secret" not in each
    words = ("alert", "assistant", "ChatStream", "endpoint", "/chat", "Client", "qwen-2.5", "a.png")
    for each, word in zip(shown, words, strict=True):
        assert word in Page(each).text
    assert_inert(render(reply(EVIL)._repr_markdown_()))
