// A field of a whole file has its button and its words in the language of the page: the browser's
// own button speaks the language of the browser.
export function nameFile(input) {
  const shown = document.querySelector(`[data-chosen="${input.id}"]`);
  if (!shown || shown.dataset.none) return;
  shown.dataset.none = shown.textContent;
  input.addEventListener("change", () => {
    const names = [...input.files].map((file) => file.name).join(", ");
    shown.textContent = names || shown.dataset.none;
  });
}
