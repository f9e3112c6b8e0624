"""Papers of requisitions: what comes in is sniffed and stored, what goes out is set, signed and stored."""
