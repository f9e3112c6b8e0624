"""HTTPS without the Internet: the commune's own authority, its server certificate, and what the front serves."""
