"""Communes, sites, cameras, fields of view, masks, and the authorisations they stand on."""
