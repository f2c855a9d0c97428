"""What happens to companies. Published inside the schema of the company it happens to."""

from dataclasses import dataclass
from typing import ClassVar

from events.bus import Event


@dataclass(frozen=True, slots=True)
class CompanySignedUp(Event):
    """A team registered itself and waits to be welcomed."""

    name: ClassVar[str] = "company.signed_up"
    company_id: int
    admin_id: int


@dataclass(frozen=True, slots=True)
class CompanyUpdated(Event):
    """Facts about a company changed."""

    name: ClassVar[str] = "company.updated"
    company_id: int
    fields: tuple[str, ...] = ()
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CompanySuspended(Event):
    """Nobody of the company may work until further notice; its sessions must stop."""

    name: ClassVar[str] = "company.suspended"
    company_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CompanyReactivated(Event):
    """The company may work again; its sessions may start."""

    name: ClassVar[str] = "company.reactivated"
    company_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CompanySettingsChanged(Event):
    """What a company switched on or off, or the texts it sends."""

    name: ClassVar[str] = "company.settings_changed"
    company_id: int
    fields: tuple[str, ...] = ()
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class NamedSettingChanged(Event):
    """A named value was written; the value itself may be secret and is not told."""

    name: ClassVar[str] = "company.named_setting_changed"
    setting_id: int
    key: str
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeChanged(Event):
    """An announcement or a help page came, changed or went; every company is to hear of it."""

    name: ClassVar[str] = "platform.notice_changed"
    # "announcement" or "help"; "create", "update" or "delete".
    kind: str
    action: str
    notice_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CompanyEntered(Event):
    """An operator of the platform came in to look at the company, or to help."""

    name: ClassVar[str] = "company.entered"
    company_id: int
    by_id: int
    visit_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class CompanyLeft(Event):
    """An operator of the platform left the company again, or signed out."""

    name: ClassVar[str] = "company.left"
    company_id: int
    by_id: int
    visit_id: int
