"""The board of lanes: conversations as cards, moved from column to column."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from console.access import is_fragment, whole_number
from console.asked import ids_asked
from console.plan import with_feature
from console.reads import board as reads
from console.views import shell
from contacts.services.tags import KANBAN

with_board = with_feature(KANBAN)


@require_GET
@with_board
def page(request: HttpRequest) -> HttpResponse:
    """Show the board; its columns alone for scripts, as after another filter."""
    view = reads.BoardView.of(request)
    context = {"view": view, "columns": reads.columns_of(view), "me": view.user}
    if is_fragment(request):
        return render(request, "console/parts/board_columns.html", context)
    context |= reads.filters_for(view)
    return shell.page(request, "console/board.html", context, section="board")


@require_GET
@with_board
def column(request: HttpRequest) -> HttpResponse:
    """Show the cards of a column that follow a key."""
    view = reads.BoardView.of(request)
    lane = whole_number(request.GET.get("lane")) or reads.NO_LANE
    cards, following = reads.column_page(view, lane, request.GET.get("after"))
    context = {"cards": cards, "next": following, "lane": lane, "me": view.user}
    return render(request, "console/parts/board_cards.html", context)


@require_GET
@with_board
def cards(request: HttpRequest) -> HttpResponse:
    """Give single cards again, as after events: HTML, or null for what left the board."""
    view = reads.BoardView.of(request)
    ids = ids_asked(request)
    found: dict[str, Any] = {str(pk): None for pk in ids}
    for ticket, lane in reads.cards_of(view, ids):
        context = {"t": ticket, "lane": lane, "me": view.user}
        found[str(ticket.pk)] = {
            "html": render_to_string("console/parts/board_card.html", context, request),
            "at": ticket.updated_at.isoformat(),
            "lane": lane,
        }
    told: dict[str, Any] = {"cards": found}
    # Counting costs more than the cards, and is asked for less often.
    if request.GET.get("counts") == "1":
        told["counts"] = reads.amounts_of(view)
    return JsonResponse(told)
