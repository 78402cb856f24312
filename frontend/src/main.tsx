import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { guessLanguage, startI18n } from "@/shared/i18n/i18n";
import { App } from "@/app/App";
import "@/app/styles.ts";

// A new build was put in place while this page was open, so the parts it has yet to load are gone: load it anew. Not
// without a line, where a reload would lose the page as well.
window.addEventListener("vite:preloadError", () => {
  if (navigator.onLine) window.location.reload();
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

await startI18n(guessLanguage());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
