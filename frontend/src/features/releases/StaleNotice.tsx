import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import { releasesOptions } from "@/shared/api/queries";
import type { Release } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { correctRelease } from "./api";

interface Props {
  projectId: number;
  release: Release;
  mayFreeze: boolean;
}

/** Words in it were taken back: nobody gets it any more, and one click freezes what takes its place. */
export function StaleNotice({ projectId, release, mayFreeze }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const correcting = useMutation({
    mutationFn: () => correctRelease(projectId, release.id),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: releasesOptions(projectId).queryKey });
      await navigate({ to: "/projects/$projectId/releases/$releaseId", params: { projectId, releaseId: made.id } });
    },
  });
  if (!release.stale_at) return null;
  return (
    <Alert color="orange" icon={<IconAlertTriangle />} title={t("stale.title")}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {t("stale.detail")} {release.purged_at && t("stale.purged", { when: format.dateTime(release.purged_at) })}
        </Text>
        <List size="sm">
          {release.withdrawn.map((one) => (
            <List.Item key={`${one.kind} ${one.at}`}>
              {t(`stale.kind.${one.kind}`)} · {format.dateTime(one.at)} ·{" "}
              {t("stale.answers", { count: one.answers, shown: format.integer(one.answers) })}
            </List.Item>
          ))}
        </List>
        <ProblemNotice error={correcting.error} />
        {mayFreeze && (
          <Button size="sm" loading={correcting.isPending} onClick={() => correcting.mutate()}>
            {t("stale.correct")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
