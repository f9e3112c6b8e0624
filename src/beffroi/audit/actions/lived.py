"""Keep how long the centre has lived, so that a start of the machine forgets none of it. No fact: nobody acts."""

from django.db import transaction

from beffroi.audit import models, queries


@transaction.atomic
def keep_lived() -> None:
    """Write the count down as it stands."""
    now = queries.lived_now()
    models.Lived.objects.update_or_create(
        id=1,
        defaults={
            "us": now.us,
            "boot": now.at.boot,
            "since_boot_us": now.at.since_boot_us,
            "wall_us": now.at.wall_us,
        },
    )
