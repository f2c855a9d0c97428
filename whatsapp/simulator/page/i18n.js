const words = {
  pt: {
    title: "Telefones de teste", add: "Adicionar telefone", open: "Abrir telefone", name: "Nome",
    number: "Número", create: "Criar", cancel: "Cancelar", close: "Fechar", chats: "Conversas",
    newChat: "Nova conversa", linked: "Aparelhos conectados", scan: "Escanear QR code",
    scanHint: "Cole aqui o texto do QR code ou o código de pareamento de 8 letras.", link: "Conectar",
    waiting: "Aguardando leitura", disconnect: "Desconectar", noDevices: "Nenhum aparelho conectado.",
    type: "Mensagem", send: "Enviar", emoji: "Emojis", attach: "Anexar", file: "Fotos, vídeos e documentos",
    location: "Localização", contact: "Contato", record: "Gravar áudio", recording: "Gravando…",
    typing: "digitando…", online: "online", group: "grupo", business: "conta comercial", you: "Você",
    deleted: "Mensagem apagada", forwarded: "Encaminhada", edited: "Editada", reply: "Responder",
    react: "Reagir", edit: "Editar", remove: "Apagar para todos", forward: "Encaminhar", copy: "Copiar",
    today: "Hoje", yesterday: "Ontem", caption: "Legenda", noChats: "Nenhuma conversa ainda.",
    startChat: "Escreva para um número", back: "Voltar", menu: "Opções", older: "Mensagens anteriores",
    photo: "Foto", video: "Vídeo", audio: "Áudio", voice: "Mensagem de voz", document: "Documento",
    sticker: "Figurinha", contacts: "Contato", unknown: "Mensagem não suportada", sent: "enviada",
    delivered: "entregue", read: "lida", played: "ouvida", failed: "falhou", accepted: "aceita",
    copies: "recebida {n} vezes", offline: "Sem conexão com o simulador; tentando de novo…",
    closePhone: "Fechar este telefone", latitude: "Latitude", longitude: "Longitude", place: "Nome do lugar",
    drop: "Solte para enviar", noPhones: "Adicione um telefone para começar a conversar.",
    known: "Telefones na rede", list: "Ver opções", search: "Buscar", play: "Reproduzir", pause: "Pausar",
    micDenied: "O navegador não permitiu usar o microfone.", missedCall: "Ligar (chamada perdida)",
    called: "Chamada feita", newGroup: "Novo grupo", subject: "Assunto", draft: "Rascunho",
  },
  en: {
    title: "Test phones", add: "Add phone", open: "Open phone", name: "Name", number: "Number",
    create: "Create", cancel: "Cancel", close: "Close", chats: "Chats", newChat: "New chat",
    linked: "Linked devices", scan: "Scan QR code",
    scanHint: "Paste the text of the QR code here, or the 8-letter pairing code.", link: "Link",
    waiting: "Waiting to be scanned", disconnect: "Log out", noDevices: "No linked devices.",
    type: "Message", send: "Send", emoji: "Emoji", attach: "Attach", file: "Photos, videos and documents",
    location: "Location", contact: "Contact", record: "Record voice", recording: "Recording…",
    typing: "typing…", online: "online", group: "group", business: "business account", you: "You",
    deleted: "Message deleted", forwarded: "Forwarded", edited: "Edited", reply: "Reply", react: "React",
    edit: "Edit", remove: "Delete for everyone", forward: "Forward", copy: "Copy", today: "Today",
    yesterday: "Yesterday", caption: "Caption", noChats: "No chats yet.", startChat: "Write to a number",
    back: "Back", menu: "Options", older: "Earlier messages", photo: "Photo", video: "Video",
    audio: "Audio", voice: "Voice message", document: "Document", sticker: "Sticker", contacts: "Contact",
    unknown: "Unsupported message", sent: "sent", delivered: "delivered", read: "read", played: "played",
    failed: "failed", accepted: "accepted", copies: "received {n} times",
    offline: "No connection to the simulator; trying again…", closePhone: "Close this phone",
    latitude: "Latitude", longitude: "Longitude", place: "Name of the place", drop: "Drop to send",
    noPhones: "Add a phone to start chatting.", known: "Phones on the network", list: "See options",
    search: "Search", play: "Play", pause: "Pause", micDenied: "The browser did not allow the microphone.",
    missedCall: "Call (missed call)", called: "Call made", newGroup: "New group", subject: "Subject",
    draft: "Draft",
  },
  es: {
    title: "Teléfonos de prueba", add: "Añadir teléfono", open: "Abrir teléfono", name: "Nombre",
    number: "Número", create: "Crear", cancel: "Cancelar", close: "Cerrar", chats: "Chats",
    newChat: "Nuevo chat", linked: "Dispositivos vinculados", scan: "Escanear código QR",
    scanHint: "Pegue aquí el texto del código QR o el código de vinculación de 8 letras.",
    link: "Vincular", waiting: "Esperando lectura", disconnect: "Desvincular",
    noDevices: "Ningún dispositivo vinculado.", type: "Mensaje", send: "Enviar", emoji: "Emojis",
    attach: "Adjuntar", file: "Fotos, vídeos y documentos", location: "Ubicación", contact: "Contacto",
    record: "Grabar audio", recording: "Grabando…", typing: "escribiendo…", online: "en línea",
    group: "grupo", business: "cuenta de empresa", you: "Tú", deleted: "Mensaje eliminado",
    forwarded: "Reenviado", edited: "Editado", reply: "Responder", react: "Reaccionar", edit: "Editar",
    remove: "Eliminar para todos", forward: "Reenviar", copy: "Copiar", today: "Hoy", yesterday: "Ayer",
    caption: "Comentario", noChats: "Aún no hay chats.", startChat: "Escriba a un número", back: "Volver",
    menu: "Opciones", older: "Mensajes anteriores", photo: "Foto", video: "Vídeo", audio: "Audio",
    voice: "Mensaje de voz", document: "Documento", sticker: "Sticker", contacts: "Contacto",
    unknown: "Mensaje no compatible", sent: "enviado", delivered: "entregado", read: "leído",
    played: "escuchado", failed: "falló", accepted: "aceptado", copies: "recibido {n} veces",
    offline: "Sin conexión con el simulador; reintentando…", closePhone: "Cerrar este teléfono",
    latitude: "Latitud", longitude: "Longitud", place: "Nombre del lugar", drop: "Suelte para enviar",
    noPhones: "Añada un teléfono para empezar a chatear.", known: "Teléfonos en la red",
    list: "Ver opciones", search: "Buscar", play: "Reproducir", pause: "Pausar",
    micDenied: "El navegador no permitió usar el micrófono.", missedCall: "Llamar (llamada perdida)",
    called: "Llamada hecha", newGroup: "Nuevo grupo", subject: "Asunto", draft: "Borrador",
  },
};

const wished = new URLSearchParams(location.search).get("lang");
const candidates = [wished, ...navigator.languages].filter(Boolean);
const known = candidates.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => words[tag]);
export const language = known || "pt";
export const locale = { pt: "pt-BR", en: "en", es: "es" }[language];
document.documentElement.lang = locale;

/** The text of a key in the reader's language. */
export function t(key, values = {}) {
  const text = words[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(locale, { day: "2-digit", month: "long", year: "numeric" });

export const time = (seconds) => clock.format(seconds * 1000);

export function day(seconds) {
  const when = new Date(seconds * 1000).toDateString();
  if (when === new Date().toDateString()) return t("today");
  if (when === new Date(Date.now() - 864e5).toDateString()) return t("yesterday");
  return date.format(seconds * 1000);
}
