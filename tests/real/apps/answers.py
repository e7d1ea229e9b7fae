"""What the real servers answer, by name: imported by the servers and by the tests.

The prompt chooses: `case:NAME`, anywhere in it (of several, the last). More words in the prompt:
`delay:SECONDS` between the pieces; `summary:on` for the 1M Space's last line; `key:KEY` to count
starts and stops of `case:slow` apart from the rest; `hold:SECONDS` for the app `queue-full`.

No dependencies, and nothing newer than Python 3.10.
"""

from __future__ import annotations

import re

#: The pieces of each answer, in order; what is shown grows by one at each step.
ANSWERS: dict[str, list[str]] = {
    "hello": ["Hel", "lo", ", ", "world", "!"],
    "one": ["One piece."],
    "empty": [],  # the generator ends without a single yield
    "blank": [""],  # one piece, and it is empty
    "repeats": ["ha", "ha", "ha", "ha", "ha", " ", "ha", "ha"],
    "doubles": ["a", "a", "aa", "aa", "aaaa", "b", "b", "ab", "ab"],
    "brackets": ["See", " [1] ", "[2, 3]", "[1]", "[1]", "[]", "[[]]", "{}", "[", "]", " end"],
    "edits": ['["append",[0,1],"ha"]', '[["replace",[],"x"]]', '["delete",[0],null]', "null"],
    "cjk": ["你", "好", "，", "世界", "。", "こんにちは", "안녕", "하세요", "𠮷", "𠮷野家"],
    "emoji": [
        "👩‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇫🇷",
        "🇯🇵",
        "👍🏽",
        "❤️",
        "1️⃣",
        "🌍",
        " ok",
    ],
    "emoji_split": [
        "👩",
        "\u200d",
        "👩",
        "\u200d",
        "👧",
        " ",
        "🇫",
        "🇷",
        " ",
        "👍",
        "🏽",
        "❤",
        "\ufe0f",
    ],
    "combining": ["e", "\u0301", " ", "n\u0303", "o\u0308\u0304", " ", "क्", "षि", " ", "Z͑ͫ̓"],
    "right_to_left": ["שלום", " ", "مرحبا", "\u200f", " ", "\u202eabc\u202c", "!"],
    "lines": [
        "a\u2028b",
        "\u2028",
        "\u2029",
        "c\u2029d",
        "\u0085",
        "e\u0085f",
        "\x0b",
        "g\x0bh",
        "\x0c",
        "\x1c",
        "\x1d",
        "\x1e",
        "i",
    ],
    "returns": ["a\r\n", "b\r", "\n", "c", "\r", "\r\n\r\n", "d"],
    "blanks": ["a", "", " ", "", "\n", "\n\n", "\t", "", "b", " ", " ", "c", ""],
    "only_blanks": ["", " ", "\n", "\n\n", "\t", "", " "],
    "leading": ["\n", "\n", "  ", "\t", "text"],
    "trailing": ["text", " ", " ", "\n", "\n\n", "\t"],
    "indented": ["    four\n", "    four\n", "      six\n", "    four"],
    "code": [
        "Here:\n\n```python\n",
        "def f(x):\n",
        "    if x:\n",
        "        return [1]\n",
        "\treturn `x`\n",
        "    # data: no\n",
        "```\n",
        "\ndone.",
    ],
    "sse": [
        "data: x\n",
        "data: x\n\n",
        "event: close\n\n",
        ": comment\n",
        "id: 1\n",
        "retry: 1\n\n",
        "data:",
    ],
    "json": [
        '{"a": ',
        "[1, 2, ",
        '"x"]',
        "}",
        '\n{"msg": "process_completed", ',
        '"event_id": null}',
    ],
    "html": [
        "<b>bold</b>",
        "<details>\n<summary>",
        "more",
        "</summary>\n",
        "<br/>",
        "&amp;&lt;",
        "</details>",
        "<script>1</script>",
        "<think>",
        "hm</think>",
    ],
    "quotes": ['"', "'", "\\", "\\n", '\\"', "\\\\", "\\u0041", "`", "“”", "%s", "{0}", "$x$"],
    "controls": [
        "a",
        "\x00",
        "\x01",
        "\x07",
        "\x1b[31m",
        "\x7f",
        "\ufeff",
        "\u200b",
        "\ufffd",
        "b",
    ],
    "ends_alike": ["abc", "bc", "c", "abc", "abcabc", "c", "bc"],
    "status": ["Qwen is ", "thinking", "...", " no, done"],
    "thinking": ["The ", "answer", " is ", "42."],
    "markdown": [
        "# T\n",
        "\n",
        "- a\n",
        "  - b\n",
        "\n",
        "| a | b |\n",
        "|---|---|\n",
        "\n",
        "1. x",
    ],
    "words": [f"word{i} " for i in range(200)],
    "long": [f"{i} " for i in range(5_000)],
    "large": ["x" * 65_536, "é" * 40_000, "\n", "你" * 30_000],
}

#: Answers that the server rewrites: each entry is the whole text as it then is.
SNAPSHOTS: dict[str, list[str]] = {
    "rewrite": [
        "Hello wrld",
        "Hello world",
        "Hello world, and",
        "Hello",
        "Quite another text",
        "Quite",
    ],
    "rewrite_to_empty": ["some text", "", "new text"],
    "rewrite_end": ["one two three ", "one two three four", "one two three"],
    "rewrite_inside": ["你好 [1] 世界", "你好 [2] 世界", "你好 [2] 世界!"],
}

#: The thought that comes before the answer `thinking` in the shape `messages`.
THOUGHT = ["I should", " work", " it out."]

#: What `case:slow` shows: 600 pieces, one each tenth of a second.
SLOW_PIECES = [f"{i} " for i in range(600)]
SLOW_INTERVAL = 0.1

#: What `case:fails` and `case:fails_raw` show before they fail, and what the first then says.
FAIL_PIECES = ["Some ", "text"]
FAIL_MESSAGE = (
    "You have exceeded your <b>GPU quota</b> (60s requested vs. 0s left). "
    '<a href="/settings/billing">Get more</a> &amp; try again'
)

THINKING_STATUS = "Qwen is thinking..."
SUMMARY = "\n<summary>used 1 file</summary>"

#: Cases that are more than text, understood by every app.
SPECIAL = ("echo", "slow", "fails", "fails_raw", "logs")

#: What the logs of `case:logs` say: level and message; and its pieces.
LOGS = [("info", "Loading <i>model</i>"), ("warning", "This is slow")]
LOG_PIECES = ["with", " logs"]


def option(prompt: str, name: str) -> str | None:
    """Return what the last `name:VALUE` in the prompt says, else None."""
    found = re.findall(rf"(?<!\w){re.escape(name)}:([\w.-]+)", prompt, re.ASCII)
    return found[-1] if found else None


def snapshots(name: str) -> list[str]:
    """Return each whole text of an answer, in order."""
    if name in SNAPSHOTS:
        return SNAPSHOTS[name]
    whole, out = "", []
    for piece in ANSWERS[name]:
        whole += piece
        out.append(whole)
    return out


def text(name: str) -> str:
    """Return the whole answer as the app means it (a component may then tidy it)."""
    return (snapshots(name) or [""])[-1]
