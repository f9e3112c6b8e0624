"""Words every plane shares. Pure: no I/O, no Django; only ``clock`` reads the time."""
