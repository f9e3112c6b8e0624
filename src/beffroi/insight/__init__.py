"""Figures, trends and reports: every figure opens to its definition, its denominator and the list behind it."""
