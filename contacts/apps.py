from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts import receivers  # noqa: F401 (registers its reactions)
        from contacts.services import imports  # noqa: F401 (takes its turns when they are due)
