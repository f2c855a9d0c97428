"""How the platform looks, and the mail server it sends recoveries through; one row each."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from whaticket.fields import EncryptedJSONField

FONTS = "Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, sans-serif"


class LoginConfig(models.Model):
    """The sign-in page of the platform, and its mail server."""

    ONLY = 1

    theme = models.CharField(max_length=32, default="default")
    logo_url = models.TextField(blank=True, default="")
    background_image_url = models.TextField(blank=True, default="")
    title = models.CharField(max_length=100, blank=True, default="")
    subtitle = models.CharField(max_length=200, blank=True, default="")
    typing_texts = models.JSONField(blank=True, default=list)
    primary_color = models.CharField(max_length=7, blank=True, default="")
    secondary_color = models.CharField(max_length=7, blank=True, default="")
    enables_typing = models.BooleanField(default=True)
    enables_animations = models.BooleanField(default=True)
    enables_recovery = models.BooleanField(default=True)
    custom_css = models.TextField(blank=True, default="")
    welcome_message = models.CharField(max_length=500, blank=True, default="")
    team_images = models.JSONField(blank=True, default=list)
    mail_host = models.CharField(max_length=255, blank=True, default="")
    mail_port = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    mail_user = models.CharField(max_length=255, blank=True, default="")
    mail_from = models.CharField(max_length=255, blank=True, default="")
    mail_secure = models.BooleanField(default=True)
    # password
    mail_credentials = EncryptedJSONField(blank=True, default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "sign-in page"

    @property
    def has_mail_server(self) -> bool:
        """Tell whether recoveries go through a server named here."""
        return bool(self.mail_host and self.mail_port and self.mail_from)


class WhitelabelConfig(models.Model):
    """Colours, fonts, logos and name of the whole platform."""

    ONLY = 1

    sidebar_bg = models.CharField(max_length=7, default="#1a1d29")
    sidebar_text = models.CharField(max_length=7, default="#e4e6eb")
    sidebar_text_active = models.CharField(max_length=7, default="#ffffff")
    sidebar_active_border = models.CharField(max_length=7, default="#25d366")
    navbar_bg = models.CharField(max_length=7, default="#128c7e")
    navbar_text = models.CharField(max_length=7, default="#ffffff")
    page_bg_light = models.CharField(max_length=7, default="#f8f9fa")
    page_bg_dark = models.CharField(max_length=7, default="#0f1117")
    card_bg_light = models.CharField(max_length=7, default="#ffffff")
    card_bg_dark = models.CharField(max_length=7, default="#1a1d29")
    text_primary_light = models.CharField(max_length=7, default="#1a1a1a")
    text_primary_dark = models.CharField(max_length=7, default="#e4e6eb")
    text_secondary_light = models.CharField(max_length=7, default="#4a5568")
    text_secondary_dark = models.CharField(max_length=7, default="#b0b3b8")
    primary_color = models.CharField(max_length=7, default="#128c7e")
    secondary_color = models.CharField(max_length=7, default="#25d366")
    font_family = models.CharField(max_length=500, default=FONTS)
    font_size_base = models.PositiveSmallIntegerField(default=16)
    font_weight_normal = models.PositiveSmallIntegerField(default=400)
    font_weight_bold = models.PositiveSmallIntegerField(default=600)
    app_logo_light = models.TextField(blank=True, default="")
    app_logo_dark = models.TextField(blank=True, default="")
    app_logo_favicon = models.TextField(blank=True, default="")
    app_name = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "white label"
