"""Routes of lists of files (rest.md §18)."""

import json
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsAdmin, PersonRequest
from messaging import wire
from messaging.api import shapes
from messaging.api.bodies import MAX_FILES, MAX_TEXT, fields_of, id_of, refuse
from messaging.api.uploads import all_uploads
from messaging.exceptions import FileListNotFound
from messaging.models import FileListItem
from messaging.services import files
from whaticket.api import RawJSON, valid
from whaticket.openapi import SAID, query, rows
from whaticket.params import page_param, text_param
from whaticket.serializers import Lenient, OptionalId

MOST_PLACES = 100


class OptionBody(Lenient):
    """One place of a list; `path` is what the client calls its file, not where one lies."""

    id = OptionalId(required=False)
    name = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")
    path = serializers.CharField(max_length=1024, required=False, allow_blank=True, default="")
    mediaType = serializers.CharField(max_length=255, required=False, allow_blank=True)


class FileListBody(Lenient):
    """A list of files. Names are checked by the service, with their own codes."""

    name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    message = serializers.CharField(
        max_length=MAX_TEXT, required=False, allow_blank=True, trim_whitespace=False
    )
    options = serializers.ListField(child=OptionBody(), required=False, max_length=MOST_PLACES)


def _fields(request: Request) -> dict[str, Any]:
    body = valid(FileListBody, request)
    fields: dict[str, Any] = {name: body[name] for name in ("name", "message") if name in body}
    if "options" in body:
        fields["places"] = [
            files.Place(name=option["name"], id=option.get("id"), file_name=option["path"])
            for option in body["options"]
        ]
    return fields


def shown(file_list_id: int, *, with_times: bool = True) -> RawJSON:
    """Answer with a list and its places; raise FileListNotFound."""
    found = wire.file_lists_json([file_list_id], with_times=with_times)
    if file_list_id not in found:
        raise FileListNotFound
    return RawJSON(found[file_list_id])


class FileLists(APIView):
    @extend_schema(
        parameters=query("searchParam", "pageNumber"), responses={200: shapes.FILE_LISTS}
    )
    def get(self, request: PersonRequest) -> RawJSON:
        """A page of the company's lists, by name."""
        text = text_param(request, "searchParam").strip()
        return RawJSON(wire.file_list_page(text=text, page=page_param(request)))

    @extend_schema(request=FileListBody, responses={200: shapes.FILE_LIST})
    def post(self, request: PersonRequest) -> RawJSON:
        """Make a list; the files of its places are uploaded afterwards."""
        fields = {"name": "", **_fields(request)}
        return shown(files.create_file_list(by=request.user, **fields).pk)

    @extend_schema(responses={200: None})
    def delete(self, request: PersonRequest) -> HttpResponse:
        """Remove every list of this company."""
        files.delete_all_file_lists(by=request.user)
        return HttpResponse()


class FileListNames(APIView):
    @extend_schema(parameters=query("searchParam"), responses={200: rows(shapes.FILE_LIST_NAME)})
    def get(self, request: PersonRequest) -> RawJSON:
        """The company's lists to choose from."""
        return RawJSON(wire.file_list_names(text=text_param(request, "searchParam").strip()))


class OneFileList(APIView):
    @extend_schema(responses={200: shapes.FILE_LIST})
    def get(self, request: PersonRequest, file_list_id: int) -> RawJSON:
        """One list with its places."""
        return shown(file_list_id)

    @extend_schema(request=FileListBody, responses={200: shapes.FILE_LIST_CHANGED})
    def put(self, request: PersonRequest, file_list_id: int) -> RawJSON:
        """Change a list (administrators); places that are not named go."""
        if not IsAdmin().has_permission(request, self):
            self.permission_denied(request)
        files.update_file_list(file_list_id, by=request.user, **_fields(request))
        return shown(file_list_id, with_times=False)

    @extend_schema(responses={200: SAID})
    def delete(self, request: PersonRequest, file_list_id: int) -> Response:
        """Remove a list with its files."""
        files.delete_file_list(file_list_id, by=request.user)
        return Response({"message": "File List deleted"})


class UploadFiles(APIView):
    @extend_schema(request=shapes.UPLOADS, responses={200: shapes.SAVED})
    def post(self, request: PersonRequest, file_list_id: int) -> Response:
        """Put files into places of a list, the first into the place of the first `id`."""
        uploads = request.FILES.getlist("files")
        if not uploads or len(uploads) > MAX_FILES:
            raise refuse("files", f"From one to {MAX_FILES} files are needed.")
        places = _places(request)
        if len(places) != len(uploads):
            raise refuse("id", "As many places as files are needed, each once.")
        found = FileListItem.objects.filter(file_list_id=file_list_id, pk__in=places)
        # Asked before anything is stored; asked again when it is written.
        if found.count() != len(places):
            raise FileListNotFound
        stored = all_uploads(uploads)
        files.put_files(file_list_id, dict(zip(places, stored, strict=True)), by=request.user)
        return Response({"mensagem": "Files saved"})


def _places(request: Request) -> list[int]:
    data = fields_of(request)
    values = data.getlist("id") if hasattr(data, "getlist") else data.get("id")
    if isinstance(values, list) and len(values) == 1 and str(values[0]).startswith("["):
        try:
            values = json.loads(values[0])
        except (ValueError, RecursionError) as error:
            raise refuse("id", "A list of numbers is needed.") from error
    if not isinstance(values, list) or len(values) > MAX_FILES:
        raise refuse("id", "A list of numbers is needed.")
    return list(dict.fromkeys(id_of(value, "id") for value in values))
