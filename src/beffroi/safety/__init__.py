"""The bell: safety plans (PPMS), alerts, postures, roll-call, notices, drills, devices."""
