"""Every address of the product: the wire at the contract's paths, pages under /app/ and /admin/."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
]
