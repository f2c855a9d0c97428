from django.apps import AppConfig


class WhatsappConfig(AppConfig):
    name = "whatsapp"

    def ready(self) -> None:
        from contacts.ports import (
            register_address_book,
            register_blocker,
            register_number_check,
        )
        from whatsapp import receivers  # noqa: F401 (registers its reactions)
        from whatsapp.services.numbers import answer_contacts
        from whatsapp.services.people import answer_address_book, block_everywhere

        register_number_check(answer_contacts)
        register_address_book(answer_address_book)
        register_blocker(block_everywhere)
