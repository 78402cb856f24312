import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconScale } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { agreementOptions } from "./api";
import { ProtocolAgreement } from "./ProtocolAgreement";

/** How far people agree, protocol by protocol. */
export function AgreementView({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const query = useQuery(agreementOptions(projectId));
  return (
    <Loaded query={query} loading={<Loading rows={2} height={320} />}>
      {(reports) =>
        reports.length === 0 ? (
          <EmptyState icon={IconScale} title={t("agreement.empty")}>
            {t("agreement.empty_detail")}
          </EmptyState>
        ) : (
          <Stack gap="xl">
            {reports.map((report) => (
              <ProtocolAgreement key={report.protocol.id} projectId={projectId} report={report} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}
