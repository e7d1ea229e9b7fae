"""What notebooks show of a Space's text: nothing in it is active, and it looks as it should."""

from __future__ import annotations

import html
import re
import time
from html.parser import HTMLParser
from typing import Any

import mistune
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import spacechat
from spacechat import markup, providers
from spacechat.apps import Inspection
from spacechat.apps.inspection import EndpointInfo, InputInfo
from spacechat.streaming import Timings

OURS = {"small", "details", "summary", "pre", "code", "br"}
MARKDOWN = {
    "p", "em", "strong", "s", "del", "a", "ul", "ol", "li", "blockquote", "hr", "div",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "open", "class", "start", "style"}

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=x>",
    "a <svg/onload=alert(1)> b",
    "<!-- --><iframe src=//evil.test></iframe>",
    "<?php x ?>",
    "<\x02img src=x onerror=alert(1)>",
    "</\x03script><\x02script>alert(1)</script>",
    "!\x02[a](https://evil.test/x.png)",
    "[a]\x03(javascript:alert(1))",
    "\\<script>alert(1)</script>",
    "\\\\<script>alert(1)</script>",
    "`<script>alert(1)</script>",
    "``<b>`` `<script>` <script>",
    "```\n<script>alert(1)</script>",
    "```html\n<script>alert(1)</script>\n```\n<script>",
    "~~~\n```\n<script>\n~~~\n<script>",
    "- a\n\n  ```\n<script>alert(1)</script>\n```\n",
    "1. a\n   ```\n   <b>\n   ```\n<script>",
    "    <script>indented</script>",
    "> ```\n<script>\n> ```",
    "[x](javascript:alert(1))",
    "[x]( <javascript:alert(1)>)",
    "[x](  java\nscript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x) [x](file:///etc/passwd) [x](command:x) [x](/lab/api)",
    "[x][a]\n\n[a]: javascript:alert(1)",
    '[a]: x "\n```\n"\n<script>alert(1)</script>\n```',
    "```\n[a]: javascript:alert(1)\n```\n[a]",
    "<javascript:alert(1)>",
    "![x](https://evil.test/x.png)",
    "!\\[x](https://evil.test/x.png)",
    "\\![x](https://evil.test/x.png)",
    "![x][a]\n\n[a]: https://evil.test/x.png",
    "[![x](https://evil.test/x.png)](https://evil.test)",
    "$a<script>alert(1)</script>$",
    "$$![x](https://evil.test/x.png)$$",
    "</details></small><script>alert(1)</script>",
    "\r<script>\r\n<script>\0<script>",
    "$`$<script>`$",
]

PARTS = st.one_of(
    st.sampled_from(
        [
            *"<>![]()`~$\\:\n\"'&#/ -*_|@=",
            *["\n\n", "```", "~~~", "    ", "> ", "- ", "1. ", "](", "]:", "![", "$$", "<!--"],
            *["<script>", "</script>", "<img src=x onerror=y>", "javascript:", "data:", "&lt;"],
            *["https://evil.test", "&colon;", "a", "</pre>", "</code>", "\r", "\0", "\t"],
            *["\x02", "\x03", "\x0b", "\x0c", "\x1b", "\x7f", "\x85"],
        ]
    ),
    st.text(max_size=3),
)
TEXTS = st.lists(PARTS, max_size=40).map("".join)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", {}))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", {}))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction", {}))


def commonmark(text: str) -> str:
    """As VS Code: HTML is let through; links of every kind, too, since its filter isn't ours."""
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    renderer.validateLink = lambda url: True  # type: ignore[method-assign]
    return str(renderer.render(text))


class Lax(mistune.HTMLRenderer):
    """A renderer that filters no link."""

    def safe_url(self, url: str) -> str:
        return url


def regular(text: str) -> str:
    """As nbconvert: a renderer by regular expressions."""
    renderer = mistune.create_markdown(
        renderer=Lax(escape=False), plugins=["table", "strikethrough", "url", "math"]
    )
    return str(renderer(text))


RENDERERS: list[Any] = [commonmark, regular]


def assert_inert(source: str) -> None:
    for tag, attributes in Page(source).found:
        assert tag in OURS | MARKDOWN, (tag, source)
        assert attributes.keys() <= ATTRIBUTES, (attributes, source)
        target = (attributes.get("href") or "mailto:").strip().lower()
        assert target.startswith(("http://", "https://", "mailto:")), source


def assert_safe(text: str) -> None:
    for made in (
        markup.safe(text),
        markup.plain(text),
        markup.note(text),
        markup.thoughts(text),
        markup.link(text, text),
        markup.link(text, f"https://{text}"),
    ):
        for render in RENDERERS:
            assert_inert(render(made))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str) -> None:
    assert_safe(text)
    for render in RENDERERS:
        assert_inert(render(f"- a\n\n{markup.safe(text)}"))
        assert_inert(render(markup.answer(text, text)))
        file = (text, f"http://{text}")
        assert_inert(render(markup.answer(text, files=[file, file])))


