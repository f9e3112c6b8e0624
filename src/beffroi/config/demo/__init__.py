"""The demonstration village of Saint-Aubin-du-Beffroi: invented place, invented people, drawn pictures."""
