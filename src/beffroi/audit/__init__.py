"""Every act leaves a fact; facts are chained, never edited, and forget persons on time (I11)."""
