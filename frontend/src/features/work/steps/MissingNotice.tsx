import { Anchor, Text } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./MissingNotice.module.css";

const MOST_SHOWN = 3;

export interface Missing {
  /** What is missing, in words. */
  text: string;
  go: () => void;
}

/** What an answer still lacks, each with the way there. */
export function MissingNotice({ missing }: { missing: readonly Missing[] }) {
  const { t } = useTranslation();
  if (missing.length === 0) return null;
  const further = missing.length - MOST_SHOWN;
  return (
    <div role="status" className={classes.notice}>
      <IconListCheck size={18} aria-hidden className={classes.sign} />
      <Text size="sm" fw={600} span>
        {t("steps.missing")}
      </Text>
      {missing.slice(0, MOST_SHOWN).map(({ text, go }) => (
        <Anchor key={text} component="button" type="button" size="sm" onClick={go}>
          {text}
        </Anchor>
      ))}
      {further > 0 && (
        <Text size="sm" c="dimmed" span>
          {t("steps.more", { count: further })}
        </Text>
      )}
    </div>
  );
}
