import { useTranslation } from "react-i18next";
import type { Catalogue } from "@/shared/i18n/i18n";

/** What a category of moderation is called; one that the catalogue does not know by its key. */
export function useCategoryName(): (category: string) => string {
  const { t, i18n } = useTranslation();
  return (category) =>
    i18n.exists(`moderation.category.${category}`)
      ? t(`moderation.category.${category as keyof Catalogue["moderation"]["category"]}`)
      : category;
}
