"""Papers of the bell: the after-action review of an alert or a drill."""
