from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        from contacts.services import follows_lanes, leaves_with_contacts, moves_with_contacts
        from tickets import planning, receivers  # noqa: F401 (register their reactions)
        from tickets.membership import answer_accounts
        from tickets.services.delete import tell_tickets_gone
        from tickets.services.lanes import plan_lane
        from tickets.services.merge import APP, move_tickets, move_tickets_back

        answer_accounts()
        moves_with_contacts(APP, move=move_tickets, back=move_tickets_back)
        leaves_with_contacts(tell_tickets_gone)
        follows_lanes(plan_lane)
