"""The brand, for templates."""

from typing import Any

from django import template

from console.branding import Look, look_for

register = template.Library()


@register.simple_tag(takes_context=True)
def brand(context: dict[str, Any]) -> Look:
    """Give the look of the page's company or host."""
    return look_for(context["request"])
