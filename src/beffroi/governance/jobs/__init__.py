"""Reconcilers of the governance plane: state in the database, act, state."""

from beffroi.governance.jobs.access import expire_grants as expire_grants
