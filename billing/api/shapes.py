"""What the routes of billing answer (rest.md §1.1, §5 and §6)."""

from billing.wire import FEATURES, INVOICE_FEATURES
from whaticket.openapi import FLAG, INT, NUMBER, OBJECT, TEXT, TIME, of, optional, page, shape

PLAN13 = shape("Plan13", id=INT, name=TEXT, amount=TEXT, **dict.fromkeys(FEATURES, FLAG))
PLAN16 = shape("Plan16", PLAN13, users=INT, connections=INT, queues=INT)
PLAN = shape(
    "Plan",
    PLAN16,
    isPublic=FLAG,
    recurrence=TEXT,
    trial=FLAG,
    trialDays=INT,
    createdAt=TIME,
    updatedAt=TIME,
)
PLANS = page("plans", PLAN)

INVOICE = shape(
    "Invoice",
    id=INT,
    companyId=INT,
    dueDate=TEXT,
    detail=TEXT,
    status=TEXT,
    value=NUMBER,
    users=INT,
    connections=INT,
    queues=INT,
    **dict.fromkeys(INVOICE_FEATURES, FLAG),
    linkInvoice=TEXT,
    createdAt=TIME,
    updatedAt=TIME,
)
INVOICES = page("invoices", INVOICE)
# The provider's own fields besides; which of them it sends is up to it.
CHARGE = optional(
    shape(
        "PixCharge",
        txid=TEXT,
        status=TEXT,
        valor=OBJECT,
        loc=OBJECT,
        chave=TEXT,
        location=TEXT,
        calendario=OBJECT,
        solicitacaoPagador=TEXT,
        pixCopiaECola=TEXT,
        qrcode=of(qrcode=TEXT, imagemQrcode=TEXT),
    ),
    "chave", "location", "calendario", "solicitacaoPagador", "pixCopiaECola",
)  # fmt: skip
ACCOUNT = shape(
    "GerencianetConfig",
    id=INT,
    sandbox=FLAG,
    clientId=TEXT,
    clientSecret=TEXT,
    chavePix=TEXT,
    pixCert=TEXT,
    webhookUrl=TEXT,
    pixCertPassword=TEXT,
    createdAt=TIME,
    updatedAt=TIME,
)
