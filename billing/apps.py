from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from accounts import ports
        from billing import receivers  # noqa: F401 (registers its reactions)
        from billing.services.plans import seat_limit

        ports.seat_limit.register(seat_limit)
