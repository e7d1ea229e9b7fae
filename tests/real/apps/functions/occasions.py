import gradio as gr


def any_event(text, event: gr.EventData):
    return f"{text}: {event._data}"


def selected(event: gr.SelectData):
    return f"number {event.index}"


with gr.Blocks() as demo:
    text, told = gr.Textbox(label="text"), gr.Textbox(label="told")
    table = gr.Dataframe(label="table")
    gr.Button("any").click(any_event, text, told, api_name="any")
    table.select(selected, None, told, api_name="selected")
    table.select(selected, None, told, queue=False, api_name="selected_at_once")

if __name__ == "__main__":
    demo.launch()
