"""The archive: volumes of fragmented MP4, their chained journals, and the catalogue (docs/design/archive.md)."""
