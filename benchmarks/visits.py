"""What a resident does on each site: open, give ten marks and a comment, send, see that it was received.

Each visit gives back what proves that this very form was received (a receipt, an interview's number); the caller
checks that none comes twice.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable

from benchmarks.http import Phone

QUESTIONS = 10
COMMENT = "电梯经常坏，报修以后三四天才有人来；保洁比去年好。希望公共收益能公示一次。"
TOKEN = re.compile(rb'name="csrf_token" value="([0-9a-f]{32})"')
MARK = re.compile(rb'<fieldset class="question[^>]*>.*?name="(\w+)" value="', re.DOTALL)
RECEIPT = re.compile(rb"((?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2})")
DJANGO_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
DJANGO_QUESTION = re.compile(rb'name="(question_\d+)"')
DJANGO_CHOICES = ["very-satisfied", "satisfied", "fair", "dissatisfied", "very-dissatisfied"]

Visit = Callable[[Phone, str], Awaitable[str]]


async def rate(phone: Phone, code: str) -> str:
    """Ours, and the bare app that has the same addresses: the letter's code, the form, the receipt."""
    form_path = (await phone.get(f"/h/{code}")).to(303).location
    form = (await phone.get(form_path)).to(200)
    fields = {"csrf_token": form.find(TOKEN)}
    for number, key in enumerate(keys_of(form.body)):
        fields[key] = MARKS[number]
    fields["comment"] = COMMENT
    receipt_path = (await phone.post(form_path, fields)).to(303).location
    return (await phone.get(receipt_path)).to(200).find(RECEIPT)


async def fill_in_survey(phone: Phone, _code: str) -> str:
    """django-survey-and-report: anybody may answer; the confirmation's address holds the interview's number."""
    form = (await phone.get("/1/")).to(200)
    questions = dict.fromkeys(name.decode() for name in DJANGO_QUESTION.findall(form.body))
    fields = {"csrfmiddlewaretoken": form.find(DJANGO_TOKEN)}
    fields |= {key: DJANGO_CHOICES[5 - int(mark)] for key, mark in zip(questions, MARKS, strict=False)}
    fields[list(questions)[QUESTIONS]] = COMMENT
    confirmation = (await phone.post("/1/", fields)).to(302).location
    (await phone.get(confirmation)).to(200)
    return confirmation


MARKS = [random.Random(1).choice("54321") for _ in range(QUESTIONS)]  # noqa: S311  # marks, not secrets
_keys: dict[int, list[str]] = {}


def keys_of(page: bytes) -> list[str]:
    """The names of a form's questions, read once for each length of page: reading costs the load's time."""
    if (kept := _keys.get(len(page))) is None:
        kept = [name.decode() for name in MARK.findall(page)]
        if len(kept) != QUESTIONS:
            raise ValueError(f"{len(kept)} questions in the form instead of {QUESTIONS}")
        _keys[len(page)] = kept
    return kept
