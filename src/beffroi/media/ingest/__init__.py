"""From cameras to segment files and to whoever watches: one supervisor per camera (docs/design/archive.md)."""
