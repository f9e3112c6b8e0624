"""Where parts are put together."""
