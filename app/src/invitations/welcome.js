const button = document.getElementById("copy");
const code = document.getElementById("code");
if (button && code && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent.trim());
    button.textContent = button.dataset.copied;
  });
}
