"""Who may see what, why, until when: law packs, orders, conventions, cases, requisitions, gates, evidence."""
