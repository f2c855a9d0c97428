"""Routes of a person's own list of things to do (the contract's clients kept it in the browser)."""

import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import PersonRequest
from messaging.api import shapes
from messaging.exceptions import TodoNotFound
from messaging.models import Todo
from messaging.services import todos
from whaticket.api import valid
from whaticket.openapi import SAID

_LAST_PLACE = 2**31 - 1


class NewTodoBody(serializers.Serializer):
    """Something to do."""

    text = serializers.CharField(max_length=1000)
    done = serializers.BooleanField(required=False)
    position = serializers.IntegerField(
        min_value=-_LAST_PLACE, max_value=_LAST_PLACE, required=False
    )
    dueAt = serializers.DateTimeField(required=False, allow_null=True)


class TodoBody(NewTodoBody):
    """A change; absent means unchanged."""

    text = serializers.CharField(max_length=1000, required=False)


_COLUMNS = {"text": "text", "done": "is_done", "position": "position", "dueAt": "due_at"}


def _fields(body_class: type[NewTodoBody], request: Request) -> dict[str, Any]:
    body = valid(body_class, request)
    return {ours: body[wire] for wire, ours in _COLUMNS.items() if wire in body}


def _moment(value: datetime.datetime | None) -> str | None:
    if value is None:
        return None
    text = value.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def shown(todo: Todo) -> dict[str, Any]:
    """Write a line as clients read it."""
    return {
        "id": todo.pk,
        "text": todo.text,
        "done": todo.is_done,
        "position": todo.position,
        "dueAt": _moment(todo.due_at),
        "createdAt": _moment(todo.created_at),
        "updatedAt": _moment(todo.updated_at),
    }


class Todos(APIView):
    @extend_schema(responses={200: shapes.TODOS})
    def get(self, request: PersonRequest) -> Response:
        """One's own list, in order (at most 500 lines)."""
        return Response([shown(todo) for todo in Todo.objects.of_person(request.user)])

    @extend_schema(request=NewTodoBody, responses={200: shapes.TODO_ROW})
    def post(self, request: PersonRequest) -> Response:
        """Add a line, last unless it says where."""
        todo = todos.add_todo(by=request.user, **_fields(NewTodoBody, request))
        return Response(shown(todo))


class OneTodo(APIView):
    @extend_schema(responses={200: shapes.TODO_ROW})
    def get(self, request: PersonRequest, todo_id: int) -> Response:
        """One line of one's own."""
        todo = Todo.objects.of_person(request.user).filter(pk=todo_id).first()
        if todo is None:
            raise TodoNotFound
        return Response(shown(todo))

    @extend_schema(request=TodoBody, responses={200: shapes.TODO_ROW})
    def put(self, request: PersonRequest, todo_id: int) -> Response:
        """Change a line of one's own."""
        todo = todos.change_todo(todo_id, by=request.user, **_fields(TodoBody, request))
        return Response(shown(todo))

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, todo_id: int) -> Response:
        """Remove a line of one's own."""
        todos.remove_todo(todo_id, by=request.user)
        return Response({"message": "To-do deleted"})
