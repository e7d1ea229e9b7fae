# First steps with spacechat in marimo. It needs no network: a local Space answers.
#
# In the folder of the project:
#
#     python -m pip install ".[local]" marimo
#     marimo edit docs/marimo_first_steps.py

import marimo

__generated_with = "0.25.2"
app = marimo.App()


@app.cell
def _():
    import marimo as mo

    import spacechat
    from spacechat.local import LocalSpace

    space = LocalSpace("qwen-2.5", delay=0.02)
    space.start()
    return mo, space, spacechat


@app.cell
def _(mo):
    question = mo.ui.text("Why is the sky blue?", label="Question", full_width=True)
    question
    return (question,)


@app.cell
def _(question, space, spacechat):
    # The output of the cell grows while the Space writes. A new question runs the cell again.
    reply = spacechat.display(spacechat.stream(question.value, model=space.url))
    return (reply,)


@app.cell
def _(mo, reply):
    # A reply is shown as Markdown, wherever it stands.
    mo.accordion({f"The same after {reply.timings.total:.1f} seconds": reply})
    return


@app.cell
async def _(space, spacechat):
    # The asynchronous client, with `await` right in the cell.
    async with spacechat.AsyncClient(model=space.url) as client:
        await spacechat.display(client.stream("And why is it red in the evening?"))
    return


@app.cell
def _(space, spacechat):
    # All that the app offers, as a table.
    spacechat.Client().app(space.url).view()
    return


if __name__ == "__main__":
    app.run()
