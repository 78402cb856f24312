import { Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconCircleCheck, IconUsersGroup } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import type { Claim } from "@/shared/api/types";
import { workOptions } from "./api";
import { ReturnedAnswers } from "./history/ReturnedAnswers";
import { OpenClaims } from "./OpenClaims";
import { QueuedAnswers } from "./outbox/QueuedAnswers";
import { WorkQueues } from "./WorkQueues";

export function WorkOverview({ onClaim }: { onClaim: (claim: Claim) => void }) {
  const { t } = useTranslation();
  const query = useQuery({ ...workOptions, refetchInterval: 15_000 });
  return (
    <Loaded query={query} loading={<Loading rows={2} height={150} />}>
      {({ queues, claims }) => {
        if (queues.length === 0) {
          return (
            <EmptyState icon={IconUsersGroup} title={t("work.no_queues")}>
              {t("work.no_queues_detail")}
            </EmptyState>
          );
        }
        const allDone = claims.length === 0 && queues.every((queue) => !queue.available);
        return (
          <Stack gap="xl">
            <QueuedAnswers />
            <OpenClaims claims={claims} />
            <ReturnedAnswers onClaim={onClaim} />
            {allDone && (
              <EmptyState icon={IconCircleCheck} title={t("work.all_done")}>
                {t("work.all_done_detail")}
              </EmptyState>
            )}
            <Stack gap="sm" component="section">
              <Title order={2}>{t("work.queues")}</Title>
              <WorkQueues queues={queues} onClaim={onClaim} />
            </Stack>
          </Stack>
        );
      }}
    </Loaded>
  );
}
