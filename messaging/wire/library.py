"""Quick messages and lists of files as clients read them (rest.md §18), built by PostgreSQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from accounts.models import User
from messaging.media import QUICK_FOLDER, WIRE_MARK, sign_marks
from whaticket.database import read_rows, read_text
from whaticket.paging import PAGE_SIZE
from whaticket.shapes import Constant, Flag, Moment, Number, Rows, Shape, Text, literal
from whaticket.tenancy import current_company_id


def file_sql(row: str, folder: str = "") -> str:
    """Write the mark that becomes a file's address; NULL where there is none."""
    mark = literal(WIRE_MARK + folder)
    name = f"encode(convert_to({row}.media_name, 'UTF8'), 'hex')"
    return f"CASE WHEN {row}.media_path <> '' THEN {mark} || {row}.media_path || '~' || {name} END"


def _quick_parts(company_id: int) -> dict[str, Any]:
    return {
        "id": Number("k.id"),
        "shortcode": Text("k.shortcode"),
        "message": Text("k.text"),
        "companyId": Constant(company_id),
        "userId": Number("k.owner_id"),
        "mediaPath": Text(file_sql("k", QUICK_FOLDER)),
        "mediaName": Text("nullif(k.media_name, '')"),
        "geral": Flag("k.is_editable_by_all"),
        "visao": Flag("k.is_shared"),
        "createdAt": Moment("k.created_at"),
        "updatedAt": Moment("k.updated_at"),
    }


_VISIBLE = "(k.is_shared OR k.owner_id = %(user)s)"


@lru_cache(maxsize=4096)
def _quick_list_statement(company_id: int) -> str:
    company = Shape({"id": Constant(company_id), "name": Text("o.name")})
    shape = Shape({**_quick_parts(company_id), "company": company})
    return f"""SELECT coalesce(json_agg({shape.as_json()} ORDER BY k.shortcode, k.id),
        '[]'::json)::text FROM messaging_quickmessage k
        JOIN public.companies_company o ON o.id = {company_id} WHERE {_VISIBLE}"""


def quick_message_list(user: User) -> bytes:
    """Give every quick message a person sees, with the company; one statement."""
    company_id = current_company_id()
    text = read_text(_quick_list_statement(company_id), {"user": user.pk})
    return sign_marks(text, company_id)


@lru_cache(maxsize=4096)
def _page_statement(source: str, where: str, order: str, shape: str, key: str) -> str:
    """Write a statement for a page of a list: `{<key>, count, hasMore}`."""
    return f"""WITH found AS MATERIALIZED (SELECT k.id FROM {source} k WHERE {where}),
        page AS MATERIALIZED (
            SELECT k.* FROM {source} k WHERE k.id IN (SELECT id FROM found)
            ORDER BY {order} LIMIT {PAGE_SIZE} OFFSET %(offset)s)
        SELECT json_build_object(
            {literal(key)}, coalesce((SELECT json_agg({shape} ORDER BY {order}) FROM page k),
                '[]'::json),
            'count', (SELECT count(*) FROM found),
            'hasMore', (SELECT count(*) FROM found)
                > %(offset)s + (SELECT count(*) FROM page) AND EXISTS (SELECT 1 FROM page))::text
        """


# Part of a text, whatever its accents and case; what a person types holds no patterns.
_HAS_PART = "strpos(public.folded({column}), public.folded(%(text)s)) > 0"


def quick_message_page(user: User, *, text: str, page: int) -> bytes:
    """Give a page of the quick messages a person sees, by short name; one statement."""
    company_id = current_company_id()
    sql = _page_statement(
        "messaging_quickmessage",
        f"{_VISIBLE} AND {_HAS_PART.format(column='k.shortcode')}",
        "k.shortcode, k.id",
        Shape(_quick_parts(company_id)).as_json(),
        "records",
    )
    values = {"user": user.pk, "text": text, "offset": (page - 1) * PAGE_SIZE}
    return sign_marks(read_text(sql, values), company_id)


@lru_cache(maxsize=4096)
def _quick_statement(company_id: int) -> str:
    shape = Shape(_quick_parts(company_id)).as_json()
    return f"""SELECT k.id, {shape}::text, k.is_shared, k.owner_id
        FROM messaging_quickmessage k WHERE k.id = ANY(%s)"""


def quick_messages_with_readers(ids: Sequence[int]) -> dict[int, tuple[bytes, int | None]]:
    """Give quick messages by id, each with whose own it is (None: everybody's); one statement."""
    company_id = current_company_id()
    return {
        pk: (sign_marks(text.encode(), company_id), None if is_shared else owner_id)
        for pk, text, is_shared, owner_id in read_rows(_quick_statement(company_id), [list(ids)])
    }


# ------------------------------------------------------------------------------ lists of files


def _list_parts(company_id: int) -> dict[str, Any]:
    return {
        "id": Number("k.id"),
        "companyId": Constant(company_id),
        "name": Text("k.name"),
        "message": Text("k.message"),
    }


def _with_times(parts: dict[str, Any]) -> dict[str, Any]:
    return {**parts, "createdAt": Moment("k.created_at"), "updatedAt": Moment("k.updated_at")}


_OPTION = Shape(
    {
        "id": Number("i.id"),
        "name": Text("i.name"),
        # The contract's clients show it. Where the file lies is nobody's business.
        "path": Text("i.media_name"),
        "fileId": Number("i.file_list_id"),
        "mediaType": Text("i.media_type"),
        "createdAt": Moment("i.created_at"),
        "updatedAt": Moment("i.updated_at"),
    }
)
_OPTIONS = Rows(_OPTION, "messaging_filelistitem i WHERE i.file_list_id = k.id", "i.id")


def file_list_names(*, text: str) -> bytes:
    """Give the lists of files whose name has a part, by name; one statement."""
    shape = Shape(_list_parts(current_company_id())).as_json()
    sql = f"""SELECT coalesce(json_agg({shape} ORDER BY k.name, k.id), '[]'::json)::text
        FROM messaging_filelist k WHERE {_HAS_PART.format(column="k.name")}"""
    return read_text(sql, {"text": text})


def file_list_page(*, text: str, page: int) -> bytes:
    """Give a page of the lists of files, by name; one statement."""
    shape = Shape(_with_times(_list_parts(current_company_id()))).as_json()
    sql = _page_statement(
        "messaging_filelist",
        _HAS_PART.format(column="k.name"),
        "k.name, k.id",
        shape,
        "files",
    )
    return read_text(sql, {"text": text, "offset": (page - 1) * PAGE_SIZE})


def file_lists_json(ids: Sequence[int], *, with_times: bool = True) -> dict[int, bytes]:
    """Give lists of files with their places, by id; one statement."""
    parts = _list_parts(current_company_id())
    shape = Shape({**(_with_times(parts) if with_times else parts), "options": _OPTIONS})
    sql = f"SELECT k.id, {shape.as_json()}::text FROM messaging_filelist k WHERE k.id = ANY(%s)"
    return {pk: text.encode() for pk, text in read_rows(sql, [list(ids)])}
