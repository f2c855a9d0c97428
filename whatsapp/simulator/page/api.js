/** Call the control API; throws an Error with the network's own reason. */
export async function call(method, path, body) {
  const options = { method };
  if (body instanceof Blob) {
    options.body = body;
    options.headers = { "Content-Type": body.type || "application/octet-stream" };
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(path, options);
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.reason || answer.statusText);
  return data;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);

/** Follow what some phones are shown; calls `onState(false)` while there is no connection. */
export function follow(numbers, onEvent, onState) {
  const source = new EventSource(`/api/stream?phones=${numbers.join(",")}`);
  let before = true;
  source.onopen = () => {
    // After a break something may have been missed: read everything again.
    if (!before) onEvent({ type: "resync" });
    before = true;
    onState(true);
  };
  source.onerror = () => {
    before = false;
    onState(false);
  };
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
  return () => source.close();
}

/** The kind under which a file is sent. */
export function kindOf(file) {
  if (file.type === "image/webp") return "sticker";
  for (const kind of ["image", "video", "audio"]) if (file.type.startsWith(`${kind}/`)) return kind;
  return "document";
}
