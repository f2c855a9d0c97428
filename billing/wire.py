"""Plans as the contract writes them (rest.md §1.1 and §5)."""

from typing import Any

from billing.models import Plan

# contract key -> field
FEATURES = {
    "useWhatsapp": "use_whatsapp",
    "useFacebook": "use_facebook",
    "useInstagram": "use_instagram",
    "useCampaigns": "use_campaigns",
    "useSchedules": "use_schedules",
    "useInternalChat": "use_internal_chat",
    "useExternalApi": "use_external_api",
    "useIntegrations": "use_integrations",
    "useOpenAi": "use_open_ai",
    "useKanban": "use_kanban",
}


def plan13(plan: Plan | None) -> dict[str, Any] | None:
    """What a plan costs and switches on."""
    if plan is None:
        return None
    head = {"id": plan.pk, "name": plan.name, "amount": str(plan.amount)}
    return head | {key: getattr(plan, field) for key, field in FEATURES.items()}


def plan16(plan: Plan | None) -> dict[str, Any] | None:
    """Plan13 and the limits."""
    row = plan13(plan)
    if plan is None or row is None:
        return None
    return row | {"users": plan.users, "connections": plan.connections, "queues": plan.queues}


def plan_row(plan: Plan) -> dict[str, Any]:
    """All columns of Plans."""
    return {
        **(plan16(plan) or {}),
        "isPublic": plan.is_public,
        "recurrence": plan.recurrence,
        "trial": plan.trial,
        "trialDays": plan.trial_days,
        "createdAt": plan.created_at,
        "updatedAt": plan.updated_at,
    }


def plan_of(company: Any) -> Plan | None:
    """The plan of a company whose subscription was selected too."""
    subscription = getattr(company, "subscription", None)
    return subscription.plan if subscription else None
