"""Live pictures: one tap a stream, cut into one-frame fragments, fanned out to bounded queues."""
