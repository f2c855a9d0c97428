// The sign-in page: showing the password, a word about Caps Lock, and texts that type themselves.
const button = document.querySelector("[data-reveal]");
const field = document.getElementById("password");
button?.addEventListener("click", () => {
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
  button.querySelector("use").setAttribute("href", shown ? "#i-eye-off" : "#i-eye");
});
for (const type of ["keydown", "keyup"])
  field?.addEventListener(type, (event) => {
    document.getElementById("caps").hidden = !event.getModifierState?.("CapsLock");
  });

const line = document.querySelector("[data-typing]");
if (line && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
  const texts = line.dataset.typing.split("\n");
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  line.parentElement.classList.add("is-typing");
  (async () => {
    for (let at = 0; ; at = (at + 1) % texts.length) {
      for (const [index] of [...texts[at]].entries()) {
        line.textContent = [...texts[at]].slice(0, index + 1).join("");
        await wait(45);
      }
      if (texts.length < 2) return;
      await wait(2600);
    }
  })();
}
