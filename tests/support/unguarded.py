"""The application without what stands outermost, and its pages kept as they were drawn: for controls."""

from __future__ import annotations

from contextlib import nullcontext

from rating.evaluations import kept_pages
from rating.web.outermost import Outermost
from wsgi import app

assert isinstance(app.wsgi_app, Outermost)
app.wsgi_app = app.wsgi_app.plain  # type: ignore[method-assign]  # Flask's own way
kept_pages._clean_request = lambda _look: nullcontext()  # type: ignore[assignment,return-value]  # the fault
