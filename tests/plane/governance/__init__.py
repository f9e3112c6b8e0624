"""Gates, grants, cases, conventions on a real database."""
