"""Users, grants (a role on a scope) and staff sessions."""
