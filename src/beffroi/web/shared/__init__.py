"""What every surface stands on: base page, components, routing with permissions, errors, content policy."""
