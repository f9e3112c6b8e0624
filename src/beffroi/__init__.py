"""Beffroi, the open-source centre of urban video protection for communes: it watches, it warns, it keeps."""

__version__ = "0.1.0"
