"""How the platform looks, and the mail server it sends recoveries through; one row each."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from companies.custom_css import clean_css
from companies.login_themes import THEMES
from whaticket.fields import EncryptedJSONField

FONTS = "Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, sans-serif"

# What goes into style sheets is narrow, whichever form it comes from.
_COLOUR = RegexValidator(r"\A#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z", "A colour such as #0a6e55.")
_FONT_NAMES = RegexValidator(r"\A[\w ,'\"-]+\Z", "Names of fonts and commas.")
_WEB_ADDRESS = RegexValidator(r"\Ahttps?://[^\s<>\"]+\Z", "An address that begins with https://.")


def _colour(default: str) -> "models.CharField[str, str]":
    return models.CharField(max_length=7, default=default, blank=not default, validators=[_COLOUR])


class LoginConfig(models.Model):
    """The sign-in page of the platform, and its mail server."""

    ONLY = 1

    theme = models.CharField(max_length=32, default="default")
    logo_url = models.TextField(blank=True, default="", validators=[_WEB_ADDRESS])
    background_image_url = models.TextField(blank=True, default="", validators=[_WEB_ADDRESS])
    title = models.CharField(max_length=100, blank=True, default="")
    subtitle = models.CharField(max_length=200, blank=True, default="")
    typing_texts = models.JSONField(blank=True, default=list)
    primary_color = _colour("")
    secondary_color = _colour("")
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

    def clean(self) -> None:
        """Refuse an unknown theme and a style sheet that does more than looking."""
        if self.theme not in THEMES:
            raise ValidationError({"theme": "There is no such theme."})
        try:
            self.custom_css = clean_css(self.custom_css)
        except ValueError as error:
            raise ValidationError({"custom_css": str(error)}) from error

    @property
    def has_mail_server(self) -> bool:
        """Tell whether recoveries go through a server named here."""
        return bool(self.mail_host and self.mail_port and self.mail_from)


class WhitelabelConfig(models.Model):
    """Colours, fonts, logos and name of the whole platform."""

    ONLY = 1

    sidebar_bg = _colour("#1a1d29")
    sidebar_text = _colour("#e4e6eb")
    sidebar_text_active = _colour("#ffffff")
    sidebar_active_border = _colour("#25d366")
    navbar_bg = _colour("#128c7e")
    navbar_text = _colour("#ffffff")
    page_bg_light = _colour("#f8f9fa")
    page_bg_dark = _colour("#0f1117")
    card_bg_light = _colour("#ffffff")
    card_bg_dark = _colour("#1a1d29")
    text_primary_light = _colour("#1a1a1a")
    text_primary_dark = _colour("#e4e6eb")
    text_secondary_light = _colour("#4a5568")
    text_secondary_dark = _colour("#b0b3b8")
    primary_color = _colour("#128c7e")
    secondary_color = _colour("#25d366")
    font_family = models.CharField(max_length=500, default=FONTS, validators=[_FONT_NAMES])
    font_size_base = models.PositiveSmallIntegerField(
        default=16, validators=[MinValueValidator(10), MaxValueValidator(32)]
    )
    font_weight_normal = models.PositiveSmallIntegerField(
        default=400, validators=[MinValueValidator(100), MaxValueValidator(900)]
    )
    font_weight_bold = models.PositiveSmallIntegerField(
        default=600, validators=[MinValueValidator(100), MaxValueValidator(900)]
    )
    app_logo_light = models.TextField(blank=True, default="")
    app_logo_dark = models.TextField(blank=True, default="")
    app_logo_favicon = models.TextField(blank=True, default="")
    app_name = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "white label"
