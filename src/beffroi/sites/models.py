"""Tables of communes, sites, cameras and the orders over them.

Camera addresses and passwords are stored sealed (AES-256-GCM, ``media.core.settings``): no column here opens a camera.
Lists that are always read whole (tags, purposes, polygons) are JSON.
"""

from django.db import models
from django.db.models import F, Q


class Commune(models.Model):
    """A commune whose cameras this centre runs, or whose consent it holds."""

    insee = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=120)
    department = models.CharField(max_length=3)
    latitude = models.FloatField()
    longitude = models.FloatField()
    boundary = models.JSONField(default=list)  # [[latitude, longitude], …]; empty: not drawn
    plan = models.JSONField(default=dict)  # GeoJSON FeatureCollection of the map's drawing


class Site(models.Model):
    """A named place with cameras: a square, a school, a building."""

    class Kind(models.TextChoices):
        PUBLIC_ROAD = "public_road"
        SCHOOL = "school"
        BUILDING = "building"

    id = models.CharField(max_length=36, primary_key=True)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["commune", "name"], name="site_name_once_a_commune"),)


class Equipment(models.Model):
    """What cameras hang on: a cabinet, a radio bridge, a switch, a battery."""

    id = models.CharField(max_length=36, primary_key=True)
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")


class Acknowledgement(models.Model):
    """Somebody has taken an alarm up. It counts for an alarm that began before it."""

    key = models.CharField(max_length=60)  # equipment:<id> or camera:<id>
    person = models.CharField(max_length=36)
    person_name = models.CharField(max_length=120)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_index=True)


class Camera(models.Model):
    """One camera as it stands now; where it stood before is in ``CameraPlacement``."""

    id = models.CharField(max_length=36, primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=120)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="cameras")
    latitude = models.FloatField()
    longitude = models.FloatField()
    bearing_degrees = models.FloatField()
    view_angle_degrees = models.FloatField()
    view_range_m = models.FloatField()
    public_road = models.BooleanField()
    purposes = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    retention_days = models.PositiveSmallIntegerField()
    sub_retention_days = models.PositiveSmallIntegerField(null=True)  # empty: as long as the main stream
    quota_gb = models.PositiveIntegerField(null=True)  # empty: as the installation says
    recording_hours = models.JSONField(default=list)  # [[day, since, until], …] in minutes; of one inside a building
    main_url_sealed = models.TextField(blank=True)
    sub_url_sealed = models.TextField(blank=True)
    username_sealed = models.TextField(blank=True)
    password_sealed = models.TextField(blank=True)
    device_url_sealed = models.TextField(blank=True)  # ONVIF; empty: the camera is a stream and nothing more
    device_profile = models.CharField(max_length=64, blank=True)
    device_said = models.JSONField(default=dict)  # maker, model, firmware, serial, clock_offset_ms, at_us
    device_tried_at = models.DateTimeField(null=True)  # when it was last asked, whether it answered or not
    moves = models.BooleanField(default=False)  # it can be steered (PTZ)
    hangs_on = models.ForeignKey(Equipment, null=True, on_delete=models.PROTECT, related_name="cameras")
    synthetic = models.BooleanField(default=False)  # replays footage: every run says so
    masks_on_camera = models.BooleanField(default=False)  # the camera burns the dwelling mask itself
    watch_picture = models.BooleanField(default=True)  # the recorder looks whether it is frozen, black or covered
    view_accepted_at = models.DateTimeField(null=True)  # when somebody last said that it looks where it should
    commissioned_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    suspended_reason = models.CharField(max_length=200, blank=True)  # non-empty: not recorded, and why

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(view_angle_degrees__gt=0, view_angle_degrees__lte=360), name="camera_angle"
            ),
            models.CheckConstraint(condition=Q(retention_days__gte=1, retention_days__lte=31), name="camera_retention"),
            models.CheckConstraint(
                condition=Q(sub_retention_days__isnull=True)
                | Q(sub_retention_days__gte=1, sub_retention_days__lte=F("retention_days")),
                name="camera_sub_retention",
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True)
                | Q(commissioned_at__isnull=True)
                | Q(retired_at__gte=F("commissioned_at")),
                name="camera_retired_after_commissioned",
            ),
        )


class CameraNetwork(models.Model):
    """A network in which cameras may be; the recorder calls no address outside those declared."""

    network = models.CharField(max_length=43, primary_key=True)  # CIDR
    reason = models.CharField(max_length=200)
    declared_by = models.CharField(max_length=36)
    declared_at = models.DateTimeField()


class CameraTrial(models.Model):
    """What was typed of a camera that is being tried, sealed under the trial's own id; gone when used, or in a day."""

    id = models.CharField(max_length=36, primary_key=True)
    camera = models.CharField(max_length=36, blank=True)  # whose device is to be replaced; empty: a new camera
    author = models.CharField(max_length=36)
    main_url_sealed = models.TextField()
    sub_url_sealed = models.TextField(blank=True)
    username_sealed = models.TextField(blank=True)
    password_sealed = models.TextField(blank=True)
    began_at = models.DateTimeField()


class CameraPlacement(models.Model):
    """Where a camera stood and looked, from when to when: a requisition asks about the past."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="placements")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    bearing_degrees = models.FloatField()
    view_angle_degrees = models.FloatField()
    view_range_m = models.FloatField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["camera"], condition=Q(until__isnull=True), name="camera_stands_in_one_place"
            ),
        )


class Authorisation(models.Model):
    """The prefect's order that authorises the system (CSI L252-1)."""

    id = models.CharField(max_length=36, primary_key=True)
    reference = models.CharField(max_length=80, unique=True)
    department = models.CharField(max_length=3)
    purposes = models.JSONField(default=list)
    retention_min_days = models.PositiveSmallIntegerField(default=0)
    retention_max_days = models.PositiveSmallIntegerField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    cameras = models.ManyToManyField(Camera, related_name="authorisations")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="authorisation_has_a_term"),
            models.CheckConstraint(
                condition=Q(retention_max_days__lte=31) & Q(retention_min_days__lte=F("retention_max_days")),
                name="authorisation_retention",
            ),
        )


class DwellingMask(models.Model):
    """A version of a camera's dwelling mask (R-05). No polygon means: looked at, no dwelling in view."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="masks")
    version = models.PositiveIntegerField()
    polygons = models.JSONField(default=list)  # [[[x, y], …], …] in thousandths of the picture's width and height
    author = models.CharField(max_length=36)
    drawn_at = models.DateTimeField()
    reviewer = models.CharField(max_length=36, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    burnt = models.CharField(max_length=12, blank=True)  # what the camera says of it (media.core.masking.Burnt)
    burnt_why = models.CharField(max_length=40, blank=True)
    burnt_since = models.DateTimeField(null=True)
    read_back_at = models.DateTimeField(null=True)  # when the camera last answered

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["camera", "version"], name="mask_version_once_a_camera"),
            models.CheckConstraint(condition=Q(reviewer="") | ~Q(reviewer=F("author")), name="mask_second_person"),
        )


class SettingsPush(models.Model):
    """What the recorder last took in, so that settings travel only when they changed."""

    recorder = models.CharField(max_length=40, primary_key=True)
    version = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)  # of everything but version and time
    pushed_at = models.DateTimeField()
