// Gives the markup of every shown control that a screen reader could not name.
() => [...document.querySelectorAll("button, a[href], input, textarea, select, [role=slider], [role=switch]")]
  .filter((node) => node.type !== "hidden" && node.checkVisibility())
  .filter((node) => !(node.textContent.trim() || node.getAttribute("aria-label") || node.labels?.length
    || document.getElementById(node.getAttribute("aria-labelledby"))?.textContent || node.querySelector("img[alt]:not([alt=''])")))
  .map((node) => node.outerHTML.slice(0, 120))
