"""The product's settings plus the yardstick's routes."""

from whaticket.settings import *  # noqa: F403

ROOT_URLCONF = "bench.naive"
