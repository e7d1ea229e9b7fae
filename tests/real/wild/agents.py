"""Agents: steps, tools and teams, with their answers in one message or several."""

from __future__ import annotations

from tests.real.apps.zoo.llm import answer
from tests.real.wild.app import ALL, G4, G5, NEW, WildApp
from tests.real.wild.expected import told

_NOTE = '<span style="color: #888; font-size: 12px;">Step 1 | 12 tokens in | 34 out</span>'


def _handed_off(*questions: str) -> list[str]:
    history: list[tuple[str, str]] = []
    for question in questions:
        agent = "Sales" if "sky" in question else "Help"
        history.append((question, answer(question, history, agent=agent)))
    return [text for _, text in history]


APPS = (
    WildApp(
        "agent_execute",
        ALL,
        "a button that executes the task that is described",
        told(forgets=True, steps=4),
        pieces=0,
    ),
    WildApp(
        "agent_steps",
        ALL,
        "an agent kept in the session: notes, tools and separators around its answer",
        told(before=f"**Step 1**\n\nI look it up.\n\n{_NOTE}\n\n-----\n\n"),
        thoughts=("🛠️ Used tool interpreter", "📝 Execution Logs"),
    ),
    WildApp(
        "agent_tools",
        ALL,
        "an asynchronous function appends tools, then the answer",
        told("brackets"),
        thoughts=("🛠️ Used tool calendar", "🛠️ Used tool weather"),
    ),
    WildApp(
        "agent_crew",
        ALL,
        "agents in a thread put messages into a queue; a box for a page beside the question",
        told("emoji", forgets=True, site="https://docs.example.org"),
        thoughts=("🤖 Support agent", "🤖 Reviewer"),
    ),
    WildApp(
        "agent_team_pairs",
        (G4, G5),
        "a pair without a user for each agent of a team",
        told("code", before="**Planner**: two steps.\n\n**Coder**: nothing to code.\n\n"),
    ),
    WildApp(
        "agent_mentions",
        ALL,
        "a multimodal box, a mention, the agent, and a box that is enabled again",
        told("cjk", agent="Writer"),
        thoughts=("🔧 Writer thinks",),
    ),
    WildApp(
        "agent_handoff",
        ALL,
        "a state of a class; the agent's name and a label beside the chat",
        _handed_off,
    ),
    WildApp(
        "agent_mcp",
        ALL,
        "a server to connect to; nested tools that are pending and done; two bubbles",
        told(before="Here is what I found:\n\n"),
        thoughts=("🛠️ Using tool: paint", "📥 Raw result"),
    ),
    WildApp(
        "agent_trace",
        ALL,
        "no chat: a Markdown answer and a trace in JSON, labelled in Japanese",
        told(forgets=True, rag=False),
        pieces=0,
    ),
    WildApp(
        "agent_log_beside",
        ALL,
        "a log, a state in HTML and a report are filled at once",
        told("markdown", forgets=True, depth=2),
    ),
    WildApp(
        "agent_thinking",
        NEW,
        "a list of messages from a chat interface: a thought, a nested tool, the answer",
        first_pieces=0,  # It changes the messages that it yields.
        thoughts=("Thinking step by step", "Calling sky"),
    ),
    WildApp("agent_options", NEW, "buttons to choose from in a message, and in the greeting"),
    WildApp(
        "agent_files",
        ALL,
        "a file in a bubble between two texts",
        told(before="I made a file:\n\n"),
    ),
    WildApp(
        "agent_coder",
        ALL,
        "a chat, its code in a tab, and a preview in another",
        told("code", language="python"),
    ),
    WildApp(
        "agent_stop",
        ALL,
        "the send button gives way to one that stops",
        told("emoji"),
    ),
    WildApp("agent_approval", ALL, "a hidden row in which a person approves or says what is wrong"),
    WildApp("agent_console", ALL, "a console for tools", problem="No way to chat"),
    WildApp("agent_shell", ALL, "a shell", problem="something else"),
    WildApp(
        "agent_mailbox",
        (G4, G5),
        "a mailbox to talk to, whose history is in a state",
        pieces=0,
    ),
    WildApp(
        "agent_thoughts_beside",
        ALL,
        "thoughts, calls of tools and the answer in three boxes",
        told(forgets=True, steps=5),
    ),
    WildApp("agent_todo", ALL, "a list of tasks, to which sending the box adds", problem="else"),
    WildApp(
        "agent_components",
        NEW,
        "HTML in a bubble above the answer",
        told(before="Your order\n1 sky\n\n"),
    ),
    WildApp(
        "agent_pairs_files",
        (G4, G5),
        "a file in a pair without a user, between two texts",
        told(before="Here is the table:\n\n"),
    ),
    WildApp("agent_memory", ALL, "facts that an agent keeps", problem="else"),
    WildApp("agent_python", ALL, "a sandbox that runs code", problem="else"),
)
