"""Lists of tickets."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from billing.permissions import plan_has
from companies.models import CompanySettings
from tickets import wire
from tickets.api import shapes
from tickets.selection import SEARCH, STATUSES, Search, Wish
from tickets.services import sight_of
from tickets.wire.kanban import BoardWish
from whaticket.api import RawJSON
from whaticket.days import day_param, end_of, midnight
from whaticket.exceptions import Invalid
from whaticket.openapi import query
from whaticket.params import flag_param, ids_param, page_param, text_param, words_param


def status_param(request: Request) -> str | None:
    """Give the list's status, None where it is absent; raise Invalid for a word that is none."""
    status = request.query_params.get("status", "").strip()
    if not status or status == "undefined":
        return None
    if status not in (*STATUSES, SEARCH):
        raise Invalid(details={"status": ["There is no such list."]})
    return status


def wish_of(request: PersonRequest) -> Wish:
    """Read which list a client wants."""
    only_unread = flag_param(request, "withUnreadMessages")
    return Wish(
        status=status_param(request),
        queue_ids=ids_param(request, "queueIds"),
        show_all=flag_param(request, "showAll"),
        only_unread=only_unread,
        waiting_is_news=only_unread
        and CompanySettings.objects.filter(
            company_id=request.user.company_id, notifies_pending=True
        ).exists(),
    )


def search_of(request: Request) -> Search:
    """Read what a client searches for."""
    return Search(
        text=text_param(request, "searchParam").strip(),
        in_messages=flag_param(request, "searchOnMessages"),
        tag_ids=ids_param(request, "tags") or (),
        agent_ids=ids_param(request, "users") or (),
        connection_ids=ids_param(request, "whatsapps") or (),
        statuses=words_param(request, "statusFilter", STATUSES),
    )


class TicketList(APIView):
    @extend_schema(
        parameters=query(
            "status",
            "queueIds",
            "showAll",
            "withUnreadMessages",
            "searchParam",
            "searchOnMessages",
            "tags",
            "users",
            "whatsapps",
            "statusFilter",
            "sortTickets",
            "pageNumber",
            "cursor",
        ),
        responses={200: shapes.TICKETS},
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """A page of tickets, 40 at a time; statements: the person's queues, and the list."""
        wish = wish_of(request)
        page = wire.Page(
            number=page_param(request),
            cursor=request.query_params.get("cursor"),
            oldest_first=request.query_params.get("sortTickets", "").upper() == "ASC",
        )
        search = search_of(request) if wish.searches else None
        return RawJSON(wire.ticket_list(sight_of(request.user), wish, page, search))


class Board(APIView):
    """The kanban board, for companies whose plan has one."""

    permission_classes = [IsAuthenticated, plan_has("useKanban")]

    @extend_schema(
        parameters=query(
            "dateStart",
            "dateEnd",
            "updatedAt",
            "searchParam",
            "showAll",
            "queueIds",
            "tags",
            "users",
            "withUnreadMessages",
            "pageNumber",
        ),
        responses={200: shapes.BOARD},
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """The open and waiting tickets of the kanban board, 400 at a time."""
        start, end = day_param(request, "dateStart"), day_param(request, "dateEnd")
        wish = BoardWish(
            number=page_param(request),
            text=text_param(request, "searchParam").strip(),
            show_all=flag_param(request, "showAll"),
            queue_ids=ids_param(request, "queueIds"),
            tag_ids=ids_param(request, "tags") or (),
            agent_ids=ids_param(request, "users") or (),
            only_unread=flag_param(request, "withUnreadMessages"),
            updated_on=day_param(request, "updatedAt"),
            created_from=midnight(start) if start else None,
            created_until=end_of(end) if end else None,
        )
        return RawJSON(wire.board(sight_of(request.user), wish))
