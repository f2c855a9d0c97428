"""What each step of a connection publishes, once, naming who did it."""

from whatsapp.events import ConnectionAdministered, ConnectionDeleted, ConnectionUpdated
from whatsapp.services.connections import Wanted, administer_connection, delete_connection

WANTED = Wanted(columns={"name": "Front desk", "greeting_message": "Welcome!"})


def test_an_operators_change_is_told_to_the_company_and_to_operators(cast, heard):
    administer_connection(cast.number, WANTED, by=cast.rui)
    (event,) = heard(ConnectionAdministered)
    assert event == {"connection_id": cast.number.pk, "by_id": cast.rui.pk}
    assert [e["connection_id"] for e in heard(ConnectionUpdated)] == [cast.number.pk]


def test_a_deleted_connection(cast, heard):
    pk = cast.number.pk
    delete_connection(cast.number, by=cast.rui)
    assert heard(ConnectionDeleted) == [{"connection_id": pk, "by_id": cast.rui.pk}]