@settings(max_examples=40)
@given(TEXTS)
@example("$](javascript:x)$")
def test_any_text(text: str) -> None:
    assert_safe(text)
    made = markup.safe(text)
    assert not re.search(r"!\[", made)
    for match in re.finditer(r"<(?=[A-Za-z/!?])[^<>]*>?", made):
        assert re.fullmatch(r"</?(pre|code)>", match[0]), made


@given(TEXTS)
def test_plain_shows_every_character_that_can_be_seen(text: str) -> None:
    wanted = re.sub(r"(?![\t\n])[\0-\x1f\x7f-\x9f]", "\ufffd", re.sub("\r\n?", "\n", text))
    made = markup.plain(text)
    assert "\n" not in made
    assert html.unescape(made.replace("<br>", "\n")) == wanted or max(wanted) >= "\x80"


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nSome *text* with **strong** and `code`.\n\n- a\n- b\n",
        "```python\nif a < b and b > c:\n    print(x[0])\n```",
        "1. one\n   ```c\n   a = b[i];\n   ```\n2. two",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "a < b, a <= b, $x_1 < y$, $$\\frac{a}{b}$$ and 5 > 3",
        "[a link](https://example.org/a_b) and https://example.org",
        "你好 🌍\n\n> quoted",
    ],
)
def test_ordinary_markdown_is_left_as_it_is(text: str) -> None:
    assert markup.safe(text) == text


@pytest.mark.parametrize("code", ["#include <stdio.h>\n\n\tint *a[3];", "<b>x</b>", "[a](b)\n  x"])
@pytest.mark.parametrize("before", ["", "- a\n\n  "])
def test_code_is_shown_exactly(code: str, before: str) -> None:
    indent = " " * (len(before) and 2)
    lines = "\n".join(indent + line for line in code.split("\n"))
    text = f"{before}```c\n{lines}\n{indent}```\nafter *it*"
    for render in RENDERERS:
        rendered = render(markup.safe(text))
        shown = re.search(r"<pre><code[^>]*>(.*?)</code></pre>", rendered, re.DOTALL)
        assert shown is not None, rendered
        assert html.unescape(shown[1]).rstrip("\n") == code
        assert "<em>it</em>" in rendered
    inline = f"see `` {code} `` there"
    for render in RENDERERS:
        if "\n" not in code:
            assert Page(render(markup.safe(inline))).text.strip() == f"see {code} there"


def test_a_formula_keeps_its_meaning() -> None:
    assert markup.safe("$a<b$ and a<b") == "$a< b$ and a&#60;b"


def test_an_image_is_a_link() -> None:
    made = commonmark(markup.safe("![cat](https://example.org/cat.png)"))
    assert made == '<p>!<a href="https://example.org/cat.png">cat</a></p>\n'


@pytest.mark.parametrize(
    "piece",
    [
        "`",
        "`` ` ",
        "<",
        "[",
        "](",
        "]:",
        "$",
        "$$ ",
        "```\n",
        "~~~~\n```\n",
        "\\",
        "- ",
        "> ",
        "a\n",
    ],
)
def test_the_cost_is_that_of_the_length(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    began = time.monotonic()
    markup.safe(text)
    assert time.monotonic() - began < 30  # Squared, it would take many minutes.


EVIL = "<script>alert('x')</script>![x](https://evil.test/x)"


def reply(text: str) -> spacechat.Reply:
    said = [spacechat.messages.Message(role="assistant", content=text)]
    return spacechat.Reply(
        text,
        text,
        providers.Qwen_Qwen_2_5,
        spacechat.Conversation(session_hash="x", messages=said, model=text),
        text,
        Timings(None, None, 1.0),
    )


def test_values_in_a_notebook() -> None:
    answer = reply(EVIL)
    client = spacechat.AsyncClient(token="secret", proxy="http://u:secret@localhost:1")
    chat = client.conversation(answer.conversation, model=EVIL)
    page = Inspection(
        EVIL, EVIL, EVIL, True, EVIL, EVIL, EVIL, [EVIL], [EVIL], [EVIL],
        [InputInfo(EVIL, EVIL, EVIL, EVIL)], [EndpointInfo(1, EVIL, [EVIL], [EVIL])],
    )  # fmt: skip
    health = spacechat.Health(EVIL, EVIL, "up", 0.5, EVIL)
    stream = client.stream("Hi", model="qwen-2.5")
    for value in (answer, answer.conversation, chat, stream, spacechat.stream("Hi")):
        for render in RENDERERS:
            assert_inert(render(value._repr_markdown_()))
    shown: Any
    for shown in (client, spacechat.Client(), page, health, spacechat.models()):
        made: str = shown._repr_html_()
        assert_inert(made)
        assert "secret" not in made
    assert "alert('x')" in Page(page._repr_html_()).text
    assert "qwen-2.5" in spacechat.models()._repr_html_()  # type: ignore[attr-defined]
