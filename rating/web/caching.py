"""What of the public site browsers and caches may cache."""

from __future__ import annotations

from flask import Response, request, session

from rating.web.request import current_actor

KEPT_SECONDS = 60


def let_caches_keep(response: Response) -> Response:
    """Mark a public page as the same bytes for everybody who has not signed in, with an ETag to revalidate it.

    A page that a signed-in person sees, one that sets a cookie (?lang=, ?text=, a form's token) and the answer to a
    POST are for that browser alone.
    """
    if request.method not in {"GET", "HEAD"} or response.status_code != 200:
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    chosen = "lang" in request.args or "text" in request.args
    if chosen or session.modified or "csrf_token" in session or current_actor().user_id is not None:
        response.headers["Cache-Control"] = "private, no-cache"
        return response
    response.headers.setdefault("Cache-Control", f"public, max-age={KEPT_SECONDS}")
    response.vary.add("Cookie")
    if response.is_streamed:  # it is streamed, so its bytes are never here all at once
        return response
    response.add_etag()
    response.make_conditional(request)
    return response
