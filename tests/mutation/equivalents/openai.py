"""Mutants of `openai`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_ONE_SIZE = "bodies of exactly one size are weighed or parsed as larger ones are"
_REPEATED = "how much of a text an error repeats"
_GUESSED = "an id of one byte more or less is as hard to guess"
_FIRST = "it is set before it is first read"
_ID = "an id is no secret here, and needs no length of its own"

_WEIGHT = "it is an estimate of the memory that a byte takes on its way"
_PATIENCE = "how many seconds the answers have to end when the server is closed"
_LIMIT = "where a limit lies, to the very unit"
_NO_REQUEST = "a body that begins with a text is no request"
_WHOLE_STOP = "a text that ends in a whole stop was cut before it"
_OVERLAP = "for length in range(min(len(stop) - 1, len(text)), 0, -1):"
_QUOTES = "while 0 <= start < (end := body.find(b'\"', start + 1)):"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "openai/answers.py": [
        Equivalent('self._first = b""', "pass", _FIRST),
        Equivalent(
            "await self.aclose()",
            "pass",
            "a read that is cancelled stops the Space itself; the blocking twin has to do it",
        ),
    ],
    "openai/blocking/answers.py": [Equivalent('self._first = b""', "pass", _FIRST)],
    "openai/attached.py": [
        Equivalent(
            'if url[:8].lower().startswith(("http://", "https://")):',
            'if url[: 9].lower().startswith(("http://", "https://")):',
            "only its first eight characters are looked at",
        ),
    ],
    "openai/completion_messages.py": [
        Equivalent('f"{where} is sound of the format {kind[:40]!r}; there are "', None, _REPEATED),
        Equivalent(
            "if not {bytes(message.tool_calls), bytes(message.function_call)} <= _NOTHING:",
            "if not {bytes(message.tool_calls), bytes(message.function_call)} < _NOTHING:",
            "two values are never all three that stand for nothing",
        ),
    ],
    "openai/completion_writers.py": [
        Equivalent('self._id = f"chatcmpl-{secrets.token_hex(12)}"', None, _ID),
    ],
    "openai/response_writers.py": [
        Equivalent(
            "self._token = secrets.token_hex(24)  # Whoever knows a response's id may read it.",
            None,
            _GUESSED,
        ),
    ],
    "openai/response_events.py": [
        Equivalent("sequence_number: int = 0", None, "each event is numbered before it is sent"),
    ],
    "openai/httpx_messages.py": [
        Equivalent("  @functools.cache", "", "a class is made again for each body"),
    ],
    "openai/server.py": [
        *(
            Equivalent("patience=2 * CLOSING,", f"patience={waited} CLOSING,", _PATIENCE)
            for waited in (" 1 *", " 3 *", "2 //")
        ),
    ],
    "openai/served_models.py": [
        *(
            Equivalent(
                "twice = Counter(map(without_user, named)).most_common(1)[0][0]",
                f"twice = Counter(map(without_user, named)).{first}[0]",
                "the first of the most common is the same",
            )
            for first in ("most_common( 2)[0]", "most_common(1)[ -1]")
        ),
        Equivalent(
            'host = parts.hostname or ""', "host = parts.hostname", "the address of a Space has one"
        ),
    ],
    "openai/intake.py": [
        Equivalent(
            "files = file_bytes(data) if texts > min(self._bounds.body, _LARGE_BODY) else 0",
            "files = file_bytes(data) if texts >= min(self._bounds.body, _LARGE_BODY) else 0",
            _ONE_SIZE,
        ),
        Equivalent(
            "if body.size <= _LARGE_BODY:",
            "if body.size < _LARGE_BODY:",
            _ONE_SIZE,
        ),
    ],
    "openai/weight.py": [
        *(
            Equivalent(f"{name}: Final = {often}", f"{name}: Final = {often + more}", _WEIGHT)
            for name, often in (("TEXT_WEIGHT", 8), ("FILE_WEIGHT", 4), ("FILE_KEPT", 2))
            for more in (-1, 1)
        ),
        Equivalent(
            "if body.count(b'\"') > _MOST_QUOTES:",
            "if body.count(b'\"') >= _MOST_QUOTES:",
            _LIMIT,
        ),
        *(
            Equivalent(_QUOTES, f"while {changed}:", reason)
            for changed, reason in (
                (
                    "-1 <= start < (end := body.find(b'\"', start + 1))",
                    "where there is no quotation mark there is no second one",
                ),
                *(
                    (f"{least} start < (end := body.find(b'\"', start + 1))", _NO_REQUEST)
                    for least in ("0 <", "1 <=")
                ),
                (
                    "0 <= start < (end := body.find(b'\"', start + 2))",
                    "an empty text is no file, nor is what stands between two texts",
                ),
                (
                    "0 <= start <= (end := body.find(b'\"', start + 1))",
                    "what is found is behind the start",
                ),
            )
        ),
        Equivalent(
            'if end - start > _SHORTEST and body[start - 1 : start] != b"\\\\":',
            'if end - start >= _SHORTEST and body[start - 1 : start] != b"\\\\":',
            _LIMIT,
        ),
    ],
    "openai/streams.py": [
        Equivalent(
            "with anyio.move_on_after(max(0.0, until - time.monotonic())):",
            "with anyio.move_on_after(max( -1.0, until - time.monotonic())):",
            "a time that is over by any amount is over",
        ),
    ],
    "openai/stops.py": [
        *(
            Equivalent(_OVERLAP, f"for length in range({changed}, -1):", reason)
            for changed, reason in (
                ("min(len(stop) + 1, len(text)), 0", _WHOLE_STOP),
                ("min(len(stop) - 0, len(text)), 0", _WHOLE_STOP),
                ("min(len(stop) - 1, len(text)), -1", "that every text ends in nothing is no news"),
            )
        ),
        Equivalent("return 0", "return -1", "nothing is held back, nor is less than nothing"),
    ],
    "openai/stored_responses.py": [
        Equivalent(
            "if added.size + sum(map(len, added.contents)) > self._size:",
            "if added.size + sum(map(len, added.contents)) >= self._size:",
            _LIMIT,
        ),
        Equivalent("while self._taken > self._size:", "while self._taken >= self._size:", _LIMIT),
    ],
    "openai/contents.py": [
        Equivalent(
            'return bad_request(f"{where} is of the type {part.type[:40]!r}; {why}.", where, '
            '"invalid_value")',
            None,
            _REPEATED,
        ),
    ],
    "openai/response_input.py": [
        Equivalent(
            'f"{place} is of the type {item.type[:40]!r}: a Space only chats, and takes '
            'messages, "',
            None,
            _REPEATED,
        ),
    ],
    "openai/room.py": [
        Equivalent(
            "if size < self.size:", "if size <= self.size:", "to give back nothing changes nothing"
        ),
    ],
    "openai/sent_response.py": [
        Equivalent(
            "for start in range(0, max(len(data), 1), _PIECE):",
            "for start in range(0, max(len(data), 2), _PIECE):",
            "either is one piece",
        ),
        Equivalent(
            "self._sending = anyio.Lock(fast_acquire=True)",
            "self._sending = anyio.Lock(fast_acquire=False)",
            "a matter of speed",
        ),
    ],
}
