"""The site's addresses and entry point; run as a program it makes the database and the survey."""

import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "survey_settings")

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

django.setup()
urlpatterns = [path("", include("survey.urls"))]
CHOICES = "Very satisfied|Satisfied|Fair|Dissatisfied|Very dissatisfied|Don't know|There is none here"


def make(texts: list[str]) -> None:
    """The database with one survey: these questions, and a comment as the last."""
    from survey.models import Question, Survey

    call_command("migrate", verbosity=0)
    survey = Survey.objects.create(
        name="Property service", description="One rating per household.", need_logged_user=False, editable_answers=False
    )
    for order, text in enumerate(texts):
        Question.objects.create(
            text=text, order=order, required=True, survey=survey, type=Question.RADIO, choices=CHOICES
        )
    Question.objects.create(text="Comment", order=len(texts), required=False, survey=survey, type=Question.TEXT)


if __name__ == "__main__":
    make(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
else:
    application = get_wsgi_application()
