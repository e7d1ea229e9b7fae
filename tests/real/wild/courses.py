"""Apps of courses and of those who take them."""

from __future__ import annotations

from tests.real.wild.app import ALL, NEW, WildApp
from tests.real.wild.expected import told

APPS = (
    WildApp(
        "course_report",
        ALL,
        "a report that an asynchronous function writes",
        told("markdown", forgets=True),
    ),
    WildApp("course_flights", ALL, "a picture and a voice beside the chat", pieces=0),
    WildApp(
        "course_voice",
        ALL,
        "a question that may be spoken, and a spoken answer",
        told(forgets=True, speak=True),
        pieces=0,
    ),
    WildApp(
        "course_sidekick",
        ALL,
        "an agent made when the page loads; a box for criteria sends, too; two bubbles",
        told(after="\n\nEvaluator: this answers the question.", criteria="none", ready=True),
        pieces=0,
    ),
    WildApp(
        "course_first_prompt",
        ALL,
        "an interface with a choice of models, whose answer streams",
        told("code", forgets=True, model="large"),
    ),
    WildApp(
        "course_persona",
        NEW,
        "a persona chosen outside of the chat interface",
        told(persona="Pirate", warmth=0.5, loud=False),
    ),
    WildApp("course_two_languages", ALL, "a second chat with the translation", pieces=0),
    WildApp(
        "course_compare",
        ALL,
        "two models side by side, in text boxes",
        told("cjk", forgets=True, temperature=1),
        send="button:text-is('Compare')",
        bubble="label:has(:text-is('Model A')) textarea",
    ),
    WildApp("course_names", ALL, "a box for a name and one for the message", told(name="Ada")),
    WildApp(
        "course_feedback",
        NEW,
        "likes, another try, undo, and a box for feedback",
        told("repeats"),
    ),
    WildApp("course_suggestions", ALL, "buttons with questions, which go when the chat begins"),
    WildApp("course_quiz", ALL, "a quiz in another tab", told(chapter="All")),
    WildApp("course_runner", NEW, "an evaluation below the chat"),
    WildApp(
        "course_tutor",
        ALL,
        "an interface with several boxes, the message in the last",
        told("markdown", forgets=True, age=20, level="Beginner"),
        pieces=0,
    ),
    WildApp(
        "course_messages_box",
        ALL,
        "a system text in a closed part of the page",
        told("emoji", system="Be kind.", tokens=1024),
    ),
    WildApp("course_mail", ALL, "a form that sends mail", problem="something else"),
    WildApp("course_contact", ALL, "a form to get in touch", problem="something else"),
    WildApp("course_train", ALL, "a form that trains a model", problem="something else"),
    WildApp("course_grader", ALL, "a form to hand work in", problem="something else"),
    WildApp(
        "course_interview",
        ALL,
        "an interview, in which a person types answers",
        told(role="baker"),
    ),
    WildApp(
        "course_symptoms",
        ALL,
        "a form with a name, of which one box says what is wrong",
        told("markdown", forgets=True, age=30, sex="other"),
        pieces=0,
        send="button:text-is('Get Advice')",
    ),
    WildApp(
        "course_progress",
        ALL,
        "short states until the answer is there",
        told("markdown", forgets=True),
        pieces=0,
    ),
    WildApp("course_guestbook", ALL, "a wall for messages", problem="else"),
)
