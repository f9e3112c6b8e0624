"""The counter's access pages and the office's convention pages."""
