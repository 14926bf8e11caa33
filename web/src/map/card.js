// The card of one area or business: what its row says, with its links.
export function openCard(box, rows) {
  const card = document.getElementById("map-card");
  let from = null;
  const close = () => {
    card.hidden = true;
    from?.focus();
    from = null;
  };
  card.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  card.addEventListener("click", ({ target }) => target.closest("[data-close]") && close());
  return {
    close,
    show(code) {
      const made = rows.get(code)?.querySelector("template");
      if (!made) return;
      from = document.activeElement;
      card.querySelector(".inside").replaceChildren(made.content.cloneNode(true));
      card.hidden = false;
      card.focus();
    },
  };
}
