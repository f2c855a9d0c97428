// Paying an invoice by PIX: asks for a code, shows it, and waits for the money.
import { $, ask, complain, on, post, renew, t, toast } from "./dom.js";
import { hear } from "./live.js";

// Where the payment's frame does not come (no socket, or it was down), the page asks.
const EVERY = 5000;
const box = () => $("#dialog");
const page = $("#billing");
let open = null;
let timer = 0;

const put = (name, place) => place.replaceChildren($(`#${name}`).content.cloneNode(true));

async function begin(charge, state) {
  open = { charge, state, paid: false };
  put("pay-wait", box());
  if (!box().open) box().showModal();
  await fetchCode();
}

async function fetchCode() {
  const mine = open;
  try {
    const data = await post(mine.charge);
    if (open !== mine) return;
    $("#pay-body").innerHTML = data.html;
    $("[data-pay-copy]").focus();
    clearInterval(timer);
    timer = setInterval(look, EVERY);
  } catch (error) {
    if (open !== mine) return;
    put("pay-failed", $("#pay-body"));
    $("[data-why]").textContent = error.message;
    $("[data-pay-again]").focus();
  }
}

async function look(told) {
  const mine = open;
  if (!mine || (document.hidden && !told)) return;
  const data = await ask(mine.state).catch(() => null);
  if (data?.paid && open === mine && !mine.paid) thanks();
}

function thanks() {
  clearInterval(timer);
  open.paid = true;
  put("pay-thanks", $("#pay-body"));
  $("[data-pay-close]", $("#pay-body")).focus();
  const list = $("[data-sheet]", page);
  renew(list.dataset.sheet, list);
}

function closed() {
  clearInterval(timer);
  const paid = open?.paid;
  open = null;
  if (paid) page.dataset.shutOut ? location.assign(page.dataset.inbox) : location.reload();
}

on("click", "[data-pay]", (_, button) => begin(button.dataset.pay, button.dataset.state));
on("click", "[data-pay-close]", () => box().close());
on("click", "[data-pay-again]", () => (put("pay-wait", box()), fetchCode()));
on("click", "[data-pay-copy]", () =>
  navigator.clipboard?.writeText($("#pay-code").textContent).then(() => toast(t("copied"), { seconds: 2 }), () => {}),
);
on("click", "[data-order]", async (_, button) => {
  button.disabled = true;
  try {
    const { id } = await post(button.dataset.order);
    const list = $("[data-sheet]", page);
    await renew(list.dataset.sheet, list);
    $(`[data-bill="${id}"] [data-pay]`)?.click();
  } catch (error) {
    complain(error);
  } finally {
    button.disabled = false;
  }
});
box().addEventListener("close", closed);
hear("payment", look);
