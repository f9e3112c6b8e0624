from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0008_view_accepted_at")]

    operations = [
        migrations.AddField(
            model_name="camera",
            name="recording_hours",
            field=models.JSONField(default=list),
        ),
    ]
