import { Button, Code, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconFileText } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { JobProgress } from "@/shared/components/JobProgress";
import { LinkButton } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { StateBadge } from "@/shared/components/StateBadge";
import { isFinal } from "@/shared/api/live";
import { useFormat } from "@/shared/i18n/useFormat";
import { AgreementBySplit } from "./AgreementBySplit";
import { releaseHome, releaseOptions } from "./api";
import { Asked } from "./Asked";
import { CountTable } from "./CountTable";
import { DataCard } from "./DataCard";
import { Difference } from "./Difference";
import { LeftOut } from "./LeftOut";
import { ReleaseFiles } from "./ReleaseFiles";
import { ReleaseJob } from "./ReleaseJob";
import { ReleaseTags } from "./ReleaseTags";
import { ReleaseViews } from "./ReleaseViews";
import { StaleNotice } from "./StaleNotice";

interface Props {
  projectId: number;
  releaseId: number;
  mayTrain: boolean;
  mayFreeze: boolean;
}

export function ReleaseView({ projectId, releaseId, mayTrain, mayFreeze }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(releaseOptions(projectId, releaseId));
  return (
    <Loaded query={query}>
      {(release) => {
        const isFrozen = release.digest_sha256 !== "" && isFinal(release.state) && release.files.length > 0;
        // What holds words that were taken back is handed out to nobody.
        const isUsable = isFrozen && release.stale_at === null;
        const train = mayTrain && isUsable && (
          <LinkButton to="/projects/$projectId/runs/new" params={{ projectId }} search={{ release: release.id }}>
            {t("releases.train")}
          </LinkButton>
        );
        return (
          <Stack gap="lg">
            <StaleNotice projectId={projectId} release={release} mayFreeze={mayFreeze} />
            <Panel
              title={t("releases.records")}
              actions={
                <Group gap="sm">
                  <StateBadge state={isFrozen ? "frozen" : release.state} />
                  {train}
                  {mayFreeze && !isFrozen && <ReleaseJob projectId={projectId} release={release} />}
                </Group>
              }
            >
              {!isFrozen && (
                <JobProgress state={release.state} done={release.progress_done} total={release.progress_total} />
              )}
              {release.error && (
                <Text c="red" role="alert">
                  {release.error}
                </Text>
              )}
              {isFrozen && (
                <Stack gap={4}>
                  <Text size="sm" c="dimmed">
                    {t("releases.digest")}
                    {release.frozen_at && ` · ${format.dateTime(release.frozen_at)}`}
                  </Text>
                  <Code style={{ overflowWrap: "anywhere" }}>{release.digest_sha256}</Code>
                </Stack>
              )}
              {isFrozen && <ReleaseTags projectId={projectId} release={release} mayTag={mayFreeze} />}
              <Asked selection={release.selection} />
              <CountTable counts={release.counts} />
              <LeftOut leftOut={release.left_out} />
              {isFrozen && (
                <Group>
                  <Button
                    component="a"
                    href={`${releaseHome(projectId, releaseId)}/manifest/`}
                    target="_blank"
                    variant="default"
                    leftSection={<IconFileText size={16} />}
                  >
                    {t("releases.manifest")}
                  </Button>
                </Group>
              )}
            </Panel>
            {isUsable && <AgreementBySplit projectId={projectId} releaseId={releaseId} />}
            {isUsable && <ReleaseViews projectId={projectId} releaseId={releaseId} mayWrite={mayFreeze} />}
            {isUsable && <DataCard projectId={projectId} releaseId={releaseId} />}
            {isUsable && <Difference projectId={projectId} release={release} />}
            {isFrozen && <ReleaseFiles projectId={projectId} release={release} />}
          </Stack>
        );
      }}
    </Loaded>
  );
}
