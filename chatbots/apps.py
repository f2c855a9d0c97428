from django.apps import AppConfig


class ChatbotsConfig(AppConfig):
    name = "chatbots"

    def ready(self) -> None:
        from chatbots import receivers  # noqa: F401 (registers its reactions)
        from chatbots.services import files, later, steps, turns  # noqa: F401 (register what is due)
        from messaging.services.receive import follows_receipt

        follows_receipt(turns.note_arrivals)
