"""Extraction: whole fragments from key frame to key frame, unchanged, with their digests."""
