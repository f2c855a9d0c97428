"""The network as Meta's Graph API shows it to a business on the WhatsApp Cloud API."""
