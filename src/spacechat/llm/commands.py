"""The commands `llm space …`."""

from __future__ import annotations

import shlex

import click
import llm

from ..addresses import without_user
from ..errors import InputsError
from ..login import environment_login
from ..sanitize import one_line
from ..spelling import did_you_mean
from . import saved
from .errors import in_words_of_llm, space_error
from .models import PREFIX
from .options import MOST, options_of
from .saved import SavedSpace

_LONGEST_ALIAS = 100


@click.group()
def space() -> None:
    """Use Spaces and other Gradio apps as models.

    Any of them can be asked as it is: llm -m space/owner/name "Hi". One that is saved is listed
    with its options, and can have a name of its own.
    """


@space.command(short_help="Save a Space, with the options that it takes.")
@click.argument("name")
@click.option(
    "--alias", "aliases", multiple=True, help="Another name of the model; again for more."
)
def add(name: str, aliases: tuple[str, ...]) -> None:
    """Look at a Space, and save it with the options that it takes.

    NAME is owner/name, the URL of a Gradio app, or a model that spacechat knows by name. What is
    known of a Space that is saved already is replaced; it keeps its aliases.

    \b
    Examples:
      llm space add owner/name --alias x
      llm space add localhost:7860 --alias mine
    """
    name = _bare(name)
    with in_words_of_llm():
        if name != without_user(name):
            raise InputsError("An address with a password in it is not saved: leave that out.")
        found = _look_at(name)

        def added(spaces: list[SavedSpace]) -> list[SavedSpace]:
            own = [alias for each in spaces if each.name == name for alias in each.aliases]
            _check_aliases(name, aliases)
            merged = SavedSpace(
                name, list(dict.fromkeys([*own, *aliases])), found.takes_files, found.options
            )
            others = [each for each in spaces if each.name != name]
            return [*others, merged]

        saved.change(added)
        line = _line(_find(name))
    click.echo(f"Saved {line}")
    example = shlex.quote(aliases[0] if aliases else PREFIX + name)
    click.echo(one_line(f'Ask it: llm -m {example} "Hi"'))


@space.command(name="list")
def list_() -> None:
    """List the Spaces that are saved."""
    with in_words_of_llm():
        spaces = saved.load()
    for each in spaces:
        click.echo(_line(each))
    if not spaces:
        click.echo("No Space is saved: llm space add owner/name", err=True)


@space.command(short_help="Forget Spaces that are saved.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def remove(names: tuple[str, ...]) -> None:
    """Forget Spaces that are saved; NAME may be an alias."""
    with in_words_of_llm():
        removed = [_find(name) for name in names]
        saved.change(lambda spaces: [each for each in spaces if each not in removed])
    for each in removed:
        click.echo(f"Removed {PREFIX}{one_line(each.name)}")


@space.command(short_help="List the options that a Space takes.")
@click.argument("name")
def options(name: str) -> None:
    """List the options that a Space takes, as it says now; NAME may be an alias.

    \b
    Examples:
      llm space options owner/name
      llm -m space/owner/name -o Temperature 0.5 "Hi"
    """
    with in_words_of_llm():
        bare = _bare(name)
        known = next((each for each in saved.load() if each.is_meant_by(bare)), None)
        found = _look_at(bare if known is None else known.name)
    for option in found.options:
        click.echo(f"{option.name}: {option.takes}")
    if len(found.options) == MOST:
        click.echo(f"(and perhaps more: {MOST} are listed)", err=True)
    if not found.options:
        click.echo("It takes no options.", err=True)
    if found.takes_files:
        click.echo("Files can go with a question: -a FILE", err=True)


def _look_at(name: str) -> SavedSpace:
    """Return what a Space takes.

    Raises:
        SpaceChatError: It can't be reached.
        SpaceError: It is no chat.
    """
    from ..providers import find
    from ..sync import Client

    taken = find(name).takes
    auth = environment_login() if "auth" in taken else None
    with Client() as client:
        inspection = client.inspect(name, auth=auth)
    if not inspection.is_chat:
        raise space_error(f"{without_user(name)}: {inspection.problem}")
    return SavedSpace(
        name,
        takes_files="files" in taken and inspection.takes_files,
        options=options_of(inspection.inputs) if "inputs" in taken else [],
    )


def _check_aliases(name: str, aliases: tuple[str, ...]) -> None:
    """Check that aliases are names that nothing else has.

    Raises:
        InputsError: They aren't.
    """
    models = llm.get_model_aliases()
    for alias in aliases:
        if not alias.strip() or not alias.isprintable() or len(alias) > _LONGEST_ALIAS:
            raise InputsError(
                f"An alias has 1 to {_LONGEST_ALIAS} characters that can be printed, not {alias!r}."
            )
        model = models.get(alias)
        if model is not None and model.model_id != PREFIX + name:
            raise InputsError(f"{alias!r} is a name of {model.model_id} already: choose another.")


def _find(name: str) -> SavedSpace:
    """Return the saved Space of a name or an alias.

    Raises:
        InputsError: There is none.
    """
    spaces = saved.load()
    bare = _bare(name)
    for each in spaces:
        if each.is_meant_by(bare):
            return each
    names = [known for each in spaces for known in (each.name, *each.aliases)]
    raise InputsError(
        f"No Space {bare!r} is saved.{did_you_mean(bare, names)} `llm space list` lists them."
    )


def _bare(name: str) -> str:
    return name.strip().removeprefix(PREFIX)


def _line(each: SavedSpace) -> str:
    aliases = f" (aliases: {', '.join(each.aliases)})" if each.aliases else ""
    takes = ["files"] if each.takes_files else []
    if each.options:
        takes.append(f"{len(each.options)} option{'s' if len(each.options) > 1 else ''}")
    what = f", takes {' and '.join(takes)}" if takes else ""
    return one_line(f"{PREFIX}{each.name}{aliases}{what}")
