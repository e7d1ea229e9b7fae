"""Questions about documents, pages of the web and databases, with their sources."""

from __future__ import annotations

from tests.real.wild.app import ALL, G4, G5, WildApp
from tests.real.wild.expected import told


def _without_empty_lines(*questions: str) -> list[str]:
    answers = told("emoji", forgets=True, language="English")(*questions)
    return [text.replace("\n\n", "\n") for text in answers]


APPS = (
    WildApp(
        "rag_upload_first",
        (G4, G5),
        "a page's picture beside the chat, filled after the answer",
        told("cjk"),
    ),
    WildApp(
        "rag_sources", ALL, "an answer and its sources beside it", told(forgets=True), pieces=0
    ),
    WildApp(
        "rag_searching",
        ALL,
        "a placeholder in each output, filled by a function that runs before the answer's",
        told(forgets=True),
    ),
    WildApp(
        "rag_sources_first",
        ALL,
        "search of the web: links and a table before the answer",
        told("brackets", forgets=True, count=2),
    ),
    WildApp(
        "rag_interface",
        ALL,
        "an interface with a file and a question",
        told(forgets=True, file="none"),
        pieces=0,
    ),
    WildApp(
        "rag_documents",
        ALL,
        "documents to index and to delete beside the chat; sources as cards",
        told(top=3),
    ),
    WildApp(
        "rag_sql",
        ALL,
        "the query, its rows and the explanation in three outputs",
        told(forgets=True),
        pieces=0,
    ),
    WildApp(
        "rag_sql_table",
        ALL,
        "the answer is code, beside a table",
        told("code", forgets=True),
        pieces=0,
    ),
    WildApp(
        "rag_chain",
        ALL,
        "retrieve, generate and show the context, one after another",
        told(page=3),
    ),
    WildApp(
        "rag_conversations",
        ALL,
        "a list of conversations to choose, rename and delete, in one state",
        told(chat="Chat 1"),
    ),
    WildApp("rag_tabs", ALL, "the chat is in the second of four tabs"),
    WildApp(
        "rag_html",
        ALL,
        "the answer is a bubble in HTML",
        _without_empty_lines,
        pieces=0,
    ),
    WildApp(
        "rag_json",
        ALL,
        "the raw answer in JSON before the text, and a label",
        told(forgets=True, k=3),
        pieces=0,
    ),
    WildApp("rag_plot", ALL, "a chart and a table beside the chat"),
    WildApp(
        "rag_no_queue",
        ALL,
        "functions that don't queue; a choice of collections",
        told("brackets", collection="Handbook"),
        pieces=0,
    ),
    WildApp("rag_cites_files", ALL, "files that the answer cites, in an output of their own"),
    WildApp("rag_label", ALL, "texts to label", problem="something else"),
    WildApp("rag_ingest", ALL, "a form that fills an index", problem="something else"),
    WildApp(
        "rag_video",
        ALL,
        "a summary of a video above, questions about it below",
        told(forgets=True, link="none"),
        pieces=0,
    ),
    WildApp(
        "rag_context",
        ALL,
        "a text that is filled in, and a question about it",
        told(forgets=True, context=16),
        pieces=0,
    ),
    WildApp(
        "rag_sources_message",
        ALL,
        "the sources are a thought after the answer",
        told("brackets"),
        thoughts=("📚 Sources (2)",),
    ),
    WildApp("rag_sql_console", ALL, "a console for SQL", problem="else"),
)
