"""The year's figures on paper."""
