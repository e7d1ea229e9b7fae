import gradio as gr


def who_asks(text, request: gr.Request):
    return {
        "text": text,
        "header": request.headers.get("x-from"),
        "cookies": dict(request.cookies),
        "query": dict(request.query_params),
        "user": request.username,
        "session": getattr(request, "session_hash", None),
    }


def streamed(request: gr.Request):
    for number in range(3):
        yield f"{request.headers.get('x-from')} {number}"


with gr.Blocks() as demo:
    text, told = gr.Textbox(label="text"), gr.JSON(label="told")
    line = gr.Textbox(label="line")
    gr.Button("ask").click(who_asks, text, told, api_name="who")
    gr.Button("at once").click(who_asks, text, told, queue=False, api_name="who_at_once")
    gr.Button("stream").click(streamed, None, line, api_name="streamed")

if __name__ == "__main__":
    demo.launch()
