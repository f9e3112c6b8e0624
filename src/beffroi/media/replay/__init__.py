"""Recorded pictures: playlists, segments and stills over the archive."""
