"""The duty: shifts, incidents, logbook, bookmarks, rota and hand-over."""
