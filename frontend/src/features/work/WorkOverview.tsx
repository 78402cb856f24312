import { Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconCircleCheck, IconHourglass, IconUsersGroup } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import type { Claim } from "@/shared/api/types";
import { workOptions } from "./api";
import { ReturnedAnswers } from "./history/ReturnedAnswers";
import { OpenClaims } from "./OpenClaims";
import { QueuedAnswers } from "./outbox/QueuedAnswers";
import { MyHours } from "./pace/MyHours";
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
        const hasNothing = claims.length === 0 && queues.every((queue) => !queue.available);
        // One reason for all is said once; else each queue says its own.
        const [why, another] = new Set(queues.map((queue) => queue.no_work));
        const shared = hasNothing && !another ? why : null;
        return (
          <Stack gap="xl">
            <QueuedAnswers />
            <OpenClaims claims={claims} />
            <ReturnedAnswers onClaim={onClaim} />
            {shared && (
              <EmptyState
                icon={shared === "empty" ? IconCircleCheck : IconHourglass}
                title={t(`no_work.${shared}.title`)}
              >
                {t(`no_work.${shared}.detail`)}
              </EmptyState>
            )}
            <Stack gap="sm" component="section">
              <Title order={2}>{t("work.queues")}</Title>
              <WorkQueues queues={queues} saysWhy={!shared} onClaim={onClaim} />
            </Stack>
            <MyHours />
          </Stack>
        );
      }}
    </Loaded>
  );
}
