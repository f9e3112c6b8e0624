"""How forms look: one renderer, so that every field has its label, help and error in the same place."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Plain Django forms drawn by our templates: ``{{ form }}`` and ``{{ form.name.as_field_group }}``."""

    form_template_name = "shared/forms/form.html"
    field_template_name = "shared/components/field.html"
