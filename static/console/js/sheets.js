// Lists of pages that follow what is changed: by the person, in a dialog, or by a colleague.
import { $$, gather, renew } from "./dom.js";
import { hear } from "./live.js";

const reload = gather(() => Promise.all($$("[data-sheet]").map((list) => renew(list.dataset.sheet, list))), 150);

export function start() {
  document.addEventListener("wt:sheet", () => reload(1));
  const names = new Set($$("[data-hears]").flatMap((list) => list.dataset.hears.split(" ")));
  for (const name of [...names, ...(names.size ? ["resync"] : [])]) hear(name, () => reload(1));
}
