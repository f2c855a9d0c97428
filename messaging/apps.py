from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from contacts.services.merge import moves_with_contacts
        from messaging import receivers  # noqa: F401 (registers its reactions)
        from messaging.media import sign_marks
        from messaging.services.files import require_file_list
        from messaging.services.merge import APP, move_messages, move_messages_back
        from tickets import ports
        from whaticket.marks import addresses_of

        addresses_of.register(sign_marks)
        ports.require_file_list.register(require_file_list)
        # After the tickets' mover (apps are made ready in order): its journal says what was folded.
        moves_with_contacts(APP, move=move_messages, back=move_messages_back)
