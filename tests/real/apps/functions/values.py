import gradio as gr
import pandas

GREETING = "Good morning, Olivier: tu as l'air bien réveillé.\n"


def chart():
    data = pandas.DataFrame({"day": ["Mon", "Tue"], "sold": [3, 5]})
    return gr.BarPlot(data, x="day", y="sold")


def table(rows):
    return pandas.DataFrame({"a": list(range(int(rows))), "b": ["x"] * int(rows)})


def sizes(table):
    return f"{len(table)} rows, {', '.join(map(str, table.columns))}"


def label():
    return {"cat": 0.75, "dog": 0.25}


def grow(steps):
    found = []
    for step in range(int(steps)):
        found.append({"step": step, "name": f"step {step}"})
        yield found


def rewrite(steps):
    found = {"best": None, "seen": [], "left": {"a": 1, "b": 2}}
    for step in range(int(steps)):
        found["best"] = step
        found["seen"] = [*found["seen"][-2:], step]
        if step == 2:
            del found["left"]["a"]
        yield found


def update():
    return gr.update(value="new", label="Another"), gr.update(visible=False), gr.update(value=3)


def nested():
    return {"list": [1, None, {"deep": [True, "é", 1.5]}], "empty": {}, "null": None}


with gr.Blocks() as demo:
    number = gr.Number(value=3, label="n")
    plot = gr.BarPlot(label="plot")
    data, sizes_out = gr.Dataframe(label="table"), gr.Textbox(label="sizes")
    kinds = gr.Label(label="kinds")
    any_json = gr.JSON(label="json")
    first, second = gr.Textbox(label="first"), gr.Textbox(label="second")
    third = gr.Number(label="third")
    gr.Button("chart").click(chart, None, plot, api_name="chart")
    gr.Button("table").click(table, number, data, api_name="table")
    gr.Button("sizes").click(sizes, data, sizes_out, api_name="sizes")
    gr.Button("label").click(label, None, kinds, api_name="label")
    gr.Button("grow").click(grow, number, any_json, api_name="grow")
    gr.Button("rewrite").click(rewrite, number, any_json, api_name="rewrite")
    gr.Button("update").click(update, None, [first, second, third], api_name="update")
    gr.Button("update at once").click(
        update, None, [first, second, third], queue=False, api_name="update_at_once"
    )
    gr.Button("nested").click(nested, None, any_json, api_name="nested")
    gr.Button("nothing").click(lambda: None, None, None, api_name="nothing")
    gr.Button("nothing at once").click(
        lambda: None, None, None, queue=False, api_name="nothing_at_once"
    )
    gr.Button("none").click(lambda: None, None, first, api_name="none")
    gr.Button("lines").click(
        lambda: "before\x85after\u2028\r\n\n\nend", None, first, api_name="lines"
    )
    gr.Button("two").click(lambda: (GREETING, None), None, [first, second], api_name="two")
    gr.Button("two at once").click(
        lambda: (GREETING, None), None, [first, second], queue=False, api_name="two_at_once"
    )
    gr.Button("echo").click(lambda value: value, first, first, api_name="echo")

if __name__ == "__main__":
    demo.launch()
