"""Cameras as devices, by ONVIF: find them, ask their streams and clock, move them, hear their events, mask them.

A small client of our own (docs/design/onvif.md says why): every answer is hostile, bounded, read without entities, and
only the camera's own checked address is called, whatever addresses it gives for its services.
"""
