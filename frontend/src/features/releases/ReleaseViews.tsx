import { ActionIcon, Anchor, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { IconLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { JobProgress } from "@/shared/components/JobProgress";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { problemText } from "@/shared/components/Problem";
import { asProblem } from "@/shared/api/problem";
import type { ReleaseView, ViewFormat } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { LeftOut } from "./LeftOut";
import { formatsOptions, releaseHome, signedLink, viewsOptions } from "./api";
import { ViewDialog } from "./ViewDialog";

interface Props {
  projectId: number;
  releaseId: number;
  mayWrite: boolean;
}

/** The release as trainers read it: written when asked for, and kept. A view may lose something; it says what. */
export function ReleaseViews({ projectId, releaseId, mayWrite }: Props) {
  const { t } = useTranslation();
  const formats = useQuery(formatsOptions());
  const views = useQuery(viewsOptions(projectId, releaseId));
  const written = views.data ?? [];
  return (
    <Panel title={t("releases.views")} description={t("releases.views_detail")}>
      <Loaded query={formats}>
        {(all) => (
          <Stack gap="lg">
            {all.map((format) => (
              <Stack key={format.id} gap={4}>
                <Group justify="space-between" gap="sm">
                  <Text size="sm">{format.label}</Text>
                  {mayWrite && <WriteView projectId={projectId} releaseId={releaseId} format={format} />}
                </Group>
                <Text size="sm" c="dimmed" lineClamp={1} title={format.loses.join("; ")}>
                  {t("releases.loses")} {format.loses.join("; ")}
                </Text>
                {written
                  .filter((view) => view.format === format.id)
                  .map((view) => (
                    <Written key={view.id} home={releaseHome(projectId, releaseId)} view={view} />
                  ))}
              </Stack>
            ))}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}

function WriteView({ projectId, releaseId, format }: { projectId: number; releaseId: number; format: ViewFormat }) {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure();
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={dialog.open}
        aria-label={t("releases.write_view_as", { format: format.label })}
      >
        {t("releases.write_view")} …
      </Button>
      {opened && <ViewDialog projectId={projectId} releaseId={releaseId} format={format} onClose={dialog.close} />}
    </>
  );
}

function Written({ home, view }: { home: string; view: ReleaseView }) {
  const format = useFormat();
  if (view.state !== "done")
    return (
      <div>
        <JobProgress state={view.state} done={view.progress_done} total={view.progress_total} />
        {view.error && (
          <Text size="sm" c="red" role="alert">
            {view.error}
          </Text>
        )}
      </div>
    );
  return (
    <div>
      <Group gap="md">
        <Code>{view.format}</Code>
        <Chosen options={view.options} />
        {view.files.map((file) => (
          <Group key={file.path} gap={2}>
            <Anchor size="sm" download href={`${home}/views/${view.id}/files/${file.path}`} title={file.sha256}>
              {file.path} {format.integer(file.rows)}
            </Anchor>
            <CopyLink address={`${home}/views/${view.id}/files/${file.path}`} path={file.path} />
          </Group>
        ))}
      </Group>
      <LeftOut leftOut={view.left_out} />
    </div>
  );
}

/** Which choices were made, of those that the format leaves open. */
function Chosen({ options }: { options: Record<string, unknown> }) {
  const made = Object.entries(options).map(([name, value]) => `${name.replaceAll("_", " ")} ${String(value)}`);
  return made.length > 0 ? (
    <Text size="xs" c="dimmed">
      {made.join(" · ")}
    </Text>
  ) : null;
}

/** Copies an address that reads the file without signing in, until it ends. */
function CopyLink({ address, path }: { address: string; path: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const copying = useMutation({
    mutationFn: async () => {
      const link = await signedLink(address);
      await navigator.clipboard.writeText(link.address);
      return link;
    },
    onSuccess: (link) => announce(t("downloads.copied", { until: format.dateTime(link.expires_at) })),
    onError: (error) => announce(problemText(asProblem(error), t)),
  });
  return (
    <ActionIcon
      size="sm"
      variant="subtle"
      color="gray"
      aria-label={t("downloads.copy_link", { path })}
      title={t("downloads.copy_link", { path })}
      onClick={() => copying.mutate()}
    >
      <IconLink size={14} />
    </ActionIcon>
  );
}
