import { Anchor, Button, Collapse, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Markdown } from "@/shared/components/Markdown";
import { Panel } from "@/shared/components/Panel";
import { cardOptions, releaseHome } from "./api";

/** The card that goes with the data wherever it goes; read here without its plots, which the page shows itself. */
export function DataCard({ projectId, releaseId }: { projectId: number; releaseId: number }) {
  const { t } = useTranslation();
  const [opened, { toggle }] = useDisclosure();
  return (
    <Panel title={t("card.title")} description={t("card.detail")}>
      <Group>
        <Button variant="default" size="sm" onClick={toggle} aria-expanded={opened}>
          {t(opened ? "card.hide" : "card.show")}
        </Button>
        <Anchor size="sm" href={`${releaseHome(projectId, releaseId)}/files/README.md`} download>
          {t("card.download")}
        </Anchor>
      </Group>
      <Collapse expanded={opened}>{opened && <Card projectId={projectId} releaseId={releaseId} />}</Collapse>
    </Panel>
  );
}

function Card({ projectId, releaseId }: { projectId: number; releaseId: number }) {
  const { t } = useTranslation();
  const query = useQuery(cardOptions(projectId, releaseId));
  return (
    <Loaded query={query}>
      {(text) => (text.trim() ? <Markdown text={withoutPlots(text)} /> : <Text c="dimmed">{t("card.empty")}</Text>)}
    </Loaded>
  );
}

/** Drawings stand in the card as code that a browser may not run. */
const withoutPlots = (text: string) => text.replace(/<svg.*?<\/svg>/gsu, "").replace(/\n{3,}/gu, "\n\n");
