import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "./en.json";
import type enProject from "./en.project.json";

export type Catalogue = typeof en & typeof enProject;
export const LANGUAGES = ["en", "nb"] as const;
export type Language = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: Catalogue };
  }
}

const load: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./en.json"),
  nb: () => import("./nb.json"),
};
/** Words that only the pages of a project use: they come with the first of these. */
const loadProject: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./en.project.json"),
  nb: () => import("./nb.project.json"),
};
let withProject = false;
const STORED = "bennet.language";

/** The language of a visitor not yet signed in: the last one chosen here, else the browser's. */
export function guessLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "nb") return stored;
  return /^(nb|no|nn)\b/i.test(navigator.language) ? "nb" : "en";
}

export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    interpolation: { escapeValue: false },
    resources: {},
    returnNull: false,
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  await changeLanguage(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", (await load[language]()).default);
  }
  if (withProject) await addTo(language);
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

/** Have a project's words in this language, and from now on in every other that is chosen. */
export async function addProjectWords(): Promise<void> {
  withProject = true;
  await addTo(i18next.language as Language);
}

async function addTo(language: Language): Promise<void> {
  if (i18next.exists("protocol.page", { lng: language })) return;
  i18next.addResourceBundle(language, "translation", (await loadProject[language]()).default, true);
}
