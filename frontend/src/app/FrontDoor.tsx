import { Group, Paper, SegmentedControl, Stack, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Wordmark } from "@/shared/components/Wordmark";
import { changeLanguage, LANGUAGES, type Language } from "@/shared/i18n/i18n";
import classes from "./FrontDoor.module.css";

/** The frame of every page before sign-in. */
export function FrontDoor({ title, children }: { title: string; children: ReactNode }) {
  const { t, i18n } = useTranslation();
  useDocumentTitle(`${title} · Bennet`);
  const languages = LANGUAGES.map((value) => ({ value, label: t(`language.${value}`) }));
  return (
    <main className={classes.page}>
      <Stack gap="lg" w="100%" maw={420}>
        <Group justify="center">
          <Wordmark />
        </Group>
        <Paper withBorder radius="lg" p="xl" bg="var(--bennet-raised)">
          <Title order={1} mb="lg">
            {title}
          </Title>
          {children}
        </Paper>
        <SegmentedControl
          aria-label={t("account.language")}
          size="xs"
          mx="auto"
          data={languages}
          value={i18n.language as Language}
          onChange={(language) => void changeLanguage(language)}
        />
      </Stack>
    </main>
  );
}
