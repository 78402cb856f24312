import { useTranslation } from "react-i18next";
import type { Catalogue } from "@/shared/i18n/i18n";

/** What flags, use cases and labels are called: published names in the person's language, a project's own as written. */
export function useNamed(): (name: string) => string {
  const { t, i18n } = useTranslation();
  return (name) => (i18n.exists(`named.${name}`) ? t(`named.${name as keyof Catalogue["named"]}`) : asWords(name));
}

/** "seems_pasted" as "Seems pasted". */
function asWords(name: string): string {
  const words = name.replaceAll("_", " ").trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
