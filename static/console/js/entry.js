// The sign-in page: showing the password, and a word about Caps Lock.
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
