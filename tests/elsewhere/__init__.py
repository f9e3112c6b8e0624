"""Ways in, looked through from another network: a start of the product of its own."""
