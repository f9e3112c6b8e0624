"""Tables of figures that were declared by others. Computed figures have no table: they are computed."""

from django.db import models


class DeclaredSeries(models.Model):
    """One source's figures, as they were imported."""

    name = models.SlugField(max_length=60, primary_key=True)
    text = models.TextField()  # the file as it came: the points below are its reading
    digest = models.CharField(max_length=64)  # SHA-256 of the text
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=36)

    class Meta:
        ordering = ("name",)
        constraints = (models.CheckConstraint(condition=~models.Q(text=""), name="declared_series_has_a_text"),)

    def __str__(self) -> str:
        return self.name
