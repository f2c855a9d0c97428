// Pictures large, sounds with a progress that can be dragged, and a small emoji picker.
import { $, $$, el, escape, icon, on, store, t } from "./dom.js";

const sound = new Audio();
let player = null;
const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

function draw() {
  if (!player) return;
  const part = sound.duration ? sound.currentTime / sound.duration : 0;
  const bars = $$(".wave i", player);
  bars.forEach((bar, at) => bar.classList.toggle("on", at / bars.length < part));
  $(".clock", player).textContent = clock(sound.currentTime || 0);
  $(".wave", player).setAttribute("aria-valuenow", Math.round(part * 100));
  player.classList.toggle("is-playing", !sound.paused);
  $(".play-button use", player).setAttribute("href", sound.paused ? "#i-play" : "#i-pause");
}

function play(box) {
  if (player !== box) {
    sound.pause();
    draw();
    player = box;
    sound.src = box.dataset.src;
    sound.playbackRate = parseFloat($(".speed", box).textContent);
  }
  sound.paused ? sound.play().catch(draw) : sound.pause();
}

function show(link) {
  const all = $$("#messages [data-lightbox]").length && link.closest("#messages") ? $$("#messages [data-lightbox]") : $$("[data-lightbox]", link.parentElement);
  const box = $("#lightbox");
  let at = all.indexOf(link);
  const paint = () => {
    const { href, dataset } = all[at];
    const many = all.length > 1;
    box.innerHTML = `<header><span>${escape(dataset.name)}</span><a class="icon-button" href="${escape(href)}" download aria-label="${escape(t("download"))}">${icon("download")}</a><button class="icon-button" type="button" data-x aria-label="${escape(t("close"))}">${icon("x")}</button></header><figure>${dataset.lightbox === "video" ? `<video src="${escape(href)}" controls autoplay></video>` : `<img src="${escape(href)}" alt="${escape(dataset.name)}">`}${many ? `<button class="icon-button side l" type="button" data-step="-1" aria-label="${escape(t("previous"))}">${icon("left")}</button><button class="icon-button side r" type="button" data-step="1" aria-label="${escape(t("next"))}">${icon("right")}</button>` : ""}</figure>`;
  };
  const step = (by) => ((at = (at + by + all.length) % all.length), paint());
  box.onclick = (event) => {
    const by = event.target.closest("[data-step]")?.dataset.step;
    if (by) step(Number(by));
    else if (!event.target.closest("img, video, a")) box.close();
  };
  box.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && !event.target.closest("video")) step(by);
  };
  box.onclose = () => box.replaceChildren();
  paint();
  box.showModal();
}

const EMOJI = "😀 grin sorriso|😂 joy rir risa|😊 smile feliz|😍 love amor|😘 kiss beijo beso|😉 wink|🤔 think pensar|😅 sweat|😢 cry chorar llorar|😭 sob|😡 angry raiva|😮 wow|🙄 roll|😴 sleep|🤗 hug abraço|🥳 party festa fiesta|🤝 deal acordo|👍 yes ok sim|👎 no não|👏 clap palmas|🙏 please thanks obrigado gracias|👋 hi oi hola|💪 strong força|👌 ok|✌️ peace|❤️ heart coração corazón|💚 green|💙 blue|💔 broken|🔥 fire fogo|⭐ star estrela|✨ sparkle|🎉 party|🎁 gift presente|✅ done feito|❌ no|⚠️ warning aviso|❗ important|❓ question|📎 clip|📷 photo foto|📄 document documento|📦 box pedido|🚚 delivery entrega|🛒 cart compra|💰 money dinheiro|💳 card cartão|🧾 receipt recibo|📍 place local|🏠 home casa|📞 phone telefone|📅 date data|⏰ time hora|☕ coffee café|🍕 pizza|🎂 cake bolo|🐶 dog|🐱 cat|🌞 sun sol|🌧️ rain chuva|🇧🇷 brasil|🚀 rocket|💡 idea ideia|👀 look".split("|").map((line) => line.split(" "));

export function emoji(button) {
  $("#emoji")?.remove();
  const box = el(`<div class="emoji" id="emoji" popover><input type="search" aria-label="${escape(t("searchEmoji"))}" placeholder="${escape(t("searchEmoji"))}"><div class="emoji-list"></div></div>`);
  const paint = (text = "") => {
    const grid = (list) => `<div class="emoji-grid">${list.map((e) => `<button type="button" aria-label="${e}">${e}</button>`).join("")}</div>`;
    const recent = store.get("emoji", []);
    const found = EMOJI.filter((words) => words.join(" ").includes(text.toLowerCase())).map((words) => words[0]);
    $(".emoji-list", box).innerHTML = (!text && recent.length ? `<h3>${escape(t("recent"))}</h3>${grid(recent)}<hr>` : "") + (found.length ? grid(found) : escape(t("nothingFound")));
  };
  box.addEventListener("input", (event) => paint(event.target.value));
  box.addEventListener("click", (event) => {
    const sign = event.target.closest(".emoji-grid button")?.textContent;
    if (!sign) return;
    store.set("emoji", [sign, ...store.get("emoji", []).filter((e) => e !== sign)].slice(0, 16));
    const field = $("#composer-text, #team-text");
    field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    box.hidePopover();
    field.focus();
  });
  paint();
  document.body.append(box);
  box.showPopover();
  const at = button.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(innerWidth - box.offsetWidth - 8, at.left - 40))}px`;
  box.style.top = `${Math.max(8, at.top - box.offsetHeight - 10)}px`;
  $("input", box).focus();
}

export function start() {
  for (const type of ["timeupdate", "play", "pause", "ended"]) sound.addEventListener(type, draw);
  on("click", ".play-button", (_, button) => play(button.closest(".player")));
  on("click", ".wave", (event, wave) => {
    const box = wave.closest(".player");
    if (player !== box) play(box);
    const at = wave.getBoundingClientRect();
    if (sound.duration) sound.currentTime = ((event.clientX - at.left) / at.width) * sound.duration;
  });
  on("keydown", ".wave", (event, wave) => {
    const step = { ArrowRight: 5, ArrowLeft: -5 }[event.key];
    if (step && player === wave.closest(".player")) sound.currentTime += step;
  });
  on("click", ".speed", (_, button) => {
    const next = { "1×": "1.5×", "1.5×": "2×", "2×": "1×" }[button.textContent];
    button.textContent = next;
    if (player === button.closest(".player")) sound.playbackRate = parseFloat(next);
  });
  on("click", "[data-lightbox]", (event, link) => (event.preventDefault(), show(link)));
}
