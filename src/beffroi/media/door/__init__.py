"""The media door: the only way out for pictures (I1). Raw ASGI, no Django (docs/design/tickets.md)."""
