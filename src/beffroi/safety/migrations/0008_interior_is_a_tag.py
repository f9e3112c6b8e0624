from django.db import migrations


def tag(apps, schema):
    """A camera is inside a building where its tags say so, and nowhere else: what was said here goes there."""
    interior = apps.get_model("safety", "BuildingCamera").objects.filter(interior=True).values_list("camera", flat=True)
    for camera in apps.get_model("sites", "Camera").objects.filter(id__in=list(interior)):
        if not {"erp_interieur", "ppms"} & set(camera.tags):
            camera.tags = sorted([*camera.tags, "ppms"])
            camera.save(update_fields=["tags"])


class Migration(migrations.Migration):
    dependencies = [("safety", "0007_bulletins"), ("sites", "0008_view_accepted_at")]

    operations = [
        migrations.RunPython(tag, migrations.RunPython.noop),
        migrations.RemoveField(model_name="buildingcamera", name="interior"),
    ]
