from django.apps import AppConfig


class WhatsappConfig(AppConfig):
    name = "whatsapp"

    def ready(self) -> None:
        from contacts import ports
        from whatsapp import receivers  # noqa: F401 (registers its reactions)
        from whatsapp.services.numbers import answer_contacts
        from whatsapp.services.people import answer_address_book, block_everywhere

        ports.check_number.register(answer_contacts)
        ports.address_book.register(answer_address_book)
        ports.block_on_network.register(block_everywhere)
