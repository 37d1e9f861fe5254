"""The WSGI entry point: gunicorn wsgi:app."""

from rating.app import create_app

app = create_app()
