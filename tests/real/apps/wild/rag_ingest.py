import gradio as gr


def crawl(site, depth):
    return f"Crawled {site} to depth {depth}."


with gr.Blocks() as demo:
    gr.Markdown("# Fill the knowledge base")
    site = gr.Textbox(label="Site", placeholder="https://…")
    depth = gr.Slider(1, 5, 1, step=1, label="Depth")
    go = gr.Button("Add to index")
    done = gr.Textbox(label="Result")
    go.click(crawl, [site, depth], done)

if __name__ == "__main__":
    demo.launch()
