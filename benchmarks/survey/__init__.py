"""django-survey-and-report as a site of its own; what is here runs in that site's environment."""
