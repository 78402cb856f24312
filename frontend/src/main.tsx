import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { guessLanguage, startI18n } from "@/shared/i18n/i18n";
import { App } from "@/app/App";
import "@/app/styles.ts";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

await startI18n(guessLanguage());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
