"""The application without what stands outermost, and its pages cached as they were drawn: for controls."""

from __future__ import annotations

from contextlib import nullcontext

from rating.evaluations import page_cache
from rating.web.outermost import Outermost
from wsgi import app

assert isinstance(app.wsgi_app, Outermost)
app.wsgi_app = app.wsgi_app.plain  # type: ignore[method-assign]  # Flask's own way
page_cache._clean_request = lambda _look: nullcontext()  # type: ignore[assignment,return-value]  # the fault
