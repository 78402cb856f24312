import { Anchor, Code, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { SPLITS } from "@/shared/api/types";
import { LeftOut } from "./LeftOut";
import { releaseHome, viewsOptions } from "./api";

/** The release as trainers read it. A view may lose something; it says what. */
export function ReleaseViews({ projectId, releaseId }: { projectId: number; releaseId: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(viewsOptions(projectId, releaseId));
  return (
    <Panel title={t("releases.views")} description={t("releases.views_detail")}>
      <Loaded query={query}>
        {(views) => (
          <Stack gap="lg">
            {views.map((view) => (
              <div key={view.name}>
                <Group justify="space-between" gap="sm">
                  <Code fz="sm">{view.name}</Code>
                  <Group gap="md">
                    {SPLITS.map((split) => (
                      <Anchor
                        key={split}
                        size="sm"
                        download
                        href={`${releaseHome(projectId, releaseId)}/views/${view.name}/${split}/`}
                      >
                        {t(`split.${split}`)} {format.integer(view.rows[split])}
                      </Anchor>
                    ))}
                  </Group>
                </Group>
                <Text size="sm" mt={4}>
                  {view.title}
                </Text>
                {view.loses.length > 0 && (
                  <Text size="sm" c="dimmed">
                    {t("releases.loses")} {view.loses.join("; ")}
                  </Text>
                )}
                <LeftOut leftOut={view.left_out} />
              </div>
            ))}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}
