"""A backup in one file, made while everything runs; what it holds is named and digested, the keys are sealed."""
