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
  const put = (content) => {
    from = document.activeElement;
    card.querySelector(".inside").replaceChildren(content);
    card.hidden = false;
    card.focus();
  };
  return {
    close,
    show(code) {
      const made = rows.get(code)?.querySelector("template");
      if (made) put(made.content.cloneNode(true));
    },
    // One that stands in no row; without a network nothing opens.
    async fetch(address) {
      const answer = await fetch(address).catch(() => null);
      if (!answer?.ok) return;
      put(document.createRange().createContextualFragment(await answer.text()));
    },
  };
}
