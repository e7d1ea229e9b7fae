"""What the errors say if no way to chat is taken: what there is, and how to choose."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import find_way, parse_config
from spacechat.apps.choice import find_ways
from tests.servers.page import Page


def refusal(page: Page, **chosen: Any) -> str:
    with pytest.raises(errors.ChatNotFoundError) as caught:
        find_way(parse_config(page.config()), **chosen)
    return str(caught.value)


def equals(count: int) -> Page:
    """Return a page with several forms that are alike."""
    page = Page()
    for number in range(count):
        box, answer = page.add("textbox", f"Box {number}"), page.add("markdown")
        page.on(box, "submit", [box], [answer], f"f{number}")
    return page


def pictures(count: int, inputs: int = 1) -> Page:
    """Return a page whose functions take no text."""
    page = Page()
    picture, shown = page.add("image", "Sky"), page.add("label", "Kind")
    for number in range(count):
        page.on(page.add("button", "Go"), "click", [picture] * inputs, [shown], f"f{number}")
    return page


def several(count: int) -> str:
    shown = "; ".join(
        f"textbox 'Box {n}' ({2 * n + 1}) → markdown ({2 * n + 2}) by submit of textbox 'Box {n}' "
        f"({2 * n + 1}) (endpoint='/f{n}')"
        for n in range(count)
    )
    return (
        "This app has several ways to chat that do different things, and none stands out: "
        f"{shown}{{rest}}. Nothing was sent. endpoint= says which function to call, and output= "
        "where the answer is to be read."
    )


@pytest.mark.parametrize(("count", "rest"), [(2, ""), (6, ""), (7, " and 1 more")])
def test_several_ways(count: int, rest: str) -> None:
    assert refusal(equals(count)) == several(min(count, 6)).format(rest=rest)


def test_a_way_that_seems_to_be_for_something_else() -> None:
    page = Page()
    box, answer = page.add("textbox", "Folder"), page.add("markdown")
    page.on(page.add("button", "Delete"), "click", [box], [answer], "remove")
    way = "textbox 'Folder' (1) → markdown (2) by click of button 'Delete' (3) (endpoint='/remove')"
    assert refusal(page) == (
        "No way to chat was found in this app: what takes a text and gives one seems to be for "
        f"something else: {way}. It has: /remove (textbox → markdown). If one of these answers all "
        "the same, name it by endpoint=; `spacechat inspect URL` says why none was taken."
    )


@pytest.mark.parametrize("kind", ["markdown", "chatbot"])
def test_a_box_that_nobody_sees(kind: str) -> None:
    page = Page()
    box, answer = page.add("textbox", visible=False), page.add(kind)
    page.on(page.add("button", "Go"), "click", [box], [answer], "go")
    assert refusal(page) == (
        "No way to chat was found in this app: no box for a message that a person sees leads to a "
        f"chat or a text. It has: /go (textbox → {kind}). endpoint= and output= say how to use one "
        "of these; `spacechat inspect URL` shows more."
    )


@pytest.mark.parametrize(("takes", "gives"), [("image", "markdown"), ("textbox", "image")])
def test_no_function_from_text_to_text(takes: str, gives: str) -> None:
    page = Page()
    taken, given = page.add(takes), page.add(gives)
    page.on(page.add("button", "Go"), "click", [taken], [given], "go")
    assert refusal(page) == (
        "No way to chat was found in this app: none of its functions takes a text and gives one. "
        f"It has: /go ({takes} → {gives}). It is no chat: ask another app."
    )


def test_no_function_at_all() -> None:
    assert "gives one. It has: no endpoints. It is no chat" in refusal(Page())


@pytest.mark.parametrize(("count", "rest"), [(12, ""), (13, " and 1 more"), (20, " and 8 more")])
def test_many_functions(count: int, rest: str) -> None:
    shown = "; ".join(f"/f{n} (image → label)" for n in range(min(count, 12)))
    assert f"It has: {shown}{rest}. It is no chat" in refusal(pictures(count))


@pytest.mark.parametrize(("count", "shown"), [(0, "nothing"), (30, ""), (31, ", …")])
def test_a_function_that_takes_much(count: int, shown: str) -> None:
    taken = ", ".join(["image"] * min(count, 30)) + shown
    assert f"It has: /f0 ({taken} → label). It" in refusal(pictures(1, inputs=count))


def test_an_endpoint_that_is_no_chat() -> None:
    assert refusal(pictures(2), endpoint="/f1").startswith(
        "No way to chat was found in this app by its endpoint '/f1': none of its functions"
    )


@pytest.mark.parametrize(("wanted", "hint"), [("/F1", " Did you mean 'f1'?"), (7, "")])
def test_an_endpoint_that_there_is_not(wanted: str | int, hint: str) -> None:
    assert refusal(pictures(2), endpoint=wanted) == (
        f"The app has no endpoint {wanted!r}.{hint} It has: /f0 (image → label); "
        "/f1 (image → label). endpoint= takes a name or an id."
    )


@pytest.mark.parametrize("wanted", ["f1", "/f1", 1])
def test_an_endpoint_by_its_name_or_number(wanted: str | int) -> None:
    assert find_way(parse_config(equals(3).config()), endpoint=wanted).endpoint == "f1"


@pytest.mark.parametrize("wanted", ["Kind", 2])
def test_an_output_that_no_box_leads_to(wanted: str | int) -> None:
    assert refusal(pictures(1), output=wanted).startswith(
        f"No way to chat was found in this app that fills the output {wanted!r}: none of its"
    )


def labelled(*labels: str | None) -> Page:
    page = Page()
    box = page.add("textbox")
    page.on(box, "submit", [box], [page.add("markdown", each) for each in labels], "go")
    return page


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ([None], "none with a label"),
        (["One", None, "One"], "'One'"),
        (list("abcdef"), "'a', 'b', 'c', 'd', 'e', 'f'"),
        (list("abcdefg"), "'a', 'b', 'c', 'd', 'e', 'f' and 1 more"),
        (["a" * 101], repr("a" * 100)),
    ],
)
def test_an_output_that_there_is_not(labels: list[str | None], shown: str) -> None:
    assert refusal(labelled(*labels), output="Other") == (
        f"The app has no output 'Other'. It has: {shown}. output= takes a label or an id."
    )


@pytest.mark.parametrize("wanted", ["Two", 3, "second"])
def test_an_output_by_its_label_or_identifier(wanted: str | int) -> None:
    page = labelled("One", "Two")
    page.components[2]["props"]["elem_id"] = "second"
    assert find_way(parse_config(page.config()), output=wanted).answer.id == 3


def test_ways_of_which_none_is_taken() -> None:
    found = find_ways(parse_config(equals(2).config()))
    assert (len(found.all), found.best) == (2, None)
    alone = find_ways(parse_config(equals(1).config()))
    assert (alone.best, alone.problem) == (alone.all[0], None)
