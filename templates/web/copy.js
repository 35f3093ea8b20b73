// Copy buttons. Without this script the instructions (.by-hand) stand in their place.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById(button.dataset.copy + "-copied");
  const byHand = document.getElementById(button.dataset.copy + "-by-hand");
  button.hidden = false;
  if (byHand) byHand.hidden = true;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      const fold = field.closest("details");
      if (fold) fold.open = true;
      field.focus();
      field.select();
      if (!document.execCommand("copy")) {
        if (byHand) byHand.hidden = false;
        return;
      }
    }
    said.textContent = button.dataset.done;
  });
}
