"""One file a command or group; ``config.cli`` finds them."""
