"""What a person has to do: their own list, which nobody else sees."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import User
from messaging.exceptions import TodoNotFound, TooManyTodos
from messaging.models import Todo

LIMIT = 500


@transaction.atomic
def add_todo(*, by: User, **fields: Any) -> Todo:
    """Add a line, last unless it says where; raise TooManyTodos."""
    with connection.cursor() as cursor:
        # Two tabs at once: neither passes the limit, and both get places of their own.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, by.pk % 2**31])
    own = Todo.objects.of_person(by)
    if own.count() >= LIMIT:
        raise TooManyTodos(limit=LIMIT)
    if fields.get("position") is None:
        last = own.aggregate(last=Max("position"))["last"]
        fields["position"] = 0 if last is None else min(last + 1, _LAST_PLACE)
    return Todo.objects.create(owner=by, **fields)


# Apart from other advisory locks of the database.
_LOCK = 0x70D0
_LAST_PLACE = 2**31 - 1


@transaction.atomic
def change_todo(todo_id: int, *, by: User, **fields: Any) -> Todo:
    """Change a line of one's own; raise TodoNotFound."""
    todo = Todo.objects.of_person(by).select_for_update().filter(pk=todo_id).first()
    if todo is None:
        raise TodoNotFound
    for name, value in fields.items():
        setattr(todo, name, value)
    todo.save()
    return todo


def remove_todo(todo_id: int, *, by: User) -> None:
    """Remove a line of one's own; raise TodoNotFound."""
    gone, _ = Todo.objects.of_person(by).filter(pk=todo_id).delete()
    if not gone:
        raise TodoNotFound
