"""The site with its limits of size taken out and access judged after the form is read, as a negative control."""

from rating.app import create_app
from rating.server import sizes
from rating.web.access import check_access

app = create_app({"MAX_CONTENT_LENGTH": None, "MAX_FORM_MEMORY_SIZE": None})
judges = app.before_request_funcs[None]
for late in (sizes.limit_body, sizes.count_fields, check_access):
    judges.remove(late)
judges.append(check_access)
