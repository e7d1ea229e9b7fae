"""`spacechat log`: shows the conversations that are kept, and deletes them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ...sanitize import harmless, json_line, one_line
from ..option_declaration import option
from ..terminal.output import columns, fitted, say, shortened
from .options import complete_id

if TYPE_CHECKING:
    from .log_folder import Entry, Kept, LogFolder


@click.command(short_help="List kept conversations, or show one.")
@click.argument("id_", metavar="[ID]", required=False, shell_complete=complete_id)
@option("--json", "as_json", is_flag=True, help="Print it as JSON, a conversation a line.")
@option(
    "--delete",
    metavar="ID",
    multiple=True,
    shell_complete=complete_id,
    help="Delete a conversation; again for more.",
)
def log(id_: str | None, *, as_json: bool, delete: tuple[str, ...]) -> None:
    """List the conversations that are kept, or show the one with an ID.

    The last one comes first. The beginning of an ID is enough. To go on with the last one, add -c
    to a question or to `spacechat chat`; to go on with another one, --conversation ID.

    \b
    Examples:
      spacechat log
      spacechat log 3f9c
      spacechat chat --conversation 3f9c
      spacechat log --delete 3f9c
    """
    from .log_folder import log_folder

    folder = log_folder()
    if delete:
        if id_ is not None:
            raise click.UsageError("ID and --delete: choose one.")
        _delete(folder, delete)
    elif id_ is not None:
        _show(folder, folder.find(id_), as_json=as_json)
    else:
        _list(folder, as_json=as_json)


def _list(folder: LogFolder, *, as_json: bool) -> None:
    """List what is kept; name what is damaged, or can't be read."""
    unread: list[str] = []
    entries = folder.entries()
    for entry in entries:
        try:
            kept = folder.read(entry.id)
        except FileNotFoundError:  # Another command has removed it.
            continue
        except OSError as exc:
            unread.append(f"spacechat: {folder.file(entry.id)} can't be read: {exc.strerror}.")
            continue
        except ValueError as exc:
            unread.append(f"spacechat: {folder.file(entry.id)} is damaged: {exc}.")
            continue
        click.echo(_json(entry.id, kept) if as_json else _line(entry, kept))
    for line in unread:
        say(one_line(line))
    if not as_json:
        _explain(folder, are_some=bool(entries))


def _explain(folder: LogFolder, *, are_some: bool) -> None:
    """Say where conversations are kept, and how one goes on."""
    if not are_some:
        say(f"No conversation is kept in {one_line(str(folder.path))}.")
        return
    if sys.stdout.isatty():
        say("\n-c goes on with the first one, --conversation ID with another one.")
    say(f"They are in {one_line(str(folder.path))}.")


def _line(entry: Entry, kept: Kept) -> str:
    beginning = f"{entry.id}  {entry.when}  "
    left = columns(sys.stdout) - 1 - len(beginning)
    return beginning + shortened(kept.first_question, left)


def _json(id_: str, kept: Kept) -> str:
    return json_line(
        {"id": id_, "model": kept.model, "url": kept.url, "messages": list(kept.messages)}
    )


def _show(folder: LogFolder, id_: str, *, as_json: bool) -> None:
    """Show a conversation, each message below its role."""
    kept = folder.load(id_)
    if as_json:
        click.echo(_json(id_, kept))
        return
    texts = [f"{each['role']}:\n{each['content'].strip()}\n" for each in kept.messages]
    click.echo(fitted(harmless("\n".join(texts)), sys.stdout), nl=False)
    if sys.stdout.isatty():
        say()
    if name := kept.model or kept.url:
        say(one_line(f"It was held with {name}."))


def _delete(folder: LogFolder, ids: tuple[str, ...]) -> None:
    """Delete conversations, all or none of them if an id is wrong."""
    found = [folder.find(each) for each in ids]
    with folder.locked():
        for each in found:
            folder.remove(each)
            say(f"Deleted: {each}")
