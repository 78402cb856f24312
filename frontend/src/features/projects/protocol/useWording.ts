import { useTranslation } from "react-i18next";
import type { Preset, Setting } from "@/shared/api/types";

/**
 * What the server says in English of its kinds and presets, in the reader's language where the catalogue knows it: a
 * preset that is added there needs no page of its own here.
 */
export function useWording() {
  const { t, i18n } = useTranslation();
  const said = (key: string, otherwise: string) =>
    i18n.exists(key) ? t(key as "setting.label.instruction") : otherwise;
  return {
    label: ({ name }: Setting) => said(`setting.label.${name}`, plain(name)),
    hint: ({ name, about }: Setting, kind: string) =>
      said(`setting.hint.${name}_${kind}`, said(`setting.hint.${name}`, about)),
    preset: ({ key, name, description }: Preset) => ({
      name: said(`preset.name.${key}`, name),
      description: said(`preset.description.${key}`, description),
    }),
  };
}

/** "maximum_characters" as "Maximum characters". */
export function plain(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
