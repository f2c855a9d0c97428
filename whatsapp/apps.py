from django.apps import AppConfig


class WhatsappConfig(AppConfig):
    name = "whatsapp"

    def ready(self) -> None:
        from contacts.ports import register_number_check
        from whatsapp import receivers  # noqa: F401 (registers its reactions)
        from whatsapp.services.numbers import answer_contacts

        register_number_check(answer_contacts)
