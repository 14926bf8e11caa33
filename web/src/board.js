// Boards: their charts, and how much is ticked. The pages work without.
import "./charts.js";

// How many people are ticked, and how many overdue cases they have.
for (const form of document.querySelectorAll("[data-ticked]")) {
  const told = form.querySelector("[data-ticked-words]");
  const usual = told.textContent;
  form.addEventListener("change", () => {
    const ticked = [...form.querySelectorAll("[name=holder]:checked")];
    const late = ticked.reduce((sum, box) => sum + Number(box.dataset.late), 0);
    const words = told.dataset.tickedWords.replace("{n}", ticked.length).replace("{m}", late);
    told.textContent = ticked.length ? words : usual;
  });
}
