"""Pure parts of the watch: no I/O, no clock, no sockets."""
