from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0007_mask_read_back")]

    operations = [
        migrations.AddField(
            model_name="camera",
            name="view_accepted_at",
            field=models.DateTimeField(null=True),
        ),
    ]
