"""Headers of every answer that a view gives, and the way to TLS where the site has it.

What no browser may do with a page: load anything from elsewhere, be shown in another site's frame, tell other sites
where its reader comes from. `rating.web.outermost` adds what answers have that no view gives.
"""

from __future__ import annotations

from flask import Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "browsing-topics=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def go_to_tls() -> AnyResponse | None:
    """The same address over TLS, for a request that came without it to a site that has it."""
    if current_app.config["HTTPS"] and not request.is_secure:
        return redirect(request.url.replace("http://", "https://", 1), 302)
    return None


def set_headers(response: Response) -> Response:
    """The headers that an answer doesn't have yet."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
